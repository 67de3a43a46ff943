//! `exec` and variables that decide what a client trusts, and that are not ours.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{
    EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, certificates, environment, exec, pairs, pem, root,
    trust_init,
};

const CA: [&str; 4] = ["--ca", EXAMPLE, "--base", "mozilla"];

#[test]
fn variables_of_other_clients_are_merged_if_they_are_set() {
    let room = Room::new();
    let own = room.file("own.pem", pem("CERTIFICATE", &root(0)));
    let set = [
        ("CARGO_HTTP_CAINFO", own.as_str()),
        ("npm_config_cafile", &own),
        ("DENO_CERT", "/nowhere/ca.pem"),
        ("CONDA_SSL_VERIFY", "true"),
    ];
    let run = exec(&room, &set, &["--ca", EXAMPLE, "--base", "none"], &["env"]).succeeded();
    let found = pairs(&run);
    for name in ["CARGO_HTTP_CAINFO", "npm_config_cafile"] {
        assert_eq!(found[name], found["SSL_CERT_FILE"]);
    }
    // What they named, and the customer's two.
    assert_eq!(certificates(&found["SSL_CERT_FILE"]), 3);
    assert_eq!(found["DENO_CERT"], "/nowhere/ca.pem");
    assert_eq!(found["CONDA_SSL_VERIFY"], "true");
    assert!(!found.contains_key("COMPOSER_CAFILE"));
    let warning = "programs ignore the stores: DENO_CERT (Deno)\n";
    assert!(run.stderr.contains(warning), "{run:#?}");
    // Left alone if the user wants that, or if there is no bundle.
    for option in ["--keep-env", "--only=java"] {
        let run = exec(&room, &set, &["--ca", EXAMPLE, option], &["env"]).succeeded();
        assert_eq!(pairs(&run)["CARGO_HTTP_CAINFO"], own, "{option}");
        assert!(run.stderr.contains("CARGO_HTTP_CAINFO (cargo)"), "{run:#?}");
    }
}

#[test]
fn stores_of_an_earlier_build_take_nothing_from_other_clients() {
    let room = Room::new();
    let out = room.out();
    let own = room.file("own.pem", pem("CERTIFICATE", &root(0)));
    let merged = format!("{out}/os/ca-certificates.crt");
    let set = [("CARGO_HTTP_CAINFO", own.as_str())];
    for (base, expected) in [(EXAMPLE_WITH_EXPIRED, &own), (&own, &merged)] {
        trust_init(["build", "--ca", EXAMPLE, "--base", base, "--out", &out]).succeeded();
        let run = exec(&room, &set, &["--from", &out], &["env"]).succeeded();
        assert_eq!(pairs(&run)["CARGO_HTTP_CAINFO"], *expected, "{run:#?}");
        let warns = run
            .stderr
            .contains("programs ignore the stores: CARGO_HTTP_CAINFO (cargo)\n");
        assert_eq!(warns, *expected == own, "{run:#?}");
        assert!(!run.stderr.contains("not-merged"), "{run:#?}");
    }
}

/// `LWP::UserAgent` verifies no host names with `HTTPS_CA_FILE`.
#[test]
fn perl_gets_no_public_roots_if_it_checks_no_host_names() {
    let room = Room::new();
    let own = room.file("own.pem", pem("CERTIFICATE", &root(0)));
    for other in ["HTTPS_CA_FILE", "HTTPS_CA_DIR", "PERL_LWP_SSL_CA_PATH"] {
        let run = exec(&room, &[(other, &own)], &CA, &["env"]).succeeded();
        let found = pairs(&run);
        assert!(!found.contains_key("PERL_LWP_SSL_CA_FILE"), "{run:#?}");
        assert_eq!(found[other], own);
        let warning = format!("programs ignore the stores: {other} (Perl's LWP)\n");
        assert!(run.stderr.contains(&warning), "{run:#?}");
        let both = [(other, own.as_str()), ("PERL_LWP_SSL_CA_FILE", &own)];
        let run = exec(&room, &both, &CA, &["env"]).succeeded();
        assert_eq!(pairs(&run)["PERL_LWP_SSL_CA_FILE"], own);
        let warning = "warning[keep-env]: PERL_LWP_SSL_CA_FILE: left unchanged, because ";
        assert!(run.stderr.contains(warning), "{run:#?}");
    }
    let run = exec(&room, &[("PERL_LWP_SSL_CA_FILE", &own)], &CA, &["env"]).succeeded();
    let found = pairs(&run);
    assert_eq!(found["PERL_LWP_SSL_CA_FILE"], found["SSL_CERT_FILE"]);
}

#[test]
fn a_database_s_root_is_widened_only_on_request() {
    let room = Room::new();
    let own = room.file("own.pem", pem("CERTIFICATE", &root(0)));
    let pinned = [("PGSSLROOTCERT", own.as_str())];
    let alone = ["--ca", EXAMPLE, "--base", "none"];
    let request = [&alone[..], &["--set-variable", "PGSSLROOTCERT"]].concat();
    assert!(!environment(&room, &[], &alone).contains_key("PGSSLROOTCERT"));
    let run = exec(&room, &pinned, &alone, &["env"]).succeeded();
    assert_eq!(pairs(&run)["PGSSLROOTCERT"], own);
    assert_eq!(certificates(&pairs(&run)["SSL_CERT_FILE"]), 2);
    assert!(
        run.stderr
            .contains("PGSSLROOTCERT (libpq: psql, psycopg; asyncpg)")
    );
    for (set, count) in [(&[][..], 2), (&pinned, 3)] {
        let found = environment(&room, set, &request);
        assert_eq!(found["PGSSLROOTCERT"], found["SSL_CERT_FILE"]);
        assert_eq!(certificates(&found["PGSSLROOTCERT"]), count);
    }
    // With a file instead, libpq would no longer insist on verify-full.
    let found = environment(&room, &[("PGSSLROOTCERT", "system")], &request);
    assert_eq!(found["PGSSLROOTCERT"], "system");
    let refused = [&["--only", "java"], &request[..]].concat();
    exec(&room, &[], &refused, &["true"]).failed(125, &["--set-variable: ", "--only java"]);
    let unknown = [&alone[..], &["--set-variable", "PGSSLCERT"]].concat();
    exec(&room, &[], &unknown, &["true"])
        .failed(125, &["invalid value 'PGSSLCERT'", "PGSSLROOTCERT"]);
    // A build writes it, env prints it, and exec reads it back or adds it.
    let out = room.out();
    let build = [&["build", "--out", &out], &alone[..]].concat();
    trust_init(&build).succeeded();
    let from = ["--from", &out];
    assert!(!environment(&room, &[], &from).contains_key("PGSSLROOTCERT"));
    let added = [&from[..], &["--set-variable", "PGSSLROOTCERT"]].concat();
    let bundle = format!("{out}/os/ca-certificates.crt");
    assert_eq!(environment(&room, &[], &added)["PGSSLROOTCERT"], bundle);
    trust_init([&build[..], &["--set-variable", "PGSSLROOTCERT"]].concat()).succeeded();
    assert_eq!(environment(&room, &[], &from)["PGSSLROOTCERT"], bundle);
    let printed = trust_init(["env", "--set-variable", "PGSSLROOTCERT"]).succeeded();
    let line = "export PGSSLROOTCERT=/trust/os/ca-certificates.crt\n";
    assert!(printed.stdout.contains(line), "{printed:#?}");
}

#[test]
fn unknown_variables_that_name_a_ca_are_named() {
    let room = Room::new();
    let ca = room.file("ca.pem", pem("CERTIFICATE", &root(0)));
    let text = room.file("text.pem", "no certificate\n");
    let set = [
        ("EXAMPLE_CA_FILE", ca.as_str()),
        ("example_ssl_roots", &ca),
        ("EXAMPLE_TLS_DIRECTORY", "/etc"),
        ("EXAMPLE_CERT", &text),
        ("EXAMPLE_SSL", "ca.pem"),
        ("CATALOG", &ca),
        ("CUSTOMER_CA", EXAMPLE),
    ];
    let warning = "name CAs for clients that trust-init does not know: \
                   EXAMPLE_CA_FILE, example_ssl_roots\n";
    let run = exec(&room, &set, &CA, &["true"]).succeeded();
    assert!(run.stderr.contains(warning), "{run:#?}");
    let run = exec(&room, &set[2..], &CA, &["true"]).succeeded();
    assert!(!run.stderr.contains("does not know"), "{run:#?}");
}
