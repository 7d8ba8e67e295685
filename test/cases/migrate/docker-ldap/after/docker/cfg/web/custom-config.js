config.tokenLogoutUrl = "https://meet.stadt.example/_ostiary/sign-out";
