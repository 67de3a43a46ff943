//! `exec` as a user runs it: which stores the command finds, and where they are written.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use common::{
    EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, certificates, command, environment, exec, pem, root,
    trust_init,
};

/// The directories that exec left.
fn left(room: &Room) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(room.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("trust-init-"))
        .collect();
    names.sort();
    names
}

const CA: [&str; 4] = ["--ca", EXAMPLE, "--base", "mozilla"];

#[test]
fn every_variable_names_a_file_that_is_there() {
    let room = Room::new();
    let found = environment(&room, &[], &CA);
    for name in [
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
    ] {
        assert!(certificates(&found[name]) > 100, "{name}");
    }
    assert_eq!(certificates(&found["NODE_EXTRA_CA_CERTS"]), 2);
    let store = found["JAVA_TOOL_OPTIONS"].strip_prefix("-Djavax.net.ssl.trustStore=");
    assert!(fs::read(store.unwrap()).unwrap().len() > 10_000);
    // Nothing else is written, and nothing else is set.
    assert_eq!(left(&room).len(), 1);
    assert!(
        !Path::new(&room.path(".").join(&left(&room)[0]))
            .join("manifest.json")
            .exists()
    );
    assert!(found.keys().all(|name| !name.starts_with("TRUST_INIT")));
    assert_eq!(found["PATH"], "/usr/bin:/bin");
}

#[test]
fn the_variables_of_an_image_do_not_count_if_the_command_line_says_so() {
    let room = Room::new();
    let out = room.path("elsewhere");
    let variables = [
        ("TRUST_INIT_OUT", out.to_str().unwrap()),
        ("TRUST_INIT_DENY", "expired"),
        ("TRUST_INIT_DENNY", "expired"),
    ];
    let options = ["--ca", EXAMPLE_WITH_EXPIRED, "--base", "mozilla"];
    let refused = exec(&room, &variables, &options, &["true"]);
    refused.failed(125, &["error[expired]"]);
    let ignoring = [&options[..], &["--ignore-variables"]].concat();
    let done = exec(&room, &variables, &ignoring, &["true"]).succeeded();
    assert!(!done.stderr.contains("TRUST_INIT_DEN"), "{}", done.stderr);
    assert!(!out.exists());
}

#[test]
fn a_platforms_cas_reach_node() {
    let room = Room::new();
    let platform = ["--ca", EXAMPLE, "--base", EXAMPLE_WITH_EXPIRED];
    let found = environment(&room, &[], &platform);
    assert_eq!(found["NODE_EXTRA_CA_CERTS"], found["SSL_CERT_FILE"]);
    // Stores of an earlier build say so themselves.
    let out = room.out();
    let build = [&["build", "--out", &out][..], &platform].concat();
    trust_init(build).succeeded();
    let found = environment(&room, &[], &["--from", &out]);
    let merged = format!("{out}/os/ca-certificates.crt");
    assert_eq!(found["NODE_EXTRA_CA_CERTS"], merged);
}

#[test]
fn what_a_variable_names_is_merged_and_not_lost() {
    let room = Room::new();
    let own = room.file("own.pem", pem("CERTIFICATE", &root(0)));
    let node = room.file("node.pem", pem("CERTIFICATE", &root(1)));
    let set = [
        ("SSL_CERT_FILE", own.as_str()),
        ("REQUESTS_CA_BUNDLE", &own),
        ("NODE_EXTRA_CA_CERTS", &node),
    ];
    let alone = ["--ca", EXAMPLE, "--base", "none"];
    let found = environment(&room, &set, &alone);
    // The file named, Node's, and the customer's two.
    assert_eq!(certificates(&found["SSL_CERT_FILE"]), 4);
    assert_eq!(found["NODE_EXTRA_CA_CERTS"], found["SSL_CERT_FILE"]);
    assert_eq!(certificates(&found["REQUESTS_CA_BUNDLE"]), 3);
    // curl's variable was not set: it read the image's own until now.
    let found = environment(&room, &set, &["--ca", EXAMPLE]);
    assert!(certificates(&found["CURL_CA_BUNDLE"]) > 100);
    // Node alone takes nothing away from the others.
    let found = environment(&room, &set[2..], &["--ca", EXAMPLE]);
    assert!(certificates(&found["SSL_CERT_FILE"]) > 100);
    assert!(certificates(&found["REQUESTS_CA_BUNDLE"]) > 100);
    // Without a merged bundle there is nothing that Node could be pointed at.
    let run = exec(&room, &set, &["--ca", EXAMPLE, "--only", "java"], &["env"]).succeeded();
    assert!(
        run.stdout
            .contains(&format!("NODE_EXTRA_CA_CERTS={node}\n"))
    );
    assert!(
        run.stderr
            .contains("warning[keep-env]: NODE_EXTRA_CA_CERTS: ")
    );
    // As before, with the customer's CAs in none of them.
    let kept = exec(&room, &set, &["--ca", EXAMPLE, "--keep-env"], &["env"]).succeeded();
    assert!(
        kept.stdout.contains(&format!("SSL_CERT_FILE={own}\n")),
        "{kept:#?}"
    );
    assert!(
        kept.stderr.contains(
            "warning[keep-env]: SSL_CERT_FILE, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS: "
        ),
        "{kept:#?}"
    );
    assert!(kept.stdout.contains("JAVA_TOOL_OPTIONS=-D"), "{kept:#?}");
    // A missing one is reported, and another store takes its place.
    let missing = [("SSL_CERT_FILE", "/missing.pem")];
    let run = exec(
        &room,
        &missing,
        &["--ca", EXAMPLE],
        &["sh", "-c", "grep -c BEGIN $SSL_CERT_FILE"],
    );
    let run = run.succeeded();
    assert!(
        run.stderr
            .contains("/missing.pem: named by SSL_CERT_FILE: no such file"),
        "{run:#?}"
    );
    assert!(run.stdout.trim().parse::<usize>().unwrap() > 100);
}

#[test]
fn a_truststore_that_options_name_is_merged() {
    let room = Room::new();
    let first = room.file("first.pem", pem("CERTIFICATE", &root(0)));
    let theirs = room.path("their store").to_str().unwrap().to_owned();
    trust_init([
        "build",
        "--ca",
        &first,
        "--base",
        "none",
        "--out",
        &theirs,
        "--java-store",
        "pkcs12-encrypted",
        "--mounted-at",
        "/t",
    ])
    .succeeded();
    let options = format!(
        "-Xmx64m -Djavax.net.ssl.trustStore=\"{theirs}/java/truststore.p12\" -Dnote='a b' \
         -Djavax.net.ssl.trustStorePassword=changeit"
    );
    let set = [
        ("JAVA_TOOL_OPTIONS", options.as_str()),
        ("JDK_JAVA_OPTIONS", "-Dx=1"),
    ];
    let found = environment(&room, &set, &["--ca", EXAMPLE]);
    assert!(!found.contains_key("_JAVA_OPTIONS"));
    let ours = &found["JAVA_TOOL_OPTIONS"];
    assert!(
        ours.starts_with("-Xmx64m -Djavax.net.ssl.trustStore=/"),
        "{ours}"
    );
    assert!(
        ours.ends_with("/java/truststore.p12 -Dnote='a b'"),
        "{ours}"
    );
    assert_eq!(found["JDK_JAVA_OPTIONS"], "-Dx=1");
    let store = ours
        .split("trustStore=")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    let shown = trust_init(["inspect", store, "--format", "pem"]).succeeded();
    assert_eq!(shown.stdout.matches("BEGIN").count(), 3);
}

#[test]
fn a_relative_path_starts_at_the_working_directory() {
    let room = Room::new();
    room.file("own.pem", pem("CERTIFICATE", &root(0)));
    let run = command()
        .args(["exec", "-q", "--ca", EXAMPLE, "--base", "none", "--"])
        .args(["sh", "-c", "grep -c BEGIN $SSL_CERT_FILE"])
        .env("SSL_CERT_FILE", "own.pem")
        .env("TMPDIR", room.path("."))
        .current_dir(room.path("."))
        .output();
    let run = Run::from(run.unwrap()).succeeded();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("3\n", ""));
}

#[test]
fn a_store_without_certificates_is_reported_and_the_images_own_is_used() {
    let room = Room::new();
    let page = room.file("page.pem", "<html>sign in</html>");
    let set = [("SSL_CERT_FILE", page.as_str())];
    let run = exec(
        &room,
        &set,
        &["--ca", EXAMPLE],
        &["sh", "-c", "grep -c BEGIN $SSL_CERT_FILE"],
    );
    let run = run.succeeded();
    assert!(
        run.stderr
            .contains("named by SSL_CERT_FILE: found no certificate"),
        "{run:#?}"
    );
    assert!(run.stderr.contains("base for os"), "{run:#?}");
    assert!(run.stdout.trim().parse::<usize>().unwrap() > 100);
}

#[test]
fn the_customers_password_is_not_that_of_the_image() {
    let room = Room::new();
    let own = room.file("own.pem", pem("CERTIFICATE", &root(0)));
    let image = room
        .path("image/opt/java/jdk/lib/security")
        .to_str()
        .unwrap()
        .to_owned();
    trust_init([
        "build",
        "--ca",
        &own,
        "--base",
        "none",
        "--java-store",
        "jks",
        "--out",
        &image,
    ])
    .succeeded();
    let security = Path::new(&image);
    fs::rename(
        security.join("java/truststore.jks"),
        security.join("cacerts"),
    )
    .unwrap();
    let password = room.file("password", "another");
    let image = room.path("image").to_str().unwrap().to_owned();
    trust_init([
        "build",
        "--ca",
        EXAMPLE,
        "--ca-password-file",
        &password,
        "--base",
        "auto",
        "--root",
        &image,
        "--out",
        &room.out(),
    ])
    .succeeded();
    let sources = room.manifest()["sources"].to_string();
    assert!(sources.contains("/lib/security/cacerts"), "{sources}");
    let shown = trust_init([
        "inspect",
        &format!("{}/java/truststore.p12", room.out()),
        "--format",
        "pem",
    ]);
    assert_eq!(shown.stdout.matches("BEGIN").count(), 3);
}

#[test]
fn a_place_that_others_can_change_is_the_last() {
    let room = Room::new();
    fs::set_permissions(room.path("."), Permissions::from_mode(0o777)).unwrap();
    let found = environment(&room, &[], &CA);
    assert!(
        found["SSL_CERT_FILE"].starts_with("/tmp/trust-init-"),
        "{found:?}"
    );
    assert!(left(&room).is_empty());
    fs::set_permissions(room.path("."), Permissions::from_mode(0o1777)).unwrap();
    environment(&room, &[], &CA);
    assert_eq!(left(&room).len(), 1);
}

#[test]
fn restarts_leave_one_directory() {
    let room = Room::new();
    for _ in 0..10 {
        exec(&room, &[], &CA, &["true"]).succeeded();
    }
    assert_eq!(left(&room).len(), 1, "{:?}", left(&room));
    let directory = room.path(&left(&room)[0]);
    let mode = fs::metadata(&directory).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

type Trap<'a> = (&'a str, Box<dyn Fn() + 'a>);

#[test]
fn what_waits_at_the_name_is_neither_used_nor_touched() {
    let room = Room::new();
    exec(&room, &[], &CA, &["true"]).succeeded();
    let name = left(&room)[0].clone();
    let ours = room.path(&name);
    let hostile = room.path("hostile");
    fs::create_dir(&hostile).unwrap();
    let traps: [Trap<'_>; 4] = [
        ("a link", Box::new(|| symlink(&hostile, &ours).unwrap())),
        ("a file", Box::new(|| fs::write(&ours, "x").unwrap())),
        (
            "other bytes",
            Box::new(|| {
                fs::create_dir_all(ours.join("os")).unwrap();
                fs::write(ours.join("os/ca-certificates.crt"), "evil").unwrap();
            }),
        ),
        (
            "writable by others",
            Box::new(|| {
                exec(&room, &[], &CA, &["true"]).succeeded();
                fs::set_permissions(&ours, Permissions::from_mode(0o777)).unwrap();
            }),
        ),
    ];
    for (what, set) in traps {
        fs::remove_dir_all(&ours)
            .or_else(|_| fs::remove_file(&ours))
            .unwrap();
        set();
        let shown = environment(&room, &[], &CA);
        let used = Path::new(&shown["SSL_CERT_FILE"])
            .ancestors()
            .nth(2)
            .unwrap();
        assert_ne!(used, ours, "{what}");
        assert!(certificates(&shown["SSL_CERT_FILE"]) > 100, "{what}");
        assert_eq!(fs::read_dir(&hostile).unwrap().count(), 0, "{what}");
        // Again: the other directory is found, and no third one made.
        assert_eq!(environment(&room, &[], &CA), shown, "{what}");
        assert_eq!(left(&room).len(), 2, "{what}: {:?}", left(&room));
        fs::remove_dir_all(used).unwrap();
    }
}

#[test]
fn stores_of_a_build_are_taken_as_they_are() {
    let room = Room::new();
    let out = room.out();
    trust_init(["build", "--ca", EXAMPLE, "--out", &out]).succeeded();
    let found = environment(&room, &[], &["--from", &out]);
    assert_eq!(
        found["SSL_CERT_FILE"],
        format!("{out}/os/ca-certificates.crt")
    );
    assert!(left(&room).is_empty());
    // A variable of the pod's template gives way to the flag.
    environment(&room, &[("TRUST_INIT_CA", EXAMPLE)], &["--from", &out]);
    let own = room.file(
        "own.pem",
        fs::read_to_string(format!(
            "{}/tests/vectors/certificates/renewed.pem",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../..")
        ))
        .unwrap(),
    );
    let run = exec(&room, &[("PIP_CERT", &own)], &["--from", &out], &["env"]).succeeded();
    assert!(
        run.stderr.contains("warning[not-merged]: PIP_CERT: names"),
        "{run:#?}"
    );
    assert!(
        run.stdout
            .contains(&format!("PIP_CERT={out}/python/cacert.pem\n"))
    );
    let run = exec(
        &room,
        &[("NODE_EXTRA_CA_CERTS", &own)],
        &["--from", &out],
        &["true"],
    );
    assert!(
        run.succeeded()
            .stderr
            .contains("warning[not-merged]: NODE_EXTRA_CA_CERTS: names")
    );
    exec(&room, &[], &["--from", "/missing"], &["true"]).failed(125, &["/missing/trust.env"]);
    let empty = room.path("empty");
    fs::create_dir(&empty).unwrap();
    fs::write(empty.join("trust.env"), "").unwrap();
    exec(&room, &[], &["--from", empty.to_str().unwrap()], &["true"])
        .failed(125, &["not a trust.env that build wrote"]);
    let other = room.path("elsewhere").to_str().unwrap().to_owned();
    trust_init([
        "build",
        "--ca",
        EXAMPLE,
        "--out",
        &other,
        "--mounted-at",
        "/trust-is-not-here",
    ])
    .succeeded();
    exec(&room, &[], &["--from", &other], &["true"])
        .failed(125, &["/trust-is-not-here/", "--mounted-at"]);
}

#[test]
fn all_is_written_where_out_says() {
    let room = Room::new();
    let out = room.out();
    let found = environment(&room, &[], &[&CA[..], &["--out", &out]].concat());
    assert_eq!(
        found["SSL_CERT_FILE"],
        format!("{out}/os/ca-certificates.crt")
    );
    assert!(room.manifest()["artifacts"].as_array().unwrap().len() > 100);
    // Set by the pod's template to what an earlier run wrote: that is no base.
    let set = [("SSL_CERT_FILE", found["SSL_CERT_FILE"].as_str())];
    let other = room.file("other.pem", pem("CERTIFICATE", &root(0)));
    environment(&room, &set, &["--ca", &other, "--out", &out]);
    let sources = room.manifest()["sources"].to_string();
    assert!(!sources.contains(&format!("{out}/os")), "{sources}");
}

#[test]
fn a_password_is_put_into_no_variable() {
    let room = Room::new();
    let password = room.file("password", "secret-of-the-store");
    let options = [
        "--java-store",
        "pkcs12-encrypted",
        "--java-password-file",
        &password,
    ];
    let run = exec(&room, &[], &[&CA[..], &options].concat(), &["env"]);
    let run = run.failed(
        125,
        &["--java-password-file: exec would have to put the password into a variable"],
    );
    assert!(!run.stderr.contains("secret-of"), "{run:#?}");
}
