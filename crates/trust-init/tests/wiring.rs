//! The variables that point clients at the stores: in `trust.env` and in each form of `env`.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::process::Command;

use common::{EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, on_a_terminal, snapshot, trust_init};

fn build(room: &Room, arguments: &[&str]) -> Run {
    let out = room.out();
    trust_init([&["build", "--out", &out], arguments].concat())
}

fn read(room: &Room, path: &str) -> String {
    fs::read_to_string(room.path("out").join(path)).unwrap()
}

#[test]
fn the_wiring_names_the_main_containers_paths() {
    let room = Room::new();
    let password = room.file("password", "hunter2\n");
    let mounted = ["--ca", EXAMPLE, "--mounted-at", "/trust/"];
    build(&room, &mounted).succeeded();
    assert_eq!(
        read(&room, "trust.env"),
        "SSL_CERT_FILE=/trust/os/ca-certificates.crt\n\
         CURL_CA_BUNDLE=/trust/os/ca-certificates.crt\n\
         GIT_SSL_CAINFO=/trust/os/ca-certificates.crt\n\
         PERL_LWP_SSL_CA_FILE=/trust/os/ca-certificates.crt\n\
         CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE=/trust/os/ca-certificates.crt\n\
         REQUESTS_CA_BUNDLE=/trust/python/cacert.pem\n\
         PIP_CERT=/trust/python/cacert.pem\n\
         AWS_CA_BUNDLE=/trust/python/cacert.pem\n\
         GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=/trust/python/cacert.pem\n\
         HTTPLIB2_CA_CERTS=/trust/python/cacert.pem\n\
         NODE_EXTRA_CA_CERTS=/trust/custom/client-ca-chain.pem\n\
         JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=/trust/java/truststore.p12\n"
    );
    build(&room, &[&mounted[..], &["--java-store", "jks"]].concat()).succeeded();
    let java = "JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=/trust/java/truststore.jks\n";
    assert!(read(&room, "trust.env").ends_with(java));
    build(
        &room,
        &[&mounted[..], &["--java-store", "pkcs12-mac"]].concat(),
    )
    .succeeded();
    let java = "\"-Djavax.net.ssl.trustStore=/trust/java/truststore.p12 \
                -Djavax.net.ssl.trustStorePassword=changeit\"\n";
    assert!(read(&room, "trust.env").ends_with(java));
    // Of the platform's CAs Node has none.
    let platform = [&mounted[..], &["--base", EXAMPLE_WITH_EXPIRED]].concat();
    build(&room, &platform).succeeded();
    let node = "NODE_EXTRA_CA_CERTS=/trust/os/ca-certificates.crt\n";
    assert!(read(&room, "trust.env").contains(node));
    let java_alone = [&platform[..], &["--only", "java"]].concat();
    build(&room, &java_alone).succeeded();
    let node = "NODE_EXTRA_CA_CERTS=/trust/custom/client-ca-chain.pem\n";
    assert!(read(&room, "trust.env").contains(node));
    let own = [
        "--java-store",
        "pkcs12-mac",
        "--java-password-file",
        &password,
    ];
    build(&room, &[&mounted[..], &own].concat()).succeeded();
    let wiring = read(&room, "trust.env");
    assert!(wiring.contains("trustStorePassword=CHANGE_ME") && !wiring.contains("hunter2"));
    build(&room, &[&mounted[..], &own].concat()).failed(0, &["warning[password]", "CHANGE_ME"]);
    for (content, words) in [("\n", "empty"), ("a\nb\n", "more than one line")] {
        let password = room.file("password", content);
        let own = ["--java-store", "jks", "--java-password-file", &password];
        build(&room, &[&mounted[..], &own].concat())
            .failed(3, &["error[password-file]", "password: ", words]);
    }
}

#[test]
fn the_wiring_is_printed_in_each_form() {
    let shown = |format: &str| trust_init(["env", "--format", format]).succeeded().stdout;
    for format in [
        "shell",
        "dotenv",
        "kubernetes",
        "docker",
        "spark-defaults",
        "spark-submit",
    ] {
        let text = shown(format);
        assert!(text.contains("SSL_CERT_FILE"), "{text}");
        assert!(
            text.contains("-Djavax.net.ssl.trustStore=/trust/java/truststore.p12"),
            "{text}"
        );
    }
    let spark = shown("spark-defaults");
    for property in [
        "spark.kubernetes.driverEnv.SSL_CERT_FILE /trust/os/ca-certificates.crt\n",
        "spark.executorEnv.SSL_CERT_FILE /trust/os/ca-certificates.crt\n",
        "spark.driver.defaultJavaOptions -D",
        "spark.executor.defaultJavaOptions -D",
    ] {
        assert!(spark.contains(property), "{spark}");
    }
    // It does not exist, and Spark says nothing.
    assert!(!spark.contains("spark.kubernetes.executorEnv"));
    let rhel = trust_init(["env", "--os-layout", "rhel", "--mounted-at", "/t"]).succeeded();
    assert!(
        rhel.stdout.contains("=/t/os/pem/tls-ca-bundle.pem\n"),
        "{rhel:#?}"
    );
    // As a build with a base of the platform's own: Node has none of its CAs.
    let node = |base: &str| {
        let shown = trust_init(["env", "--format", "dotenv", "--base", base]).succeeded();
        let mut lines = shown.stdout.lines();
        let line = lines.find_map(|line| line.strip_prefix("NODE_EXTRA_CA_CERTS="));
        line.map(str::to_owned)
    };
    let (chain, merged) = (
        "/trust/custom/client-ca-chain.pem",
        "/trust/os/ca-certificates.crt",
    );
    for base in ["mozilla", "auto", "none"] {
        assert_eq!(node(base).as_deref(), Some(chain), "{base}");
    }
    assert_eq!(node("/platform/ca.pem").as_deref(), Some(merged));
    trust_init(["env", "--format", "xml"]).failed(2, &["shell, dotenv, kubernetes"]);
}

#[test]
fn a_terminal_is_told_of_variables_that_lead_to_nothing() {
    let room = Room::new();
    let missing = room.path("missing").to_str().unwrap().to_owned();
    let shown = on_a_terminal(&["env", "--mounted-at", &missing], &[]);
    let told = format!("{missing} is not on this machine");
    assert!(
        shown.contains(&told) && shown.contains("--mounted-at DIR"),
        "{shown}"
    );
    let there = room.path("").to_str().unwrap().to_owned();
    let of_a_container = ["env", "--format", "kubernetes", "--mounted-at", &missing];
    for arguments in [&["env", "--mounted-at", &there][..], &of_a_container] {
        let shown = on_a_terminal(arguments, &[]);
        assert!(!shown.contains("not on this machine"), "{shown}");
    }
    let run = trust_init(["env", "--mounted-at", &missing]).succeeded();
    assert_eq!(run.stderr, "");
}

/// A shell that reads the shell form has what exec would set; spaces and all.
#[test]
fn a_shell_reads_the_shell_form() {
    let run = Command::new("sh")
        .args([
            "-c",
            r#"eval "$("$0" env --mounted-at '/a b')"; echo "$JAVA_TOOL_OPTIONS" "$SSL_CERT_FILE""#,
        ])
        .arg(env!("CARGO_BIN_EXE_trust-init"))
        .env("JAVA_TOOL_OPTIONS", "-Xmx64m")
        .output()
        .unwrap();
    let run = Run::from(run).succeeded();
    assert_eq!(
        run.stdout,
        "-Xmx64m -Djavax.net.ssl.trustStore=\"/a b/java/truststore.p12\" /a b/os/ca-certificates.crt\n"
    );
}

#[test]
fn only_what_was_built_is_named() {
    for (only, missing) in [
        ("os", ["java/", "python/"]),
        ("java", ["python/", "/os/"]),
        ("python", ["java/", "/os/"]),
    ] {
        let room = Room::new();
        let arguments = ["--ca", EXAMPLE, "--only", only, "--mounted-at", "/mnt/t"];
        build(&room, &arguments).succeeded();
        let wiring = read(&room, "trust.env");
        assert!(!wiring.is_empty());
        for line in wiring.lines() {
            let path = line.rsplit('=').next().unwrap();
            let path = path
                .strip_prefix("/mnt/t/")
                .unwrap_or_else(|| panic!("{line}"));
            assert!(room.path("out").join(path).is_file(), "{line}");
            assert!(!missing.iter().any(|part| line.contains(part)), "{line}");
        }
    }
}

#[test]
fn a_password_of_ones_own_is_in_no_output() {
    const PASSWORD: &str = "do-not-tell-3141";
    let room = Room::new();
    let file = room.file("password", format!("{PASSWORD}\n"));
    for form in ["pkcs12-mac", "pkcs12-encrypted", "jks"] {
        let store = ["--java-store", form, "--java-password-file", &file];
        let source = ["--ca", EXAMPLE, "--base", "none"];
        let run = build(&room, &[source, store].concat()).succeeded();
        assert!(!run.stderr.contains(PASSWORD), "{run:#?}");
        for (path, content) in snapshot(&room.path("out")) {
            let text = String::from_utf8_lossy(&content);
            assert!(!text.contains(PASSWORD), "{form}: {}", path.display());
        }
    }
}
