"""JavaScript, Go, Rust, Ruby, PHP, Perl and R, each with its package manager."""

import os
from pathlib import Path

import image
from table.client import ENVIRONMENT, OS_BUNDLE, Client, Line, shell

NODE_VARIABLE = ("NODE_EXTRA_CA_CERTS",)
# Its roots are compiled in, and the variable adds to them.
ON_NODE = {"own_roots": True, "adds": True}
FETCH = (
    "node",
    "-e",
    'require("https").get(process.argv[1], a => a.resume()).on("error", e => { throw e })',
)

# An answer that is in its cache would be no call.
NPM_VIEW = "npm view none --cache=$PWD/cache --fetch-retries=0 --registry $1"
JAVASCRIPT = (
    Client("Node", FETCH, NODE_VARIABLE, **ON_NODE),
    Client(
        "Node where the image sets its variable",
        FETCH,
        NODE_VARIABLE,
        env={"NODE_EXTRA_CA_CERTS": str(image.OS_BUNDLE)},
    ),
    shell(
        "npm",
        NPM_VIEW,
        *NODE_VARIABLE,
        succeeds=False,
        **ON_NODE,
    ),
    shell(
        "npm where an npmrc has cafile",
        f"echo cafile={image.OS_BUNDLE} > npmrc && npm_config_userconfig=$PWD/npmrc {NPM_VIEW}",
        line=Line(f"npm_config_cafile={OS_BUNDLE}", ENVIRONMENT),
        succeeds=False,
    ),
    shell(
        "Yarn 1",
        "yarn add none --non-interactive --registry $1",
        *NODE_VARIABLE,
        succeeds=False,
        **ON_NODE,
    ),
    shell(
        "pnpm",
        "pnpm add none --config.fetch-retries=0 --registry $1",
        *NODE_VARIABLE,
        succeeds=False,
        **ON_NODE,
    ),
    Client("Deno", ("deno", "eval", "await fetch(Deno.args[0])"), NODE_VARIABLE, **ON_NODE),
    Client("Bun", ("bun", "-e", "await fetch(process.argv.at(-1))"), ("SSL_CERT_FILE",), own_roots=True),
)

GO = (
    Client("Go", ("fetch-go",), ("SSL_CERT_FILE",)),
    Client(
        "kubectl",
        ("kubectl", "get", "--raw=/", "--token=none", "--request-timeout=10s", "--server"),
        ("SSL_CERT_FILE",),
    ),
    Client("Helm", ("helm", "show", "chart", "none", "--repo"), ("SSL_CERT_FILE",), succeeds=False),
)

RUST = (
    Client("rustls-native-certs", ("fetch-rust",), ("SSL_CERT_FILE",)),
    shell(
        "cargo",
        'CARGO_HOME=$PWD cargo search none --index "sparse+$1"',
        "SSL_CERT_FILE",
        # cargo can be rustup's, which looks for toolchains in the home directory.
        env={"RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))},
        succeeds=False,
    ),
)

GEMFILE = r'printf "source \"%s\"\ngem \"none\"\n" $1 > Gemfile'
RUBY = (
    Client(
        "Ruby net/http",
        ("ruby", "-rnet/http", "-e", "Net::HTTP.get(URI(ARGV[0]))"),
        ("SSL_CERT_FILE",),
    ),
    shell("Bundler", f"{GEMFILE} && bundle lock --retry 0", "SSL_CERT_FILE", succeeds=False),
)

PHP_CURL = "$c = curl_init($argv[1]); curl_exec($c) || throw new Exception(curl_error($c));"
REPOSITORY = r'''printf '{"repositories": [{"type": "composer", "url": "%s"}]}' $1 > composer.json'''
PHP = (
    Client(
        "PHP streams",
        ("php", "-r", "exit(file_get_contents($argv[1]) === false ? 1 : 0);"),
        ("SSL_CERT_FILE",),
    ),
    Client(
        "PHP curl",
        ("php", "-r", PHP_CURL),
        line=Line(
            f"curl.cainfo = {OS_BUNDLE}",
            "php.ini, or a file of conf.d",
            {"PHP_INI_SCAN_DIR": ":{directory}"},
        ),
    ),
    shell(
        "Composer",
        f"{REPOSITORY} && composer show --available --no-interaction none/none",
        "SSL_CERT_FILE",
        env={"COMPOSER_ALLOW_SUPERUSER": "1"},
        succeeds=False,
    ),
)

PERL = (
    Client(
        "Perl HTTP::Tiny",
        (
            *("perl", "-MHTTP::Tiny", "-e"),
            "$a = HTTP::Tiny->new(verify_SSL => 1)->get($ARGV[0]); die %$a unless $a->{success}",
        ),
        ("SSL_CERT_FILE",),
    ),
    Client(
        "Perl LWP",
        (
            *("perl", "-MLWP::UserAgent", "-e"),
            "$a = LWP::UserAgent->new->get($ARGV[0]); die $a->as_string unless $a->is_success",
        ),
        ("PERL_LWP_SSL_CA_FILE",),
    ),
)

R_CURL = (
    'handle <- get0("handle", ifnotfound = curl::new_handle());'
    "invisible(curl::curl_fetch_memory(commandArgs(TRUE)[1], handle))"
)
R = (
    Client(
        "R download.file",
        # It removes the file of a download that failed: no /dev/null.
        ("Rscript", "-e", "download.file(commandArgs(TRUE)[1], tempfile())"),
        ("CURL_CA_BUNDLE",),
    ),
    Client(
        "R curl",
        ("Rscript", "-e", R_CURL),
        line=Line(
            f'handle <- curl::new_handle(cainfo = "{OS_BUNDLE}")',
            "the program, which hands the handle to each call",
            {"R_PROFILE_USER": "{file}"},
        ),
    ),
    Client(
        "R httr",
        ("Rscript", "-e", "invisible(httr::GET(commandArgs(TRUE)[1]))"),
        line=Line(
            f'httr::set_config(httr::config(cainfo = "{OS_BUNDLE}"))',
            "the program or its Rprofile",
            {"R_PROFILE_USER": "{file}"},
        ),
    ),
)
