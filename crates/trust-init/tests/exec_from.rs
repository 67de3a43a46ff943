//! `exec --from`: stores that cannot be opened, and certificates that they lack of what variables name.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;

use common::{EXAMPLE, Room, Run, exec, pem, root, trust_init, trusted, two};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::geteuid;

const VARIABLES: [&str; 11] = [
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PERL_LWP_SSL_CA_FILE",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS",
    "NODE_EXTRA_CA_CERTS",
];

/// A build with the two roots of [`two`] as its base.
fn built(room: &Room) -> String {
    let base = room.file("base.pem", two());
    let out = room.out();
    trust_init(["build", "--ca", EXAMPLE, "--base", &base, "--out", &out]).succeeded();
    out
}

/// The warning about lost certificates, or nothing.
fn warning(room: &Room, variables: &[(&str, &str)]) -> String {
    let run = exec(room, variables, &["--from", &room.out()], &["true"]).succeeded();
    let mut lines = run.stderr.lines();
    let warning = lines.find(|line| line.contains("warning[not-merged]"));
    warning.unwrap_or_default().to_owned()
}

#[test]
fn a_store_that_cannot_be_opened_is_an_error() {
    let room = Room::new();
    let out = built(&room);
    let store = room.path("out/python/cacert.pem");
    let run = || -> Run { exec(&room, &[], &["--from", &out], &["true"]) };
    let refused = |reason: &str| {
        let words = ["/out/python/cacert.pem", reason, "--mounted-at"];
        run().failed(125, &words);
    };
    run().succeeded();
    fs::remove_file(&store).unwrap();
    refused("no such file");
    symlink("cacert.pem", &store).unwrap();
    refused("error[unreadable]");
    fs::remove_file(&store).unwrap();
    fs::create_dir(&store).unwrap();
    refused("a directory, not a file");
    fs::remove_dir(&store).unwrap();
    mknodat(CWD, &store, FileType::Fifo, Mode::RUSR, 0).unwrap();
    refused("a pipe (FIFO), not a file");
    fs::remove_file(&store).unwrap();
    let _socket = UnixListener::bind(&store).unwrap();
    refused("error[unreadable]");
    fs::remove_file(&store).unwrap();
    fs::write(&store, "").unwrap();
    fs::set_permissions(&store, Permissions::from_mode(0o0)).unwrap();
    // No mode keeps root from reading.
    if !geteuid().is_root() {
        refused("permission denied");
    }
}

#[test]
fn a_bundle_whose_certificates_are_in_the_stores_loses_nothing() {
    let room = Room::new();
    let out = built(&room);
    let trusted = trusted(0, common::TRUSTS_SERVERS);
    let commented = format!("# Főtanúsítvány\n{}# the end\n", two());
    for text in [
        two(),
        commented,
        two().replace('\n', "\r\n"),
        two().replace("-----\nMII", "-----\nM\nII"),
        two().replace("CERTIFICATE", "X509 CERTIFICATE"),
        trusted,
        String::from("<html>sign in</html>"),
        String::new(),
    ] {
        let bundle = room.file("bundle.pem", &text);
        assert_eq!(warning(&room, &[("SSL_CERT_FILE", &bundle)]), "", "{text}");
    }
    let binary = room.file("root.der", root(1));
    assert_eq!(warning(&room, &[("SSL_CERT_FILE", &binary)]), "");
    // The stores themselves, by any path.
    let own = format!("{out}/os/ca-certificates.crt");
    let (link, other) = (room.path("link"), room.path("other"));
    symlink(&own, &link).unwrap();
    fs::hard_link(&own, &other).unwrap();
    for path in [&own[..], link.to_str().unwrap(), other.to_str().unwrap()] {
        assert_eq!(warning(&room, &[("SSL_CERT_FILE", path)]), "");
    }
}

#[test]
fn each_certificate_that_the_stores_lack_is_counted_once() {
    let room = Room::new();
    built(&room);
    let more = two() + &pem("CERTIFICATE", &root(2)) + &pem("CERTIFICATE", &root(3));
    for text in [
        more.clone(),
        more.clone() + &more,
        more.replace('\n', "\r\n"),
        more.replace("CERTIFICATE", "X509 CERTIFICATE"),
        more.replacen("CERTIFICATE", "TRUSTED CERTIFICATE", 2),
        more.replacen("-----BEGIN", "\u{feff}-----BEGIN", 1),
    ] {
        let bundle = room.file("bundle.pem", &text);
        let found = warning(&room, &[("PIP_CERT", &bundle)]);
        let expected = ": PIP_CERT: names ";
        assert!(found.contains(expected), "{text}\n{found}");
        assert!(
            found.contains("but 2 of its certificates are missing from "),
            "{text}\n{found}"
        );
    }
    let binary = room.file("root.der", root(2));
    assert!(warning(&room, &[("PIP_CERT", &binary)]).contains("but 1 of its"));
}

#[test]
fn one_bundle_that_all_variables_name_is_one_warning() {
    let room = Room::new();
    built(&room);
    let more = room.file("more.pem", two() + &pem("CERTIFICATE", &root(2)));
    let found = warning(&room, &VARIABLES.map(|name| (name, &more[..])));
    assert!(found.contains(&VARIABLES.join(", ")), "{found}");
    assert!(
        found.ends_with(&format!("missing from the stores: {more} (1)")),
        "{found}"
    );
    let same = room.file("same.pem", two());
    assert_eq!(warning(&room, &VARIABLES.map(|name| (name, &same[..]))), "");
}

#[test]
fn what_no_client_reads_loses_nothing() {
    let room = Room::new();
    built(&room);
    let hashed = room.path("hashed");
    fs::create_dir(&hashed).unwrap();
    fs::write(hashed.join("aaaaaaaa.0"), pem("CERTIFICATE", &root(2))).unwrap();
    let pipe = room.path("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
    for path in [
        hashed.to_str().unwrap(),
        pipe.to_str().unwrap(),
        "/missing.pem",
        "/dev/null",
    ] {
        let found = warning(&room, &[("REQUESTS_CA_BUNDLE", path)]);
        assert_eq!(found, "", "{path}");
    }
}

#[test]
fn a_keystore_is_opened_with_its_own_password() {
    let room = Room::new();
    built(&room);
    let base = room.file("more.pem", two() + &pem("CERTIFICATE", &root(2)));
    let password = room.file("password", "of-the-store");
    for (form, name) in [
        ("pkcs12-encrypted", "truststore.p12"),
        ("jks", "truststore.jks"),
    ] {
        let theirs = room.path(form).to_str().unwrap().to_owned();
        let options = ["--java-store", form, "--java-password-file", &password];
        let build = ["build", "--ca", EXAMPLE, "--base", &base, "--out", &theirs];
        trust_init([&build[..], &options, &["--mounted-at", "/t"]].concat()).succeeded();
        let lost = |password: &str| {
            let options = format!(
                "-Djavax.net.ssl.trustStore={theirs}/java/{name} \
                 -Djavax.net.ssl.trustStorePassword={password}"
            );
            warning(&room, &[("JDK_JAVA_OPTIONS", &options)])
        };
        let found = lost("of-the-store");
        assert!(found.contains(": JDK_JAVA_OPTIONS: names "), "{found}");
        assert!(found.contains("but 1 of its certificates"), "{found}");
        if form == "pkcs12-encrypted" {
            assert_eq!(lost("another"), "");
        }
    }
}
