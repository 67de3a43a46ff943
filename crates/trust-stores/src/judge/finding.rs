//! What a rule finds.

use std::cmp::Reverse;

use super::section::JudgedSection;
use crate::bundle::{Store, StoreSet};
use crate::formats::Hint;
use crate::policy::{Level, Policy, Rule};

/// What a rule finds about a section, or about the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Its level, by the policy and the source's role.
    pub level: Level,
    /// Why the rule applies, in words.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<Hint>,
    /// Whether the same was found where the certificate was read first, so that it need not be said again.
    pub is_repeated: bool,
}

impl Finding {
    /// Sorts `findings`: the severest first, and those of one level as they are.
    pub(super) fn sort(findings: &mut [Finding]) {
        findings.sort_by_key(|finding| Reverse(finding.level));
    }

    pub(super) fn new(rule: Rule, policy: &Policy, reason: impl Into<String>) -> Self {
        Finding {
            rule,
            level: policy.level(rule),
            reason: reason.into(),
            hint: None,
            is_repeated: false,
        }
    }

    pub(super) fn hinted(self, hint: Hint) -> Self {
        Finding {
            hint: Some(hint),
            ..self
        }
    }

    /// The stores that it keeps a certificate out of.
    pub(super) fn excluded_stores(&self) -> StoreSet {
        match self.rule {
            _ if self.level < Level::Drop => StoreSet::NONE,
            Rule::BreaksJava => Store::Java.into(),
            Rule::BreaksOpenssl => StoreSet::PEM,
            _ => StoreSet::ALL,
        }
    }

    /// The denial that it is at level deny.
    pub(super) fn denial(&self, section: Option<&JudgedSection>, message: String) -> Denial {
        Denial {
            rule: self.rule,
            origin: section.map(|section| section.origin.clone()),
            message,
            hint: self.hint,
            left_out: Vec::new(),
            count: 1,
        }
    }
}

/// A finding of a rule at level [`Level::Deny`]: a reason to write no stores at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The rule.
    pub rule: Rule,
    /// Source and position, unless the whole set is denied; escaped.
    pub origin: Option<String>,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<Hint>,
    /// For [`Rule::NothingLeft`], the sections that were left out and why, a line each.
    pub left_out: Vec<String>,
    /// How many sections were denied for it.
    pub count: usize,
}
