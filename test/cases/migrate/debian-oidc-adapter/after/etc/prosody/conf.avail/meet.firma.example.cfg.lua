component_admins_as_room_owners = true

plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/", "/etc/prosody/ostiary/" }
ostiary_url = "http://127.0.0.1:8081/_ostiary"
ostiary_secret_file = "/etc/prosody/ostiary/secret"

-- domain mapper options, must at least have domain base set to use the mapper
muc_mapper_domain_base = "meet.firma.example";

external_service_secret = "turn-not-for-print";

VirtualHost "meet.firma.example"
    authentication = "token" -- do not delete me
    signature_algorithm = "HS256"
    enable_domain_verification = true
    -- Properties below are modified by jitsi-meet-tokens package config
    -- and authentication above is switched to "token"
    app_id="firma"
    app_secret="Zq8wEr5tYu2iOp9aSd6fGh3jKl0xCv7b-not-for-print"
    allow_empty_token = false
    -- Assign this host a certificate for TLS, otherwise it would use the one
    -- set in the global section (if any).
    ssl = {
        key = "/etc/prosody/certs/meet.firma.example.key";
        certificate = "/etc/prosody/certs/meet.firma.example.crt";
    }
    av_moderation_component = "avmoderation.meet.firma.example"
    -- we need bosh
    modules_enabled = {
        "ostiary";
        "bosh";
        "websocket";
        "smacks";
        "persistent_lobby";
        "ping"; -- Enable mod_ping
        "external_services";
        "muc_lobby_rooms";
    }
    c2s_require_encryption = false
    lobby_muc = "lobby.meet.firma.example"
    main_muc = "conference.meet.firma.example"

Component "conference.meet.firma.example" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "token_affiliation";
        "muc_hide_all";
        "muc_meeting_id";
        "muc_domain_mapper";
        "token_verification";
--         "muc_wait_for_host";
        "muc_rate_limit";
        "muc_password_whitelist";
    }
    admins = { "focus@auth.meet.firma.example" }
    muc_password_whitelist = {
        "focus@auth.meet.firma.example"
    }
    muc_room_locking = false
    muc_room_default_public_jids = true

VirtualHost "auth.meet.firma.example"
    modules_enabled = {
        "limits_exception";
        "smacks";
    }
    authentication = "internal_hashed"
    smacks_hibernation_time = 15;

VirtualHost "recorder.meet.firma.example"
    modules_enabled = {
      "smacks";
    }
    authentication = "internal_hashed"
