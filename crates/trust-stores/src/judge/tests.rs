//! What judging several sources together gives.

use super::{Criteria, DecodedSource, Judge, JudgedSection, Judgement, SourceRole, Verdict};
use crate::bundle::{Store, StoreSet};
use crate::formats::{Hint, Position, Problem, Section};
use crate::policy::{Level, Policy, Rule};
use crate::testing::{namesake, root, section};

fn judgement(policy: &Policy, at: &str, sources: Vec<DecodedSource>) -> Judgement {
    let criteria = Criteria::new(policy, at.parse().unwrap());
    let mut judge = Judge::new(criteria, StoreSet::ALL);
    for source in sources {
        judge.add(source);
    }
    judge.finish()
}

fn rules(section: &JudgedSection) -> Vec<(Rule, Level)> {
    let findings = section.findings.iter();
    findings
        .map(|finding| (finding.rule, finding.level))
        .collect()
}

fn key() -> Section {
    Section {
        position: Position::Line(7),
        content: Err(Problem::PrivateKey {
            kind: String::from("PRIVATE KEY"),
            hint: Hint::RemoveKey,
        }),
    }
}

#[test]
fn a_certificate_of_two_sources_is_kept_once_for_the_stores_of_both() {
    let root = root(0);
    let os = DecodedSource::base("os", Store::Os.into(), vec![section(&root)]);
    let java = DecodedSource::base("java", Store::Java.into(), vec![section(&root)]);
    let judgement = judgement(&Policy::default(), "2026-11-21", vec![os, java]);
    let [first, second] = &judgement.sections[..] else {
        panic!("two sections");
    };
    assert_eq!(
        (first.verdict, second.verdict),
        (Verdict::Kept, Verdict::Merged)
    );
    assert_eq!(first.stores, StoreSet::from(Store::Os) | Store::Java.into());
    assert!(second.stores.is_empty());
    assert_eq!(second.deciding_finding().unwrap().rule, Rule::Duplicate);
    assert_eq!(judgement.non_empty_stores(), first.stores);
    assert!(judgement.stores().python.is_none());
    assert!(judgement.trust_anchors().is_empty());
    let counts = judgement.base_counts();
    assert_eq!((counts.seen, counts.kept, counts.merged), (2, 1, 1));
    assert_eq!(judgement.counts(1).seen, 1);
    assert_eq!(judgement.customer_counts().seen, 0);
}

#[test]
fn a_duplicate_is_judged_in_the_customers_list_only() {
    let root = root(0);
    let policy = Policy::with(&[(Level::Warn, Rule::Duplicate)]).unwrap();
    let twice = vec![section(&root), section(&root)];
    let customer = DecodedSource::customer("customer", twice);
    let base = DecodedSource::base("base", StoreSet::ALL, vec![section(&root)]);
    let judgement = judgement(&policy, "2026-11-21", vec![customer, base]);
    assert_eq!(
        rules(&judgement.sections[1]),
        [(Rule::Duplicate, Level::Warn)]
    );
    assert_eq!(
        rules(&judgement.sections[2]),
        [(Rule::Duplicate, Level::Allow)]
    );
}

/// Whatever is found about a certificate that is given five times.
#[test]
fn what_is_found_about_a_certificate_is_found_once() {
    let five = || {
        let five = (0..5).map(|_| section(&root(0)));
        DecodedSource::customer("chain.pem", five.collect())
    };
    let kept = judgement(&Policy::default(), "2099-01-01", vec![five()]);
    assert_eq!(rules(&kept.sections[0]), [(Rule::Expired, Level::Warn)]);
    for merged in &kept.sections[1..] {
        let findings = merged.findings.iter();
        let new: Vec<_> = findings.filter(|finding| !finding.is_repeated).collect();
        assert_eq!(new.len(), 1);
        assert_eq!(new[0].rule, Rule::Duplicate);
    }
    let policy = Policy::with(&[(Level::Deny, Rule::Expired)]).unwrap();
    let denied = judgement(&policy, "2099-01-01", vec![five()]);
    assert_eq!(denied.customer_counts().denied, 5);
    let [denial] = &denied.denials()[..] else {
        panic!("one denial");
    };
    assert_eq!(denial.count, 5);
    assert!(
        denial.message.ends_with(" (also in 4 more places)"),
        "{denial:?}"
    );
    let policy = Policy::with(&[(Level::Drop, Rule::Expired)]).unwrap();
    let dropped = judgement(&policy, "2099-01-01", vec![five()]);
    assert_eq!(dropped.customer_counts().dropped, 5);
    assert_eq!(dropped.denials()[0].left_out.len(), 1);
}

#[test]
fn what_is_not_listed_is_counted_in_its_source() {
    let many = |name| {
        let problems = (0..700).map(|_| key());
        DecodedSource::base(name, StoreSet::ALL, problems.collect())
    };
    let sources = vec![many("one"), many("two"), many("three")];
    let judgement = judgement(&Policy::default(), "2026-11-21", sources);
    assert_eq!(judgement.base_counts().rejected, 2100);
    for (index, counts) in judgement.counts_by_source().into_iter().enumerate() {
        assert_eq!((counts.seen, counts.rejected), (700, 700), "{index}");
    }
    // 700 of the first, 300 of the second, one of the third, and what is left of the last two.
    assert_eq!(judgement.sections.len(), 700 + 300 + 1 + 1 + 1);
    assert_eq!(judgement.sections.last().unwrap().count, 699);
}

#[test]
fn what_a_customer_is_denied_for_only_drops_of_a_base() {
    let base = DecodedSource::base("base", StoreSet::ALL, vec![key(), section(&root(1))]);
    let none = judgement(&Policy::default(), "2026-11-21", vec![base]);
    assert!(none.denials().is_empty());
    assert_eq!(rules(&none.sections[0]), [(Rule::PrivateKey, Level::Drop)]);

    let customer = DecodedSource::customer("chain.pem", vec![key(), section(&root(1))]);
    let denied = judgement(&Policy::default(), "2026-11-21", vec![customer]);
    let denials = denied.denials();
    assert_eq!(denials.len(), 1);
    assert_eq!(denials[0].origin.as_deref(), Some("chain.pem:7"));
    assert_eq!(denials[0].message, "found a private key (PRIVATE KEY)");
    assert_eq!(denials[0].hint, Some(Hint::RemoveKey));
    assert_eq!(denied.sections[0].verdict, Verdict::Rejected);
    assert_eq!(denied.trust_anchors(), [root(1).fingerprint()]);
}

#[test]
fn a_blocked_certificate_that_leaves_nothing_is_named_as_what_was_left_out() {
    let root = root(0);
    let policy = Policy::default();
    let blocked = [root.fingerprint()];
    let criteria = Criteria {
        blocked: &blocked,
        ..Criteria::new(&policy, "2026-11-21".parse().unwrap())
    };
    let mut judge = Judge::new(criteria, StoreSet::ALL);
    judge.add(DecodedSource::customer("chain.pem", vec![section(&root)]));
    let judgement = judge.finish();
    assert_eq!(judgement.sections[0].verdict, Verdict::Dropped);
    let [denial] = &judgement.denials()[..] else {
        panic!("one denial");
    };
    assert_eq!((denial.rule, &denial.origin), (Rule::NothingLeft, &None));
    let [left_out] = &denial.left_out[..] else {
        panic!("one certificate was left out");
    };
    assert!(left_out.starts_with("chain.pem: ") && left_out.ends_with(" is blocked"));
}

#[test]
fn stores_without_a_base_are_those_in_which_no_base_left_a_certificate() {
    let policy = Policy::default();
    let criteria = Criteria::new(&policy, "2026-11-21".parse().unwrap());
    let mut judge = Judge::new(criteria, StoreSet::MERGED);
    judge.add(DecodedSource::customer("customer", vec![section(&root(0))]));
    judge.add(DecodedSource::base("empty", Store::Os.into(), vec![key()]));
    assert_eq!(judge.stores_without_base(), StoreSet::MERGED);
    judge.add(DecodedSource::base(
        "java",
        Store::Java.into(),
        vec![section(&root(0))],
    ));
    assert_eq!(
        judge.stores_without_base(),
        StoreSet::MERGED - Store::Java.into()
    );
}

#[test]
fn embedded_roots_are_old_after_a_year() {
    for (at, is_old) in [("2027-11-21", false), ("2027-11-22", true)] {
        let embedded = DecodedSource {
            name: String::from("mozilla"),
            role: SourceRole::Base(StoreSet::ALL),
            embedded: Some("2026-11-21".parse().unwrap()),
            sections: vec![section(&root(0))],
        };
        let judgement = judgement(&Policy::default(), at, vec![embedded]);
        let findings = judgement.set_findings.iter();
        let is_found = findings.filter(|f| f.rule == Rule::RootsOld).count() == 1;
        assert_eq!(is_found, is_old, "{at}");
    }
}

#[test]
fn of_two_keys_with_one_name_the_first_in_the_bundle_is_named() {
    let mut der = crate::testing::root_der(0);
    // Within the key, the same subject.
    let key = namesake(0, 1).public_key_info().to_vec();
    let at = memchr::memmem::find(&der, &key).unwrap() + key.len() - 9;
    der[at] ^= 1;
    let other = crate::cert::Certificate::from_der(der).unwrap();
    let base = DecodedSource::base("base", StoreSet::ALL, vec![section(&other)]);
    let customer = DecodedSource::customer("customer", vec![section(&root(0))]);
    let judgement = judgement(&Policy::default(), "2026-11-21", vec![customer, base]);
    assert_eq!(
        rules(&judgement.sections[0]),
        [(Rule::SameSubject, Level::Warn)]
    );
    let reason = &judgement.sections[0].findings[0].reason;
    assert!(
        reason.starts_with("base has the same subject but another key"),
        "{reason}"
    );
    assert!(
        reason.ends_with("the other comes first in the bundles"),
        "{reason}"
    );
    assert!(judgement.sections[1].findings.is_empty());
}

/// `root(0)` with another key and, if `renewed`, another subjectKeyIdentifier.
fn with_another_key(renewed: bool) -> crate::cert::Certificate {
    let original = root(0);
    let mut der = crate::testing::root_der(0);
    let mut change = |needle: &[u8], offset: usize| {
        let at = memchr::memmem::find(&der, needle).unwrap();
        der[at + offset] ^= 1;
    };
    let key = original.public_key_info();
    change(key, key.len() - 9);
    if renewed {
        let [own, _] = original.key_identifiers();
        change(own.unwrap(), 0);
    }
    crate::cert::Certificate::from_der(der).unwrap()
}

/// What is found about the first of these, and about the second: a rule and why.
fn about_both(sources: Vec<DecodedSource>) -> [Vec<(Rule, Level, String)>; 2] {
    let judgement = judgement(&Policy::default(), "2026-11-21", sources);
    let found = |section: &JudgedSection| {
        let findings = section.findings.iter();
        findings
            .map(|finding| (finding.rule, finding.level, finding.reason.clone()))
            .collect()
    };
    [0, 1].map(|index| found(&judgement.sections[index]))
}

#[test]
fn a_rollover_that_every_client_follows_is_no_warning() {
    let renewed = with_another_key(true);
    let customer = vec![section(&root(0)), section(&renewed)];
    let found = about_both(vec![DecodedSource::customer("chain.pem", customer)]).concat();
    let [(rule, level, reason)] = &found[..] else {
        panic!("one finding: {found:?}");
    };
    assert_eq!((*rule, *level), (Rule::KeyRollover, Level::Allow));
    assert!(reason.contains("another key in chain.pem"), "{reason}");
}

#[test]
fn namesakes_that_clients_confuse_are_warned_of() {
    let customer = |certificates: &[&crate::cert::Certificate]| {
        let sections = certificates.iter().map(|one| section(one));
        DecodedSource::customer("chain.pem", sections.collect())
    };
    let base = |one| DecodedSource::base("base", StoreSet::ALL, vec![section(one)]);
    let (old, renewed) = (root(0), with_another_key(true));
    let plain = crate::testing::namesake_without_identifier(0, 1);
    let rekeyed = with_another_key(false);
    for (sources, why) in [
        (
            vec![customer(&[&renewed]), base(&old)],
            "a base has one of the two",
        ),
        (
            vec![customer(&[&plain, &renewed])],
            "has no subjectKeyIdentifier",
        ),
        (
            vec![customer(&[&old, &rekeyed])],
            "subjectKeyIdentifiers are equal",
        ),
    ] {
        let [first, _] = about_both(sources);
        let warning = first.iter().find(|(rule, ..)| *rule == Rule::SameSubject);
        let (_, level, reason) = warning.unwrap();
        assert_eq!(*level, Level::Warn);
        assert!(reason.contains(why), "{reason}");
    }
}
