config.tokenLogoutUrl = "https://rdv.example.org/_ostiary/sign-out";
