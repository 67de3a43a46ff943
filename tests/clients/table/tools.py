"""Programs that scripts and containers call."""

from table.client import ENVIRONMENT, OS_BUNDLE, Client, Line, shell

PEER = "a=${1#https://}; a=${a%/}"
S_CLIENT = (
    r'printf "GET / HTTP/1.0\r\n\r\n" | openssl s_client -brief -verify_return_error -connect $a'
)

CLIENTS = (
    Client("curl", ("curl", "-sS", "--max-time", "20"), ("CURL_CA_BUNDLE", "SSL_CERT_FILE")),
    Client(
        "git",
        ("git", "ls-remote"),
        ("GIT_SSL_CAINFO",),
        env={"GIT_CONFIG_NOSYSTEM": "1"},
        succeeds=False,
    ),
    Client(
        "wget",
        ("wget", "-nv", "-O", "/dev/null", "--tries=1", "--timeout=20"),
        line=Line(f"ca_certificate = {OS_BUNDLE}", "/etc/wgetrc, ~/.wgetrc", {"WGETRC": "{file}"}),
    ),
    shell(
        "aria2",
        'aria2c --dry-run --max-tries=1 "--${CONFIGURATION:-no-conf}" $1',
        line=Line(
            f"ca-certificate={OS_BUNDLE}",
            "~/.config/aria2/aria2.conf",
            {"CONFIGURATION": "conf-path={file}"},
        ),
    ),
    shell("openssl s_client", f"{PEER}; {S_CLIENT}", "SSL_CERT_FILE"),
    shell(
        "psql",
        f'{PEER}; psql -w "postgresql://user@$a/base?sslmode=verify-full"',
        line=Line(f"PGSSLROOTCERT={OS_BUNDLE}", ENVIRONMENT),
        own_roots=True,
        starttls="postgres",
        succeeds=False,
    ),
)
