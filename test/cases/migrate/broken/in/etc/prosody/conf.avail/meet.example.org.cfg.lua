VirtualHost "meet.example.org"
    authentication = "token
