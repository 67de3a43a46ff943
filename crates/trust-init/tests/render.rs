//! `render` as a user runs it: the objects, their names and sizes, the words, the exit codes. What real
//! parsers and clients make of them is among the tests of interop.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;

use common::{EXAMPLE, Room, Run, command, pem, root, trust_init, with_stdin};

fn render(arguments: &[&str]) -> Run {
    trust_init([&["render", "--ca", EXAMPLE], arguments].concat())
}

/// A base of `count` certificates, different ones: nobody checks the signatures of a base.
fn base(room: &Room, count: usize) -> String {
    let mut text = String::new();
    for index in 0..count {
        let mut der = root(index % 100);
        let length = der.len();
        let number = u16::try_from(index / 100).unwrap();
        der[length - 2..].copy_from_slice(&number.to_be_bytes());
        text += &pem("CERTIFICATE", &der);
    }
    room.file("base.pem", text)
}

/// The values of the lines `name: VALUE` of the objects.
fn names(yaml: &str) -> Vec<&str> {
    yaml.lines()
        .filter_map(|line| line.strip_prefix("  name: "))
        .map(|name| name.trim_matches('"'))
        .collect()
}

/// The lines of the comment at the head, without its marks.
fn head(yaml: &str) -> String {
    let comment = yaml.lines().take_while(|line| line.starts_with('#'));
    let lines = comment.filter_map(|line| line.strip_prefix("#   "));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The sizes that the messages tell.
fn sizes(run: &Run) -> Vec<usize> {
    run.stderr
        .lines()
        .filter_map(|line| line.split_once(" bytes as JSON"))
        .map(|(line, _)| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn an_object_for_java_and_one_for_the_rest() {
    let run = render(&[]).succeeded();
    assert_eq!(names(&run.stdout), ["trust-java", "trust-pem"]);
    assert_eq!(run.stdout.matches("kind: ConfigMap\n").count(), 2);
    assert_eq!(run.stdout.matches("\n---\n").count(), 2);
    for line in [
        "  truststore.p12: \"MI",
        "  ca-bundle.pem: |\n    -----BEGIN CERTIFICATE-----\n",
        "  client-ca-chain.pem: |\n    -----BEGIN CERTIFICATE-----\n",
        "  trust.env: |\n    SSL_CERT_FILE=/trust/os/ca-certificates.crt\n",
        "    caBundleHash: \"6e196ef487cf2e18fa311c855fab1bd6352a1a7e6a923e616d552c8dccab2ec9\"\n",
        "    trustAnchorsHash: \"",
        "    app.kubernetes.io/instance: trust\n",
    ] {
        assert!(run.stdout.contains(line), "{line}");
    }
    for word in [
        "rendered ConfigMap trust-java, ",
        "truststore.p12 (120 certificates)",
        "ca-bundle.pem (120 certificates), client-ca-chain.pem (2 certificates), trust.env",
        "done: kept 2 of 2 customer certificates",
    ] {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    assert!(!run.stdout.contains("namespace:") && !run.stdout.contains("immutable"));
}

#[test]
fn nothing_is_written() {
    let room = Room::new();
    let directory = room.path("here");
    fs::create_dir(&directory).unwrap();
    let run: Run = command()
        .args(["render", "--ca", EXAMPLE])
        .current_dir(&directory)
        .output()
        .unwrap()
        .into();
    run.succeeded();
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let arguments = ["--immutable", "--hash-suffix", "--at", "2026-11-21"];
    assert_eq!(render(&arguments).stdout, render(&arguments).stdout);
}

#[test]
fn a_hash_suffix_follows_the_content_alone() {
    let plain = render(&["--hash-suffix"]).succeeded().stdout;
    let plain = names(&plain);
    for (name, start) in plain.iter().zip(["trust-java-", "trust-pem-"]) {
        let hash = name.strip_prefix(start).unwrap();
        assert!(hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    // Neither their findings nor the bytes that the customer's chain came in.
    let chain = format!("# a comment\n{}", fs::read_to_string(EXAMPLE).unwrap());
    let arguments = ["render", "--ca", "-", "--hash-suffix", "--immutable"];
    let other = with_stdin(arguments, chain.as_bytes()).succeeded().stdout;
    assert_eq!(plain, names(&other));
    // With other certificates all of them change.
    let other = trust_init(["render", "--base", "mozilla", "--hash-suffix"]).succeeded();
    let other = names(&other.stdout);
    assert!(plain.iter().zip(&other).all(|(one, other)| one != other));
    // The mapping names them.
    let pod = render(&["--hash-suffix", "--print", "pod"])
        .succeeded()
        .stdout;
    assert!(plain.iter().all(|name| pod.contains(name)), "{pod}");
}

#[test]
fn a_secret_holds_the_same() {
    let run = render(&["--kind", "Secret", "--namespace", "customer", "--immutable"]).succeeded();
    assert_eq!(run.stdout.matches("kind: Secret\n").count(), 2);
    assert_eq!(
        run.stdout
            .matches("type: Opaque\nimmutable: true\n")
            .count(),
        2
    );
    assert_eq!(run.stdout.matches("\n  namespace: customer\n").count(), 2);
    assert!(run.stdout.contains("\ndata:\n  truststore.p12: \"MI"));
    assert!(run.stdout.contains("\nstringData:\n  ca-bundle.pem: |\n"));
    assert!(
        run.stdout
            .contains("#           - secret:\n#               name: trust-java\n")
    );
}

#[test]
fn the_head_says_what_the_pod_needs() {
    let arguments = ["--mounted-at", "/mnt/my trust", "--name", "acme.example"];
    let objects = render(&arguments).succeeded().stdout;
    let pod = render(&[&arguments[..], &["--print", "pod"]].concat())
        .succeeded()
        .stdout;
    assert_eq!(head(&objects), pod);
    for line in [
        "    mountPath: \"/mnt/my trust\"\n    readOnly: true\n",
        "            name: acme.example-java\n",
        "    value: \"/mnt/my trust/os/ca-certificates.crt\"\n",
        "              path: custom/client-ca-chain.pem\n",
    ] {
        assert!(pod.contains(line), "{line}: {pod}");
    }
    let env = trust_init([
        "env",
        "--format",
        "kubernetes",
        "--mounted-at",
        "/mnt/my trust",
    ]);
    let names = |text: &str| text.matches("- name: ").count();
    assert_eq!(
        names(pod.split_once("env:\n").unwrap().1),
        names(&env.stdout)
    );
}

#[test]
fn only_what_is_asked_for_makes_an_object() {
    for (only, objects, keys) in [
        (
            "java",
            &["trust-java"][..],
            &["truststore.p12", "client-ca-chain.pem", "trust.env"][..],
        ),
        (
            "os",
            &["trust-pem"],
            &["ca-bundle.pem", "client-ca-chain.pem", "trust.env"],
        ),
        (
            "python",
            &["trust-pem"],
            &["ca-bundle.pem", "client-ca-chain.pem", "trust.env"],
        ),
    ] {
        let run = render(&["--only", only]).succeeded();
        assert_eq!(names(&run.stdout), objects);
        for key in keys {
            assert!(
                run.stdout.contains(&format!("\n  {key}: ")),
                "{only}: {key}"
            );
        }
        let paths = head(&run.stdout);
        assert_eq!(paths.contains("path: java/"), only == "java");
        assert_eq!(paths.contains("path: os/"), only == "os");
        assert_eq!(paths.contains("path: python/"), only == "python");
    }
}

#[test]
fn cacerts_of_a_jdk_are_mapped_where_the_store_is_plain() {
    let plain = render(&["--print", "pod"]).succeeded().stdout;
    assert!(plain.contains("path: os/java/cacerts\n"));
    for form in ["pkcs12-mac", "pkcs12-encrypted", "jks"] {
        let other = render(&["--print", "pod", "--java-store", form])
            .succeeded()
            .stdout;
        assert!(!other.contains("cacerts"), "{form}");
    }
    let jks = render(&["--java-store", "jks"]).succeeded().stdout;
    assert!(jks.contains("\n  truststore.jks: \"/u3+7"));
    assert!(jks.contains("path: java/truststore.jks\n"));
}

#[test]
fn an_image_with_stores_of_its_own_has_two_bundles() {
    let room = Room::new();
    let certifi = "image/usr/lib/python3/dist-packages/certifi/cacert.pem";
    room.file(certifi, pem("CERTIFICATE", &root(0)));
    let image = room.path("image");
    let arguments = ["--base", "auto", "--root", image.to_str().unwrap()];
    let run = render(&arguments).succeeded();
    assert_eq!(
        names(&run.stdout),
        ["trust-java", "trust-os", "trust-python"]
    );
    assert!(run.stderr.contains("trust-python, "), "{}", run.stderr);
    assert!(
        run.stderr.contains("ca-bundle.pem (3 certificates)"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_platform_without_a_customer_has_no_hashes() {
    let run = trust_init(["render", "--base", "mozilla"]).succeeded();
    assert!(!run.stdout.contains("annotations:") && !run.stdout.contains("client-ca-chain"));
    assert_eq!(names(&run.stdout), ["trust-java", "trust-pem"]);
}

#[test]
fn four_certificates_and_the_public_roots_fit() {
    let room = Room::new();
    // The largest of Mozilla's: a customer's RSA-4096 CAs are no larger.
    let mut largest: Vec<Vec<u8>> = (0..100).map(root).collect();
    largest.sort_by_key(Vec::len);
    let chain: String = (0..4_u8)
        .map(|number| {
            let mut der = largest[96 + usize::from(number)].clone();
            let length = der.len();
            der[length - 1] ^= number + 1;
            pem("CERTIFICATE", &der)
        })
        .collect();
    let chain = room.file("chain.pem", chain);
    for kind in ["configmap", "secret"] {
        let run = trust_init(["render", "--ca", &chain, "--kind", kind]).succeeded();
        let sizes = sizes(&run);
        assert_eq!(sizes.len(), 2);
        // Room for Mozilla to grow, too.
        assert!(sizes.iter().all(|size| *size < 220_000), "{sizes:?}");
    }
}

#[test]
fn what_client_side_apply_cannot_take_is_refused_unless_asked_for() {
    let room = Room::new();
    let base = base(&room, 200);
    let arguments = ["--base", &base];
    let run = render(&arguments).failed(
        4,
        &[
            "error[object-size]: ConfigMap trust-java: ",
            "error[object-size]: ConfigMap trust-pem: ",
            " bytes as JSON, but kubectl apply and Argo CD keep it in an annotation of at most 250000",
            "hint: with --server-side-apply, render it for",
            "hint: it contains truststore.p12: leave out stores with --only",
        ],
    );
    assert_eq!(run.stdout, "");
    let run = render(&[&arguments[..], &["--server-side-apply", "-q"]].concat()).succeeded();
    assert_eq!(names(&run.stdout), ["trust-java", "trust-pem"]);
    assert!(
        run.stderr
            .starts_with("trust-init: warning[server-side-apply]: ConfigMap trust-java: "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("\nhint: use kubectl apply --server-side")
    );
}

#[test]
fn what_kubernetes_cannot_take_is_refused_whatever_is_asked_for() {
    let room = Room::new();
    let base = base(&room, 1000);
    let run = render(&["--base", &base, "--server-side-apply"]).failed(
        4,
        &[
            "error[object-size]: ConfigMap trust-pem: ",
            " bytes of data, but Kubernetes accepts at most 1048500",
            "hint: build, in an init container, has no such limit",
        ],
    );
    assert_eq!(run.stdout, "");
    assert!(
        !run.stderr.contains("--server-side-apply"),
        "{}",
        run.stderr
    );
}

#[test]
fn names_that_kubernetes_refuses_are_usage_errors() {
    for (flag, value, word) in [
        (
            "--name",
            "Trust",
            "invalid value 'Trust' for '--name <NAME>'",
        ),
        ("--name", "a_b", "expected at most 235 lower-case letters"),
        ("--name", "", "--name"),
        (
            "--namespace",
            "a.b",
            "expected at most 63 lower-case letters",
        ),
        ("--namespace", "a\nmetadata: {}", "lower-case letters"),
        ("--kind", "deployment", "possible values: configmap, secret"),
        ("--print", "json", "possible values: objects, pod"),
        (
            "--mounted-at",
            "/",
            "--mounted-at: a volume cannot be mounted at '/'",
        ),
        ("--mounted-at", "/a:b", "or at a path that contains ':'"),
        ("--mounted-at", "a", "not an absolute path"),
        ("--out", "/trust", "unexpected argument '--out'"),
    ] {
        let run = render(&[flag, value]).failed(2, &["error[usage]: ", word]);
        assert_eq!(run.stdout, "");
    }
    let run: Run = command()
        .args(["render", "--ca", EXAMPLE])
        .env("TRUST_INIT_NAME", "Trust")
        .output()
        .unwrap()
        .into();
    run.failed(2, &["error[usage]: TRUST_INIT_NAME: "]);
}

#[test]
fn what_build_refuses_is_refused() {
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let run = with_stdin(["render", "--ca", "-"], key.as_bytes());
    let run = run.failed(3, &["error[private-key]: <stdin>:1: "]);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_password_of_ones_own_is_not_printed() {
    let room = Room::new();
    let password = room.file("password", "example-secret\n");
    let store = [
        "--java-store",
        "pkcs12-encrypted",
        "--java-password-file",
        &password,
    ];
    let run = render(&store).failed(
        0,
        &["warning[password]: JAVA_TOOL_OPTIONS contains CHANGE_ME"],
    );
    assert!(!run.stdout.contains("example-secret"));
    assert!(run.stdout.contains("trustStorePassword=CHANGE_ME"));
}
