component_admins_as_room_owners = true

plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/" }

-- domain mapper options, must at least have domain base set to use the mapper
muc_mapper_domain_base = "jitsi.schule.example";

external_service_secret = "turn-not-for-print";

VirtualHost "jitsi.schule.example"
    authentication = "token" -- do not delete me
    -- Properties below are modified by jitsi-meet-tokens package config
    -- and authentication above is switched to "token"
    app_id="myappid"
    app_secret="myappsecret"
    -- Assign this host a certificate for TLS, otherwise it would use the one
    -- set in the global section (if any).
    ssl = {
        key = "/etc/prosody/certs/jitsi.schule.example.key";
        certificate = "/etc/prosody/certs/jitsi.schule.example.crt";
    }
    av_moderation_component = "avmoderation.jitsi.schule.example"
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
    lobby_muc = "lobby.jitsi.schule.example"
    main_muc = "conference.jitsi.schule.example"

Component "conference.jitsi.schule.example" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "muc_hide_all";
        "muc_meeting_id";
        "muc_domain_mapper";
        "token_verification";
        "token_affiliation";
        "muc_rate_limit";
        "muc_password_whitelist";
    }
    admins = { "focus@auth.jitsi.schule.example" }
    muc_password_whitelist = {
        "focus@auth.jitsi.schule.example"
    }
    muc_room_locking = false
    muc_room_default_public_jids = true

VirtualHost "auth.jitsi.schule.example"
    modules_enabled = {
        "limits_exception";
        "smacks";
    }
    authentication = "internal_hashed"
    smacks_hibernation_time = 15;

VirtualHost "recorder.jitsi.schule.example"
    modules_enabled = {
      "smacks";
    }
    authentication = "internal_hashed"
