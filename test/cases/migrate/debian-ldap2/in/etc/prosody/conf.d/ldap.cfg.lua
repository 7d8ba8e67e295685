ldap = {
    hostname = "localhost",
    bind_dn = "cn=leser,dc=hof,dc=example",
    bind_password = "not-for-print-ldap2",
    use_tls = false,
    user = {
        basedn = "ou=users,dc=hof,dc=example",
        filter = "(&(objectClass=posixAccount)(mail=*@hof.example))",
        usernamefield = "mail",
        namefield = "cn",
    },
    groups = {
        basedn = "ou=groups,dc=hof,dc=example",
        memberfield = "memberUid",
        { name = "everyone", cn = "all" },
    },
}
