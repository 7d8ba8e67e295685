component_admins_as_room_owners = true

plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/" }

-- domain mapper options, must at least have domain base set to use the mapper
muc_mapper_domain_base = "meet.netz.example";

external_service_secret = "turn-not-for-print";

VirtualHost "meet.netz.example"
    authentication = "matrix_user_verification"
    app_id = "issuer"
    uvs_base_url = "https://uvs.netz.example"
    uvs_auth_token = "not-for-print-uvs"
    uvs_sync_power_levels = true
    -- Properties below are modified by jitsi-meet-tokens package config
    -- and authentication above is switched to "token"
    --app_id="example_app_id"
    --app_secret="example_app_secret"
    -- Assign this host a certificate for TLS, otherwise it would use the one
    -- set in the global section (if any).
    ssl = {
        key = "/etc/prosody/certs/meet.netz.example.key";
        certificate = "/etc/prosody/certs/meet.netz.example.crt";
    }
    av_moderation_component = "avmoderation.meet.netz.example"
    -- we need bosh
    modules_enabled = {
        "bosh";
        "websocket";
        "smacks";
        "ping"; -- Enable mod_ping
        "external_services";
        "muc_lobby_rooms";
    }
    c2s_require_encryption = false
    lobby_muc = "lobby.meet.netz.example"
    main_muc = "conference.meet.netz.example"

Component "conference.meet.netz.example" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "muc_hide_all";
        "muc_meeting_id";
        "muc_domain_mapper";
        --"token_verification";
        "muc_rate_limit";
        "muc_password_whitelist";
    }
    admins = { "focus@auth.meet.netz.example" }
    muc_password_whitelist = {
        "focus@auth.meet.netz.example"
    }
    muc_room_locking = false
    muc_room_default_public_jids = true

VirtualHost "auth.meet.netz.example"
    modules_enabled = {
        "limits_exception";
        "smacks";
    }
    authentication = "internal_hashed"
    smacks_hibernation_time = 15;

VirtualHost "recorder.meet.netz.example"
    modules_enabled = {
      "smacks";
    }
    authentication = "internal_hashed"
