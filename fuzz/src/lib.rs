//! What the targets share that compare trust-init with another reader of the same bytes.

use std::collections::BTreeSet;

use trust_stores::{
    Certificate, Criteria, DecodeOptions, DecodedSource, Judge, Judgement, Password, Policy, Rule,
    StoreSet, Timestamp, decode,
};

/// What a build with the default rules would make of a customer's file.
pub struct Ours(Judgement);

impl Ours {
    pub fn of(bytes: &[u8], password: Option<&str>) -> Self {
        let mut options = DecodeOptions::default();
        options.password = password.map(Password::new);
        let policy = Policy::default();
        let criteria = Criteria::new(&policy, Timestamp::from_unix(1_795_219_200));
        let mut judge = Judge::new(criteria, StoreSet::ALL);
        judge.add(DecodedSource::customer("blob", decode(bytes, &options)));
        Ours(judge.finish())
    }

    /// Whether the build fails, and says why.
    pub fn is_denied(&self) -> bool {
        !self.0.denials().is_empty()
    }

    fn names_a_key(&self) -> bool {
        let mut findings = self.0.sections.iter().flat_map(|section| &section.findings);
        findings.any(|finding| finding.rule == Rule::PrivateKey)
    }

    fn certificates(&self) -> BTreeSet<&[u8]> {
        let sections = self.0.sections.iter();
        sections.filter_map(|section| Some(section.certificate.as_ref()?.der())).collect()
    }
}

/// Panics if the other reader takes a certificate or a key from a file that a build would pass, and that the
/// build neither has nor names.
pub fn no_loss(ours: &Ours, taken: &[Vec<u8>], keys: usize) {
    if ours.is_denied() {
        return;
    }
    assert!(keys == 0 || ours.names_a_key(), "a key passed");
    let has = ours.certificates();
    for der in taken {
        // The other reader may not look into what it takes.
        if Certificate::from_der(der.clone()).is_ok() {
            assert!(has.contains(&der[..]), "a certificate is lost silently");
        }
    }
}
