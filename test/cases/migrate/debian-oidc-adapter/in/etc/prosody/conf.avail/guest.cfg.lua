VirtualHost "guest.meet.firma.example"
    authentication = "jitsi-anonymous"
    c2s_require_encryption = false
