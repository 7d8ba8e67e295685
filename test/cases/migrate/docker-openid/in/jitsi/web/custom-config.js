config.disableDeepLinking = true;
config.tokenAuthUrl = 'https://auth.meet.example.org/room/{room}';
