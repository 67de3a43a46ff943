//! `check` as a pipeline runs it: the answer is an exit code, the reason is on standard output.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::process::Command;

use common::{EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, pem, root, trust_init, two, with_stdin};
use serde_json::Value;

fn check(arguments: &[&str]) -> Run {
    trust_init(["check"].iter().chain(arguments))
}

impl Run {
    /// Answered with `code`, and said each of `words` on standard output and nothing on stderr.
    #[track_caller]
    fn answered(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.stderr, "", "{self:#?}");
        for word in words {
            assert!(self.stdout.contains(word), "no {word:?} in {self:#?}");
        }
        self
    }
}

fn leaf() -> String {
    format!(
        "{}/tests/vectors/certificates/leaf.der",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../..")
    )
}

#[test]
fn a_good_chain_passes_and_nothing_is_written() {
    let room = Room::new();
    let run = check(&[EXAMPLE, "--strict"]).answered(0, &["passed: 2 certificates"]);
    assert_eq!(run.stdout.matches("ok: ").count(), 2);
    assert_eq!(std::fs::read_dir(room.path("")).unwrap().count(), 0);
}

#[test]
fn a_no_has_its_rule_and_build_does_as_the_levels_say() {
    let room = Room::new();
    let large = room.file("large.pem", two() + &" ".repeat(65 << 10));
    let key = room.file(
        "key.pem",
        two() + &pem("RSA PRIVATE KEY", b"not a real one"),
    );
    let cut = room.file("cut.pem", &two()[..1000]);
    let leaf = leaf();
    for (arguments, rule) in [
        (vec![EXAMPLE_WITH_EXPIRED, "--deny=expired"], "expired"),
        (vec![&*large], "too-large"),
        (vec![&*key], "private-key"),
        (vec![&*cut], "malformed"),
        (vec![&*leaf, "--deny=not-a-ca"], "not-a-ca"),
        (
            vec![EXAMPLE, "--expect-sha256", &"00".repeat(32)],
            "hash-mismatch",
        ),
    ] {
        check(&arguments).answered(1, &[&format!("error[{rule}]: "), "refused: "]);
        let mut build = vec![String::from("build"), format!("--out={}", room.out())];
        build.push(format!("--ca={}", arguments[0]));
        build.extend(arguments[1..].iter().map(|word| (*word).to_owned()));
        trust_init(build).failed(3, &[&format!("error[{rule}]: ")]);
        assert!(!room.path("out").exists());
    }
}

/// A chain with a public key and parameters, and nothing but those.
fn with_others(room: &Room) -> (String, String) {
    let others = pem("PUBLIC KEY", b"0") + &pem("DH PARAMETERS", b"0");
    (
        room.file("both.pem", two() + &others),
        room.file("others.pem", others),
    )
}

#[test]
fn what_is_no_certificate_is_named_and_passes() {
    let room = Room::new();
    let (both, others) = with_others(&room);
    let dropped = [
        "dropped[not-a-certificate]: ",
        "both.pem:",
        "a public key, not a certificate",
        "DH PARAMETERS, not a certificate",
        "passed: 2 certificates",
    ];
    check(&[&both]).answered(0, &dropped);
    check(&[&both, "--strict"]).answered(1, &["refused: 2 certificates"]);
    check(&[&both, "--deny=not-a-certificate"]).answered(1, &["error[not-a-certificate]"]);
    check(&[&others]).answered(1, &["error[nothing-left]", "dropped[not-a-certificate]"]);
    let report: Value = serde_json::from_str(&check(&[&both, "--format=json"]).stdout).unwrap();
    assert_eq!(report["ok"], true);
    assert_eq!(report["rejected"][0]["rule"], "not-a-certificate");
    assert_eq!(report["sources"][0]["seen"], 4);
    assert_eq!(report["sources"][0]["rejected"], 2);
    let junit = check(&[&both, "--format=junit"]).answered(0, &["dropped[not-a-certificate]: "]);
    assert!(!junit.stdout.contains("<failure"), "{}", junit.stdout);
}

#[test]
fn build_counts_what_is_no_certificate_by_itself() {
    let room = Room::new();
    let (both, others) = with_others(&room);
    let (out, only) = (room.out(), "--only=python");
    let arguments = ["build", "--out", &out, "--base=none", only, "--ca"];
    let run = trust_init(arguments.iter().chain([&both.as_str()])).succeeded();
    assert_eq!(run.stderr.matches("dropped[not-a-certificate]").count(), 2);
    let total = "kept 2 of 2 customer certificates (2 not certificates)";
    assert!(run.stderr.contains(total), "{}", run.stderr);
    let refusal = ["error[nothing-left]", "a public key, not a certificate"];
    trust_init(arguments.iter().chain([&others.as_str()])).failed(3, &refusal);
}

#[test]
fn what_would_be_left_out_is_a_no() {
    check(&[EXAMPLE_WITH_EXPIRED]).answered(0, &["warning[expired]: ", "passed: "]);
    check(&[EXAMPLE_WITH_EXPIRED, "--drop=expired"]).answered(1, &["dropped[expired]: "]);
    check(&[EXAMPLE_WITH_EXPIRED, "--strict"]).answered(1, &["warning[expired]: ", "refused: "]);
    check(&[EXAMPLE_WITH_EXPIRED, "--strict", "--allow=expired"]).answered(0, &["passed: "]);
}

#[test]
fn a_certificate_can_be_blocked_by_its_fingerprint() {
    let run = check(&[EXAMPLE, "--format=json"]).answered(0, &[]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let fingerprint = report["certificates"][0]["sha256"].as_str().unwrap();
    let pairs: Vec<&str> = (0..32).map(|at| &fingerprint[2 * at..2 * at + 2]).collect();
    let with_colons = pairs.join(":").to_uppercase();
    for written in [fingerprint, &*with_colons] {
        check(&[EXAMPLE, "--block", written]).answered(1, &["dropped[blocked]: "]);
    }
    check(&[EXAMPLE, "--block", "abcd"]).failed(2, &["--block", "64 hex digits"]);
}

#[test]
fn sources_are_arguments_options_or_standard_input() {
    let text = two();
    let run = with_stdin(["check", "-"], text.as_bytes());
    run.answered(0, &["<stdin>:1: ", "passed: 2 certificates"]);
    check(&["--ca", EXAMPLE]).answered(0, &["passed: 2 certificates"]);
    check(&[]).failed(2, &["nothing to check"]);
    check(&["/missing.pem"]).failed(3, &["/missing.pem: no such file"]);
    with_stdin(["check", "-"], b"").answered(1, &["error[malformed]: ", "the file is empty"]);
}

#[test]
fn the_declared_hash_is_that_of_sha256sum() {
    let run = Command::new("sha256sum").arg(EXAMPLE).output().unwrap();
    let hash = String::from_utf8(run.stdout).unwrap();
    let hash = hash.split_whitespace().next().unwrap();
    check(&[EXAMPLE, "--expect-sha256", hash]).answered(0, &[hash]);
}

#[test]
fn json_has_what_the_manifest_has() {
    let room = Room::new();
    let out = room.out();
    let arguments = [EXAMPLE_WITH_EXPIRED, "--drop=expired", "--at=2026-11-21"];
    trust_init(["build", "--out", &out, "--ca"].iter().chain(&arguments)).succeeded();
    let manifest = room.manifest();
    let run = check(&[&arguments[..], &["--format=json"]].concat()).answered(1, &[]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    for field in ["caBundleHash", "trustAnchorsHash"] {
        assert_eq!(report[field], manifest[field]);
    }
    let of_customer = |records: &Value| -> Vec<Value> {
        let records = records.as_array().unwrap().iter();
        let customer = records.filter(|record| record["role"] == "customer");
        customer.cloned().collect()
    };
    for field in ["sources", "certificates"] {
        assert_eq!(of_customer(&report[field]), of_customer(&manifest[field]));
        assert_eq!(
            of_customer(&report[field]).len(),
            report[field].as_array().unwrap().len(),
            "a base is none of the customer's affair"
        );
    }
}

#[test]
fn drift_is_reported_file_by_file() {
    let room = Room::new();
    let out = room.out();
    let against = |more: &[&str]| check(&[&[EXAMPLE, "--against", &*out], more].concat());
    let bundle = format!("{out}/os/ca-certificates.crt");
    // A path that is not there is no directory of which all is missing.
    against(&[]).failed(3, &["/out: no such file or directory"]);
    std::fs::create_dir(&out).unwrap();
    against(&[]).answered(1, &[&format!("error[drift]: {bundle}: missing")]);
    trust_init(["build", "--ca", EXAMPLE, "--out", &out]).succeeded();
    against(&[]).answered(0, &["passed: "]);
    // Another form is another file, and clients would still trust the old one.
    against(&["--java-store=jks"]).answered(
        1,
        &[
            "java/truststore.jks: missing",
            "java/truststore.p12: unexpected",
            "manifest.json: changed: not the bytes",
        ],
    );
    std::fs::write(&bundle, pem("CERTIFICATE", &root(0))).unwrap();
    std::fs::write(format!("{out}/os/0123abcd.0"), "").unwrap();
    std::fs::remove_file(format!("{out}/os/ca-bundle.crt")).unwrap();
    let run = against(&["--format=json"]).answered(1, &[]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let drift: Vec<(String, &str)> = report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .map(|drift| {
            let path = drift["path"].as_str().unwrap();
            let path = path.strip_prefix(&format!("{out}/")).unwrap().to_owned();
            (path, drift["state"].as_str().unwrap())
        })
        .collect();
    let expected = [
        ("os/ca-certificates.crt", "changed"),
        ("os/ca-bundle.crt", "missing"),
        ("os/0123abcd.0", "unexpected"),
    ];
    assert_eq!(
        drift,
        expected.map(|(path, state)| (path.to_owned(), state))
    );
}

#[test]
fn waiting_ends_when_the_sources_are_there() {
    let room = Room::new();
    let late = room.file("late.pem", "");
    check(&[&late]).answered(1, &["the file is empty"]);
    let writer = std::thread::spawn({
        let late = late.clone();
        move || {
            std::thread::sleep(std::time::Duration::from_millis(300));
            std::fs::write(late, two()).unwrap();
        }
    });
    check(&[&late, "--wait=30"]).answered(0, &["passed: 2 certificates"]);
    writer.join().unwrap();
    let missing = room.path("missing.pem");
    check(&[missing.to_str().unwrap(), "--wait=1"]).failed(3, &["no such file"]);
}

#[test]
fn what_cannot_be_read_is_a_document_too() {
    let room = Room::new();
    std::fs::create_dir(room.path("nothing")).unwrap();
    let nothing = room.path("nothing").to_str().unwrap().to_owned();
    let password = room.file("password", "");
    for (arguments, code) in [
        (&["/missing"][..], "unreadable"),
        (&[EXAMPLE, "/missing"], "unreadable"),
        (&[&nothing], "unreadable"),
        (&["https://ca.example.com/<&>"], "unreadable"),
        (&[EXAMPLE, "--against", "/missing"], "unreadable"),
        (&[EXAMPLE, "--ca-password-file", &password], "password-file"),
    ] {
        let error = format!("error[{code}]: ");
        let run = check(arguments).failed(3, &[&error]);
        assert_eq!(run.stdout, "");
        let run = check(&[arguments, &["--format=json"]].concat()).failed(3, &[&error]);
        let answer: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(answer["ok"], false, "{answer}");
        assert_eq!(answer["errors"][0]["code"], code, "{answer}");
        let run = check(&[arguments, &["--format=junit"]].concat()).failed(3, &[&error]);
        for words in [
            "<testsuites name=\"trust-init check\" tests=\"1\" failures=\"0\" errors=\"1\">",
            &format!("<error type=\"{code}\" message=\""),
            "</error>",
            "</testsuites>\n",
        ] {
            assert!(run.stdout.contains(words), "no {words:?} in {run:#?}");
        }
        assert!(!run.stdout.contains("<&>"), "{run:#?}");
    }
    let run = check(&[EXAMPLE, "--format=json"]).succeeded();
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(answer["errors"], serde_json::json!([]));
}

/// `yq` prints a value and a newline, and so does `echo`.
#[test]
fn the_hash_of_standard_input_is_shown_without_its_last_newline_too() {
    let chain = two();
    let hash_of = |bytes: &[u8]| trust_stores::Fingerprint::of(bytes).to_string();
    let given = format!("{chain}\n");
    let (with, without) = (hash_of(given.as_bytes()), hash_of(chain.as_bytes()));
    let run = with_stdin(["check", "-"], given.as_bytes());
    let hint = format!("caBundleHash without it is {without}\n");
    let run = run.answered(0, &[&format!("caBundleHash {with}\n"), &hint]);
    assert!(run.stdout.ends_with(&hint), "{run:#?}");
    // A ConfigMap's value as kubectl -o jsonpath prints it, and what is not from standard input.
    let value = chain.trim_end();
    let run = with_stdin(["check", "-"], value.as_bytes());
    let run = run.answered(
        0,
        &[&format!("caBundleHash {}\n", hash_of(value.as_bytes()))],
    );
    assert!(!run.stdout.contains("newline"), "{run:#?}");
    let room = Room::new();
    let file = room.file("ca.pem", &given);
    let run = check(&[&file]).answered(0, &[&format!("caBundleHash {with}\n")]);
    assert!(!run.stdout.contains("newline"), "{run:#?}");

    let expect = |hash: &str| with_stdin(["check", "-", "--expect-sha256", hash], given.as_bytes());
    expect(&without).answered(1, &["error[hash-mismatch]: ", "hint: without the newline"]);
    let run = expect(&hash_of(b"other")).answered(1, &["they have changed since"]);
    assert!(
        !run.stdout.contains("hint: without the newline"),
        "{run:#?}"
    );
}

#[test]
fn a_wrong_password_has_a_code_of_its_own() {
    let store = concat!(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
        "/tests/vectors/stores/openssl-wrong-password.p12"
    );
    let room = Room::new();
    let password = room.file("password", "not-this-one");
    let missing = "the PKCS#12 store needs a password: an empty one and 'changeit' do not open it";
    let wrong = "wrong password, or a damaged file: the password does not open the PKCS#12 store";
    let typed = format!("--ca-password-file={password}");
    for (options, words) in [(vec![], missing), (vec![typed.as_str()], wrong)] {
        let arguments = |format: &[&'static str]| [&[store][..], &options, format].concat();
        let said = format!("error[wrong-password]: {store}: {words}\n");
        check(&arguments(&[])).answered(1, &[&said, "--ca-password-file"]);
        let run = check(&arguments(&["--format=json"])).answered(1, &[]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["rejected"][0]["rule"], "wrong-password");
        let failure = "<failure type=\"wrong-password\" message=";
        check(&arguments(&["--format=junit"])).answered(1, &[failure]);
        let build = [&["build", "--out", "/nowhere", "--ca"][..], &arguments(&[])].concat();
        trust_init(build).failed(3, &["trust-init: error[wrong-password]: ", words, "hint: "]);
    }
}
