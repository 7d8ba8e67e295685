plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/" }

-- domain mapper options, must at least have domain base set to use the mapper
muc_mapper_domain_base = "meet.uni.example";

external_service_secret = "tUrN-not-for-print";
external_services = {
     { type = "stun", host = "meet.uni.example", port = 3478 },
     { type = "turn", host = "meet.uni.example", port = 3478, transport = "udp", secret = true, ttl = 86400, algorithm = "turn" },
};

cross_domain_bosh = false;
consider_bosh_secure = true;

VirtualHost "meet.uni.example"
    authentication = "jitsi-anonymous" -- do not delete me
    -- Properties below are modified by jitsi-meet-tokens package config
    -- and authentication above is switched to "token"
    --app_id="example_app_id"
    --app_secret="example_app_secret"
    ssl = {
        key = "/etc/prosody/certs/meet.uni.example.key";
        certificate = "/etc/prosody/certs/meet.uni.example.crt";
    }
    modules_enabled = {
        "bosh";
        "websocket";
        "smacks";
        "external_services";
        "conference_duration";
        "muc_lobby_rooms";
    }
    c2s_require_encryption = false
    lobby_muc = "lobby.meet.uni.example"
    main_muc = "conference.meet.uni.example"

Component "conference.meet.uni.example" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "muc_hide_all";
        "muc_meeting_id";
        "muc_domain_mapper";
        --"token_verification";
        "muc_rate_limit";
    }
    admins = { "focus@auth.meet.uni.example" }
    muc_room_locking = false
    muc_room_default_public_jids = true

Component "internal.auth.meet.uni.example" "muc"
    storage = "memory"
    modules_enabled = {
        "muc_hide_all";
        "ping";
    }
    admins = { "focus@auth.meet.uni.example", "jvb@auth.meet.uni.example" }

VirtualHost "auth.meet.uni.example"
    modules_enabled = {
        "limits_exception";
    }
    authentication = "internal_hashed"

Component "focus.meet.uni.example" "client_proxy"
    target_address = "focus@auth.meet.uni.example"
