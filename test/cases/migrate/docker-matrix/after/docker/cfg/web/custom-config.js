config.tokenLogoutUrl = "https://meet.netz.example/_ostiary/sign-out";
