//! Whatever doctor does not read of a certificate, does not compute or does not check, it never says
//! that a client trusts it. `unchecked/make.py` makes the chains.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use trust_doctor::outcome::{CertificateFault, Doubt};
use trust_doctor::path::PathBuilder;
use trust_doctor::store::pem_anchors;
use trust_doctor::{Client, Outcome, RefusalReason, Rules};
use trust_stores::{Certificate, Timestamp};

fn read(file: &str) -> [Arc<Certificate>; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(file);
    pem_anchors(&fs::read(path).unwrap()).try_into().unwrap()
}

fn at() -> Timestamp {
    "2030-01-01".parse().unwrap()
}

fn judge(rules: Rules, leaf: &Certificate, anchors: &[Arc<Certificate>]) -> Outcome {
    let builder = PathBuilder {
        rules,
        anchors,
        chain: std::slice::from_ref(leaf),
        host: "login.example.com",
        at: at(),
    };
    builder.judge()
}

fn unchecked(rules: Rules, name: &str) -> Outcome {
    let [leaf, root] = read(&format!("unchecked/{name}.pem"));
    judge(rules, &leaf, &[root])
}

#[test]
fn what_is_read_and_checked_is_trusted() {
    for name in ["nothing", "mail-permitted"] {
        for client in Client::ALL {
            let outcome = unchecked(Rules::of(client), name);
            assert!(matches!(outcome, Outcome::Trusted(_)), "{name} {outcome:?}");
        }
    }
}

#[test]
fn a_damaged_or_repeated_extension_is_no_yes() {
    for name in [
        "damaged-extended-key-usage",
        "damaged-basic-constraints",
        "damaged-alternative-names",
        "names-twice",
    ] {
        for client in [Client::OpenSsl, Client::Curl, Client::Requests] {
            let outcome = unchecked(Rules::of(client), name);
            let is_malformed = matches!(
                outcome,
                Outcome::Refused(RefusalReason::Certificate(
                    CertificateFault::Malformed(_),
                    ..
                ))
            );
            assert!(is_malformed, "{client:?} {name}: {outcome:?}");
        }
    }
    // JVMs up to 17 ignore what is damaged and not critical, later ones do not.
    for name in ["damaged-extended-key-usage", "damaged-alternative-names"] {
        let outcome = unchecked(Rules::of(Client::Jvm), name);
        let is_doubt = matches!(outcome, Outcome::CannotTell(Doubt::JavaVersion(_)));
        assert!(is_doubt, "{name}: {outcome:?}");
    }
}

#[test]
fn constraints_on_other_names_than_those_of_hosts_count() {
    let outcome = unchecked(Rules::of(Client::OpenSsl), "directory-excluded");
    assert!(matches!(outcome, Outcome::Trusted(_)), "{outcome:?}");
    for name in ["directory-permitted", "mail-permitted-elsewhere"] {
        for rules in [
            Rules::of(Client::OpenSsl),
            Rules::of(Client::Curl),
            Rules::of(Client::Requests),
        ] {
            let outcome = unchecked(rules, name);
            let fault = matches!(
                outcome,
                Outcome::Refused(RefusalReason::Certificate(
                    CertificateFault::NameConstraint,
                    ..
                ))
            );
            assert!(fault, "{rules:?} {name}: {outcome:?}");
        }
        let outcome = unchecked(Rules::strict(Client::Requests), name);
        assert!(
            matches!(outcome, Outcome::Refused(_)),
            "{name}: {outcome:?}"
        );
    }
}

#[test]
fn a_ca_for_ipv6_alone_may_not_issue_for_ipv4_nor_for_a_common_name_elsewhere() {
    for name in ["ipv4-below-ipv6", "common-name-beside-an-address"] {
        let outcome = unchecked(Rules::of(Client::OpenSsl), name);
        let fault = matches!(
            outcome,
            Outcome::Refused(RefusalReason::Certificate(
                CertificateFault::NameConstraint,
                ..
            ))
        );
        assert!(fault, "{name}: {outcome:?}");
    }
}

#[test]
fn a_path_that_is_computed_counts_beside_one_that_is_not() {
    let [leaf, root] = read("signed/genuine-p256.pem");
    let [_, of_another_curve] = read("signed/genuine-brainpoolp512r1.pem");
    let outcome = judge(
        Rules::of(Client::Jvm),
        &leaf,
        &[of_another_curve.clone(), root],
    );
    assert!(matches!(outcome, Outcome::Trusted(_)), "{outcome:?}");
    let outcome = judge(Rules::of(Client::OpenSsl), &leaf, &[of_another_curve]);
    assert!(
        matches!(outcome, Outcome::CannotTell(Doubt::Signature(_))),
        "{outcome:?}"
    );
}

#[test]
fn a_key_of_another_kind_has_not_signed() {
    let [leaf, _] = read("signed/genuine-p256.pem");
    let [_, of_another_kind] = read("signed/genuine-rsa-sha256.pem");
    for client in Client::ALL {
        let outcome = judge(
            Rules::of(client),
            &leaf,
            std::slice::from_ref(&of_another_kind),
        );
        let same_name = matches!(outcome, Outcome::Refused(RefusalReason::SameName(_)));
        assert!(same_name, "{client:?}: {outcome:?}");
    }
}

/// The certificate with an indefinite length, as BER allows it.
fn in_ber(certificate: &Certificate) -> Certificate {
    // The tag, and a length in three bytes.
    let content = &certificate.der()[4..];
    let issued = [&[0x30, 0x80], content, &[0, 0]].concat();
    Certificate::from_der(issued).unwrap()
}

#[test]
fn nobody_knows_what_a_client_verifies_of_a_certificate_in_ber() {
    let [leaf, root] = read("unchecked/nothing.pem");
    for client in Client::ALL {
        let rules = Rules::of(client);
        let outcome = judge(rules, &in_ber(&leaf), std::slice::from_ref(&root));
        let is_doubt = matches!(outcome, Outcome::CannotTell(_));
        assert!(is_doubt, "{client:?}: {outcome:?}");
        // An anchor's signature is not checked, and every client reads its name and key.
        let outcome = judge(rules, &leaf, &[Arc::new(in_ber(&root))]);
        assert!(
            matches!(outcome, Outcome::Trusted(_)),
            "{client:?}: {outcome:?}"
        );
    }
}

#[test]
fn a_leap_day_in_a_year_without_one_is_no_time_for_openssl() {
    let vector = "../../../tests/vectors/certificates/time-leap-day.der";
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(vector);
    let leaf = Arc::new(Certificate::from_der(fs::read(path).unwrap()).unwrap());
    assert!(!leaf.has_plain_times());
    let outcome = judge(
        Rules::of(Client::OpenSsl),
        &leaf,
        std::slice::from_ref(&leaf),
    );
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
}
