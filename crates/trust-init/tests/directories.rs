//! Directories as platforms make them: certificates next to what is none.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use common::{EXAMPLE, Room, Run, command, pem, root, trust_init, two};
use trust_stores::{Bundle, Certificate, JavaFormat, Password, java};

/// A made-up key, as a marker and base64; no part of it may appear anywhere.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp\n-----END PRIVATE KEY-----\n";

fn ca(index: usize) -> String {
    pem("CERTIFICATE", &root(index))
}

/// A store of the form with the roots of these indices.
fn store(indices: &[usize], format: JavaFormat, password: &str) -> Vec<u8> {
    let roots = indices
        .iter()
        .map(|index| Certificate::from_der(root(*index)).unwrap());
    let roots: Vec<Certificate> = roots.collect();
    let bundle = Bundle::new(&roots).unwrap();
    java::encode(&bundle, format, &Password::new(password)).unwrap()
}

fn encrypted(indices: &[usize], password: &str) -> Vec<u8> {
    store(indices, JavaFormat::Pkcs12Encrypted, password)
}

/// A directory with these files; gives its path.
fn directory(room: &Room, files: &[(&str, &[u8])]) -> String {
    for (name, content) in files {
        room.file(&format!("in/{name}"), content);
    }
    room.path("in").to_str().unwrap().to_owned()
}

fn build(room: &Room, options: &[&str]) -> Run {
    let out = room.out();
    let mut arguments = vec!["build", "--base", "none", "--out", &out];
    arguments.extend(options);
    trust_init(arguments)
}

/// Builds from a directory with these files: `kept` certificates, and each of `passed_over` is reported and
/// in the manifest. Every other command agrees.
#[track_caller]
fn taken(files: &[(&str, &[u8])], kept: usize, passed_over: &[&str]) -> Run {
    let room = Room::new();
    let path = directory(&room, files);
    let run = build(&room, &["--ca", &path]).succeeded();
    let manifest = room.manifest();
    let anchors = manifest["certificates"].as_array().unwrap();
    let anchors = anchors
        .iter()
        .filter(|one| one["verdict"] == "kept")
        .count();
    assert_eq!(anchors, kept, "{run:#?}");
    let none = Vec::new();
    let said = manifest["passedOver"].as_array().unwrap_or(&none);
    let said: Vec<&str> = said
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = passed_over
        .iter()
        .map(|name| format!("{path}/{name}"))
        .collect();
    assert_eq!(said, expected);
    let line = run
        .stderr
        .lines()
        .find(|line| line.contains("info[passed-over]"));
    assert_eq!(line.is_some(), !passed_over.is_empty(), "{run:#?}");
    for name in passed_over {
        assert!(line.unwrap().contains(name), "{name} in {line:?}");
    }
    for arguments in [
        vec!["check", &path],
        vec!["inspect", &path],
        vec!["render", "--ca", &path, "--base", "none"],
    ] {
        let run = trust_init(arguments).succeeded();
        assert!(
            line.is_none_or(|line| run.stderr.contains(line)),
            "{run:#?}"
        );
    }
    run
}

/// A directory with these files is refused by each command with `words`, and nothing of it is printed.
#[track_caller]
fn refused(files: &[(&str, &[u8])], words: &[&str]) -> Run {
    let room = Room::new();
    let path = directory(&room, files);
    let run = build(&room, &["--ca", &path]).failed(3, words);
    assert!(!room.path("out").exists());
    let checked = trust_init(["check", &path]);
    assert_ne!(checked.code, 0, "{checked:#?}");
    for word in words.iter().filter(|_| checked.code == 1) {
        assert!(checked.stdout.contains(word), "{word}: {checked:#?}");
    }
    for (_, content) in files {
        let content = String::from_utf8_lossy(content);
        let secret = content
            .lines()
            .find(|line| line.len() >= 8 && !line.contains("-----"));
        let is_secret = content.contains("PRIVATE KEY") || !content.contains("-----");
        if let Some(secret) = secret.filter(|_| is_secret) {
            assert!(!format!("{run:?}{checked:?}").contains(secret), "{run:#?}");
        }
    }
    run
}

#[test]
fn a_servicebinding_io_binding_is_read() {
    let (one, two) = (ca(0), ca(1));
    taken(
        &[
            ("type", b"ca-certificates\n"),
            ("ca-certificate-1.pem", one.as_bytes()),
        ],
        1,
        &["type"],
    );
    taken(
        &[
            ("type", b"postgresql"),
            ("provider", b"bitnami"),
            ("host", b"db.example.com"),
            ("port", b"5432"),
            (
                "uri",
                b"postgresql://u@db.example.com/x?sslmode=verify-full",
            ),
            ("username", b"app"),
            ("password", b"not-a-store's"),
            ("database", b"app"),
            ("sslmode", b"verify-full"),
            ("pool.max-size", b"10\n"),
            ("certificates", [one, two].concat().as_bytes()),
        ],
        2,
        &[
            "database",
            "host",
            "password",
            "pool.max-size",
            "port",
            "provider",
            "sslmode",
            "type",
            "uri",
            "username",
        ],
    );
}

#[test]
fn the_key_of_a_binding_is_refused() {
    refused(
        &[
            ("type", b"mysql"),
            ("certificates", ca(0).as_bytes()),
            ("private-key", KEY.as_bytes()),
        ],
        &[
            "in/private-key:1: found a private key",
            "hint: of this directory",
            "--ca ",
            "in/certificates",
            "items",
        ],
    );
}

#[test]
fn the_cas_secret_of_strimzi_is_read() {
    let pkcs12 = encrypted(&[0], "O5AGkQSlB9Ah");
    taken(
        &[
            ("ca.crt", ca(0).as_bytes()),
            ("ca.p12", &pkcs12),
            ("ca.password", b"O5AGkQSlB9Ah"),
            ("ca-2023-06-01T12-00-00Z.crt", ca(1).as_bytes()),
        ],
        2,
        &["ca.password"],
    );
}

#[test]
fn the_users_secret_of_strimzi_names_what_to_give() {
    refused(
        &[
            ("ca.crt", ca(0).as_bytes()),
            ("user.crt", ca(1).as_bytes()),
            ("user.key", KEY.as_bytes()),
            ("user.p12", &encrypted(&[2], "user-secret")),
            ("user.password", b"user-secret"),
        ],
        &[
            "in/user.key:1: found a private key",
            "--ca ",
            "in/ca.crt",
            "items",
        ],
    );
}

#[test]
fn a_service_account_is_read() {
    taken(
        &[
            ("ca.crt", ca(0).as_bytes()),
            ("service-ca.crt", ca(1).as_bytes()),
            ("namespace", b"customer-1"),
            ("token", b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.MEUCIQDx0kq3Zp-_kRrWnq2MEUCIQDx0kq3Zp"),
        ],
        2,
        &["namespace", "token"],
    );
}

#[test]
fn trust_managers_stores_are_read_next_to_its_pem() {
    taken(
        &[
            ("ca-bundle.crt", two().as_bytes()),
            ("bundle.jks", &store(&[0, 1], JavaFormat::Jks, "changeit")),
            ("bundle.p12", &encrypted(&[0, 1], "changeit")),
        ],
        2,
        &[],
    );
}

#[test]
fn confluents_password_opens_its_truststore() {
    let jks = store(&[0], JavaFormat::Jks, "mystorepassword");
    let run = taken(
        &[
            ("jksPassword.txt", b"jksPassword=mystorepassword\n"),
            ("truststore.jks", &jks),
        ],
        1,
        &["jksPassword.txt"],
    );
    assert!(!run.stderr.contains("mystorepassword"), "{run:#?}");
    // It is tried: a JKS with another one is read without a check of its integrity, an encrypted store is not.
    let pkcs12 = encrypted(&[0], "mystorepassword");
    taken(
        &[
            ("jksPassword.txt", b"jksPassword=mystorepassword\n"),
            ("truststore.p12", &pkcs12),
        ],
        1,
        &["jksPassword.txt"],
    );
}

#[test]
fn each_store_has_the_password_of_its_name() {
    taken(
        &[
            ("a.p12", &encrypted(&[0], "first-secret")),
            ("a.password", b"first-secret\n"),
            ("b.p12", &encrypted(&[1], "second-secret")),
            ("b.p12.password", b"second-secret\r\n"),
            ("c.pfx", &encrypted(&[2], "third-secret")),
            ("keystore.storepass", b"third-secret"),
        ],
        3,
        &["a.password", "b.p12.password", "keystore.storepass"],
    );
}

#[test]
fn a_password_that_does_not_open_the_store_is_named_and_not_printed() {
    refused(
        &[
            ("ca.crt", ca(0).as_bytes()),
            ("ca.p12", &encrypted(&[0], "right-secret")),
            ("ca.password", b"wrong-secret"),
        ],
        &[
            "in/ca.p12: ",
            "nor does the password in ",
            "in/ca.password",
            "--ca-password-file",
            "in/ca.crt",
        ],
    );
}

#[test]
fn the_password_that_is_named_comes_first_and_those_next_to_a_store_after_it() {
    let room = Room::new();
    let path = directory(
        &room,
        &[
            ("a.p12", &encrypted(&[0], "beside-it")),
            ("a.password", b"beside-it"),
        ],
    );
    let other = room.file("other.p12", encrypted(&[1], "as-named"));
    let named = room.file("named", "as-named\n");
    build(
        &room,
        &["--ca", &path, "--ca", &other, "--ca-password-file", &named],
    )
    .succeeded();
    assert_eq!(room.manifest()["certificates"].as_array().unwrap().len(), 2);
}

#[test]
fn a_password_file_that_an_option_names_is_no_source() {
    let room = Room::new();
    let path = directory(
        &room,
        &[
            ("ca.p12", &encrypted(&[0], "as-named")),
            ("pin", b"as-named\n"),
        ],
    );
    let named = room.path("link");
    symlink("in/pin", &named).unwrap();
    let options = ["--ca", &path, "--ca-password-file", named.to_str().unwrap()];
    let run = build(&room, &options).succeeded();
    assert!(
        run.stderr.contains("no certificates: pin (a password)"),
        "{run:#?}"
    );
    trust_init([
        "inspect",
        &path,
        "--ca-password-file",
        named.to_str().unwrap(),
    ])
    .succeeded();
}

#[test]
fn neither_a_password_nor_its_hash_is_in_the_output() {
    let room = Room::new();
    let certificate = ca(0);
    let path = directory(
        &room,
        &[
            ("ca.crt", certificate.as_bytes()),
            ("ca.password", b"hunter2-hunter2"),
            ("type", b"x"),
        ],
    );
    build(&room, &["--ca", &path]).succeeded();
    let manifest = room.manifest();
    // As sha256sum prints it for the one file with certificates.
    assert_eq!(
        manifest["caBundleHash"],
        trust_stores::Fingerprint::of(certificate.as_bytes()).to_string()
    );
    let text = manifest.to_string();
    assert!(!text.contains("hunter2"), "{text}");
    assert!(
        !text.contains(&trust_stores::Fingerprint::of(b"hunter2-hunter2").to_string()),
        "{text}"
    );
}

#[test]
fn notes_checksums_templates_and_an_editors_copies_are_passed_over() {
    taken(
        &[
            ("ca.crt", ca(0).as_bytes()),
            (".gitkeep", b""),
            ("README.md", b"# The customer's CA\n\nAsk them for it.\n"),
            ("NOTES", b"old\n"),
            ("ca.crt.sha256", b"0f  ca.crt\n"),
            (
                "ca.crt.ctmpl",
                b"{{ with secret \"pki/cert/ca\" }}{{ .Data.certificate }}{{ end }}",
            ),
            ("notes.txt~", b"older\n"),
        ],
        1,
        &[
            "NOTES",
            "README.md",
            "ca.crt.ctmpl",
            "ca.crt.sha256",
            "notes.txt~",
        ],
    );
}

#[test]
fn a_file_with_certificates_or_keys_is_a_source_whatever_its_name() {
    let certificate = ca(0);
    let names = [
        "type",
        "password",
        "README",
        "ca.crt.bak",
        "ca.crt~",
        "token",
        "host",
        "ca.sha256",
        "x.tpl",
    ];
    for name in names {
        taken(&[(name, certificate.as_bytes())], 1, &[]);
        refused(
            &[("ca.crt", certificate.as_bytes()), (name, KEY.as_bytes())],
            &[name, "found a private key"],
        );
    }
}

#[test]
fn what_is_neither_is_an_error_that_names_what_to_give() {
    for (name, content) in [
        ("corporate", &b"404 page not found\n"[..]),
        ("ca-bundle.crt", b""),
        ("service-ca.crt", b"{{ .Values.ca }}"),
        (
            "key.der",
            b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20",
        ),
        ("type", b"\x00\x01\x02"),
        ("values.json", b"{}"),
    ] {
        refused(
            &[("ca.crt", ca(0).as_bytes()), (name, content)],
            &[
                name,
                "hint: of this directory",
                "--ca ",
                "in/ca.crt",
                "items",
            ],
        );
    }
}

/// Named alone, a store would no longer be tried with the password next to it.
#[test]
fn a_store_that_needs_the_password_next_to_it_is_not_named() {
    let run = refused(
        &[
            ("ca.crt", ca(0).as_bytes()),
            ("ca.p12", &encrypted(&[0], "right-secret")),
            ("ca.password", b"right-secret"),
            ("corporate", b"404 page not found"),
        ],
        &["hint: of this directory", "in/ca.crt"],
    );
    assert!(!run.stderr.contains("ca.p12"), "{run:#?}");
}

#[test]
fn a_directory_without_a_ca_gets_a_hint_without_names() {
    refused(
        &[("tls.crt", b"garbage"), ("note", b"garbage")],
        &["name the file of ", "instead of the directory"],
    );
}

#[test]
fn one_hint_for_a_directory_is_enough() {
    let room = Room::new();
    let path = directory(
        &room,
        &[
            ("a", b"x"),
            ("b", b"y"),
            ("c", b"z"),
            ("ca.crt", ca(0).as_bytes()),
        ],
    );
    let run = build(&room, &["--ca", &path]).failed(3, &["in/a: ", "in/c: "]);
    assert_eq!(
        run.stderr.matches("of this directory").count(),
        1,
        "{run:#?}"
    );
    let checked = trust_init(["check", &path]).failed(1, &[]);
    assert_eq!(
        checked.stdout.matches("of this directory").count(),
        1,
        "{checked:#?}"
    );
}

#[test]
fn a_file_that_is_named_is_never_passed_over() {
    let room = Room::new();
    let path = directory(
        &room,
        &[("type", b"ca-certificates"), ("ca.crt", ca(0).as_bytes())],
    );
    build(&room, &["--ca", &format!("{path}/type")]).failed(3, &["in/type: no certificate found"]);
}

#[test]
fn companions_alone_are_no_source() {
    refused(
        &[("type", b"ca-certificates"), ("provider", b"x")],
        &["in: there is no file with certificates", "hint: "],
    );
}

#[test]
fn a_mounted_volume_is_read_through_its_links() {
    let room = Room::new();
    let data = "in/..2026_11_27_08_00_00.1";
    room.file(&format!("{data}/ca.crt"), ca(0));
    room.file(&format!("{data}/type"), "ca-certificates");
    symlink("..2026_11_27_08_00_00.1", room.path("in/..data")).unwrap();
    for name in ["ca.crt", "type"] {
        symlink(format!("..data/{name}"), room.path("in").join(name)).unwrap();
    }
    let path = room.path("in");
    let run = build(&room, &["--ca", path.to_str().unwrap()]).succeeded();
    assert!(
        run.stderr
            .contains("in: passed over, no certificates: type"),
        "{run:#?}"
    );
}

#[test]
fn subdirectories_are_not_read_and_not_silent() {
    let room = Room::new();
    room.file("in/db/ca.crt", ca(0));
    fs::create_dir(room.path("in/lost+found")).unwrap();
    let path = room.path("in").to_str().unwrap().to_owned();
    // SERVICE_BINDING_ROOT itself, with a directory for each binding.
    for options in [&[][..], &["--optional", "--base", "mozilla"]] {
        let run = trust_init(
            ["build", "--ca", &path, "--out", &room.out()]
                .iter()
                .chain(options),
        );
        run.failed(
            3,
            &["in: there is no file with certificates", "--ca ", "in/db"],
        );
    }
    room.file("in/ca.crt", ca(1));
    let run = build(&room, &["--ca", &path]).succeeded();
    assert!(
        run.stderr.contains("no certificates: db (a directory)"),
        "{run:#?}"
    );
    assert!(!run.stderr.contains("lost+found"), "{run:#?}");
    assert_eq!(room.manifest()["passedOver"][0]["kind"], "directory");
}

#[test]
fn a_base_is_read_in_the_same_way() {
    let room = Room::new();
    let path = directory(
        &room,
        &[
            ("ca.p12", &encrypted(&[0], "base-secret")),
            ("ca.password", b"base-secret"),
            ("type", b"x"),
        ],
    );
    let run = trust_init([
        "build",
        "--ca",
        EXAMPLE,
        "--base",
        &path,
        "--out",
        &room.out(),
    ])
    .succeeded();
    assert!(
        run.stderr
            .contains("passed over, no certificates: ca.password (a password), type"),
        "{run:#?}"
    );
    assert!(!run.stderr.contains("dropped"), "{run:#?}");
    let manifest = room.manifest();
    let base = manifest["sources"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["role"] == "base")
        .unwrap();
    assert_eq!(base["kept"], 1, "{base}");
}

#[test]
fn exec_passes_over_the_same() {
    let room = Room::new();
    let path = directory(&room, &[("ca.crt", ca(0).as_bytes()), ("type", b"x")]);
    let run = command()
        .env("PATH", "/usr/bin:/bin")
        .args([
            "exec",
            "--base",
            "mozilla",
            "--ca",
            &path,
            "--out",
            &room.out(),
            "--",
            "true",
        ])
        .output();
    let run = Run::from(run.unwrap()).succeeded();
    assert!(run.stderr.contains("no certificates: type"), "{run:#?}");
}

/// Directories from the field, in the folder that `TRUST_INIT_FIELD` names.
#[test]
fn directories_from_the_field_are_read() {
    let Some(field) = std::env::var_os("TRUST_INIT_FIELD") else {
        println!("skipped: TRUST_INIT_FIELD names no folder of files from the field");
        return;
    };
    for (name, passed_over) in [
        ("service-binding", "type"),
        ("strimzi-secret", "ca.password"),
    ] {
        let room = Room::new();
        let path = Path::new(&field).join(name);
        let path = path.to_str().unwrap();
        let run = build(&room, &["--ca", path]).succeeded();
        assert!(run.stderr.contains(passed_over), "{run:#?}");
        assert!(run.stderr.contains("kept 1 of"), "{run:#?}");
        trust_init(["check", path]).succeeded();
        trust_init(["inspect", path]).succeeded();
    }
}
