config.tokenLogoutUrl = "https://meet.klub.example/_ostiary/sign-out";
