-- Prosody's own file
admins = { }
modules_enabled = {

    -- Generally required
        "disco"; -- Service discovery
        "roster"; -- Allow users to have a roster. Recommended ;)
        "saslauth"; -- Authentication for clients and servers. Recommended if you want to log in.
        "tls"; -- Add support for secure TLS on c2s/s2s connections
}
modules_disabled = {
    -- "offline"; -- Store offline messages
}
authentication = "internal_hashed"
log = {
    info = "/var/log/prosody/prosody.log";
    { levels = { "error" }; to = "syslog"; };
}
certificates = "certs"
VirtualHost "localhost"
Include "conf.d/*.cfg.lua"
