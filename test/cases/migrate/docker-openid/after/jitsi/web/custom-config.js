config.disableDeepLinking = true;
// config.tokenAuthUrl = 'https://auth.meet.example.org/room/{room}';
config.tokenLogoutUrl = "https://meet.example.org/_ostiary/sign-out";
