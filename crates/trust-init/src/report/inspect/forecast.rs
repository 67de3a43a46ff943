//! What `build` would do with each source if it were the only one: with its default policy and size limit,
//! because `inspect` takes neither.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use serde::Serialize;

use crate::read::Source;
use crate::report::text::count;
use trust_stores::{Certificate, Fingerprint, Judgement, Level, Policy, Rule};

/// What `build` would do with one source.
#[derive(Debug, Serialize)]
pub(super) struct Forecast {
    /// Whether it would take anything of the source.
    accepts: bool,
    /// How many certificates it would add.
    certificates: usize,
    /// The rules that refuse the source, or leave certificates out of stores.
    rules: Vec<&'static str>,
    #[serde(skip)]
    seen: usize,
}

impl Forecast {
    /// The forecast for the source `index` of `judgement`, which is `source`, with `limit` as the most bytes
    /// that `build` reads of one.
    pub(super) fn of(judgement: &Judgement, index: usize, source: &Source, limit: u64) -> Self {
        let policy = Policy::default();
        let mut rules: Vec<Rule> = Vec::new();
        let (mut seen, mut kept) = (BTreeSet::<Fingerprint>::new(), BTreeSet::new());
        if source.size as u64 > limit {
            rules.push(Rule::TooLarge);
        }
        for section in judgement.sections.iter().filter(|one| one.source == index) {
            let found = section.findings.iter().map(|finding| finding.rule);
            let found: Vec<Rule> = found
                .filter(|rule| policy.level(*rule) >= Level::Drop)
                .collect();
            if let Some(fingerprint) = section.certificate.as_deref().map(Certificate::fingerprint)
            {
                seen.insert(fingerprint);
                // What one client cannot read is still for the others.
                let one_client = [Rule::BreaksJava, Rule::BreaksOpenssl];
                if found.is_empty() || (found.len() == 1 && one_client.contains(&found[0])) {
                    kept.insert(fingerprint);
                }
            }
            rules.extend(found);
        }
        if kept.is_empty() && rules.is_empty() {
            rules.push(Rule::NothingLeft);
        }
        rules.sort_unstable();
        rules.dedup();
        let is_denied = rules.iter().any(|rule| policy.level(*rule) == Level::Deny);
        let accepts = !is_denied && !kept.is_empty();
        if !accepts {
            rules.retain(|rule| !is_denied || policy.level(*rule) == Level::Deny);
        }
        Forecast {
            accepts,
            certificates: if accepts { kept.len() } else { 0 },
            rules: rules.into_iter().map(Rule::code).collect(),
            seen: seen.len(),
        }
    }

    /// Whether a rule keeps the source, or certificates of it, out of a store.
    pub(super) fn is_partial(&self) -> bool {
        !self.rules.is_empty()
    }
}

impl Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rules.join(", ");
        if !self.accepts {
            return write!(f, "would refuse it: {rules}");
        }
        f.write_str("would take ")?;
        if self.certificates < self.seen {
            write!(f, "{} of ", self.certificates)?;
        }
        f.write_str(&count(self.seen, "certificate"))?;
        if self.is_partial() {
            write!(f, " ({rules})")?;
        }
        Ok(())
    }
}
