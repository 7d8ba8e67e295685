component_admins_as_room_owners = true

plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/", "/etc/prosody/ostiary/" }
ostiary_url = "http://127.0.0.1:8081/_ostiary"
ostiary_secret_file = "/etc/prosody/ostiary/secret"

-- domain mapper options, must at least have domain base set to use the mapper
muc_mapper_domain_base = "meet.lernen.example";

external_service_secret = "turn-not-for-print";

VirtualHost "meet.lernen.example"
    authentication = "token" -- do not delete me
    signature_algorithm = "HS256"
    allow_empty_token = false
    -- Properties below are modified by jitsi-meet-tokens package config
    -- and authentication above is switched to "token"
    app_id="moodle"
    app_secret="kurz-not-for-print"
    asap_accepted_issuers = { "moodle", "nextcloud" }
    asap_accepted_audiences = { "jitsi", "moodle" }
    enable_domain_verification = false
    -- Assign this host a certificate for TLS, otherwise it would use the one
    -- set in the global section (if any).
    ssl = {
        key = "/etc/prosody/certs/meet.lernen.example.key";
        certificate = "/etc/prosody/certs/meet.lernen.example.crt";
    }
    av_moderation_component = "avmoderation.meet.lernen.example"
    -- we need bosh
    modules_enabled = {
        "ostiary";
        "bosh";
        "websocket";
        "smacks";
        "ping"; -- Enable mod_ping
        "external_services";
        "muc_lobby_rooms";
    }
    c2s_require_encryption = false
    lobby_muc = "lobby.meet.lernen.example"
    main_muc = "conference.meet.lernen.example"

Component "conference.meet.lernen.example" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "token_affiliation";
        "muc_hide_all";
        "muc_meeting_id";
        "muc_domain_mapper";
        "token_verification";
        "muc_rate_limit";
        "muc_password_whitelist";
    }
    admins = { "focus@auth.meet.lernen.example" }
    muc_password_whitelist = {
        "focus@auth.meet.lernen.example"
    }
    muc_room_locking = false
    muc_room_default_public_jids = true

VirtualHost "auth.meet.lernen.example"
    modules_enabled = {
        "limits_exception";
        "smacks";
    }
    authentication = "internal_hashed"
    smacks_hibernation_time = 15;

VirtualHost "recorder.meet.lernen.example"
    modules_enabled = {
      "smacks";
    }
    authentication = "internal_hashed"

-- VirtualHost "guest.meet.lernen.example"
--     authentication = "anonymous"
--     c2s_require_encryption = false
