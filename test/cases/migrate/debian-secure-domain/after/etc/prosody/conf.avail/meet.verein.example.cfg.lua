component_admins_as_room_owners = true

plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/", "/etc/prosody/ostiary/" }
ostiary_url = "http://127.0.0.1:8081/_ostiary"
ostiary_secret_file = "/etc/prosody/ostiary/secret"

-- domain mapper options, must at least have domain base set to use the mapper
muc_mapper_domain_base = "meet.verein.example";

external_service_secret = "turn-not-for-print";
if os.getenv("DEBUG") then log = "debug" end

VirtualHost "meet.verein.example"
    authentication = "internal_hashed"; c2s_timeout = 10
    app_id = "ostiary"
    asap_key_server = "http://127.0.0.1:8081/_ostiary/asap"
    signature_algorithm = "RS256"
    asap_accepted_audiences = { "ostiary" }
    allow_empty_token = false
    enable_domain_verification = true
    -- Assign this host a certificate for TLS, otherwise it would use the one
    -- set in the global section (if any).
    ssl = {
        key = "/etc/prosody/certs/meet.verein.example.key";
        certificate = "/etc/prosody/certs/meet.verein.example.crt";
    }
    av_moderation_component = "avmoderation.meet.verein.example"
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
    lobby_muc = "lobby.meet.verein.example"
    main_muc = "conference.meet.verein.example"

Component "conference.meet.verein.example" "muc"
    restrict_room_creation = true
    storage = "memory"
    modules_enabled = {
        "token_verification";
        "token_affiliation";
        "muc_hide_all";
        "muc_meeting_id";
        "muc_domain_mapper";
        --"token_verification";
        "muc_rate_limit";
        "muc_password_whitelist";
    }
    admins = { "focus@auth.meet.verein.example" }
    muc_password_whitelist = {
        "focus@auth.meet.verein.example"
    }
    muc_room_locking = false
    muc_room_default_public_jids = true

VirtualHost "auth.meet.verein.example"
    modules_enabled = {
        "limits_exception";
        "smacks";
    }
    authentication = "internal_hashed"
    smacks_hibernation_time = 15;

VirtualHost "recorder.meet.verein.example"
    modules_enabled = {
      "smacks";
    }
    authentication = "internal_hashed"

-- VirtualHost "guest.meet.verein.example"
--     authentication = "anonymous"
--     c2s_require_encryption = false

VirtualHost "people.meet.verein.example"
    authentication = "internal_hashed"
