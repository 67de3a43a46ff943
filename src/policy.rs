//! The rules: what can be said of a source, a certificate or the whole set, and the level that
//! each has. What a rule finds is decided in [`crate::judge`]; here is what it is called and how
//! serious it may be.

use std::fmt;
use std::str::FromStr;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only the manifest says it.
    Allow,
    /// A warning; nothing changes.
    Warn,
    /// The certificate is left out, and said to be.
    Drop,
    /// The run fails.
    Deny,
}

impl Level {
    /// Every level, the mildest first.
    pub const ALL: [Level; 4] = [Level::Allow, Level::Warn, Level::Drop, Level::Deny];

    /// As its flag is called.
    pub fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Drop => "drop",
            Level::Deny => "deny",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a rule is about, which decides the levels that it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A section that cannot be taken: left out or refused.
    Section,
    /// A certificate.
    Certificate,
    /// A whole source.
    Source,
    /// All sources together.
    Set,
    /// One that always fails the run.
    Fixed,
}

impl Scope {
    /// The levels that a rule of this scope can have.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Scope::Section => &[Level::Drop, Level::Deny],
            Scope::Certificate => &Level::ALL,
            Scope::Source | Scope::Set => &[Level::Allow, Level::Warn, Level::Deny],
            Scope::Fixed => &[Level::Deny],
        }
    }
}

/// A rule of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// See [`Rule::description`], for this one and all others.
    Malformed,
    /// A private key.
    PrivateKey,
    /// Over `--max-size`.
    TooLarge,
    /// No customer's certificate left.
    NothingLeft,
    /// Not for TLS servers, its own settings say.
    Distrusted,
    /// Past its end.
    Expired,
    /// Before its start.
    NotYetValid,
    /// Given twice.
    Duplicate,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 8] = [
        Rule::Malformed,
        Rule::PrivateKey,
        Rule::TooLarge,
        Rule::NothingLeft,
        Rule::Distrusted,
        Rule::Expired,
        Rule::NotYetValid,
        Rule::Duplicate,
    ];

    /// Its code, as flags, messages and the manifest have it.
    pub fn code(self) -> &'static str {
        match self {
            Rule::Malformed => "malformed",
            Rule::PrivateKey => "private-key",
            Rule::TooLarge => "too-large",
            Rule::NothingLeft => "nothing-left",
            Rule::Distrusted => "distrusted",
            Rule::Expired => "expired",
            Rule::NotYetValid => "not-yet-valid",
            Rule::Duplicate => "duplicate",
        }
    }

    /// What it is about.
    pub fn scope(self) -> Scope {
        match self {
            Rule::Malformed => Scope::Section,
            Rule::PrivateKey => Scope::Fixed,
            Rule::TooLarge => Scope::Source,
            Rule::NothingLeft => Scope::Set,
            Rule::Distrusted | Rule::Expired | Rule::NotYetValid | Rule::Duplicate => {
                Scope::Certificate
            }
        }
    }

    /// Its level where no flag names it.
    pub fn default_level(self) -> Level {
        match self {
            Rule::Malformed | Rule::PrivateKey | Rule::TooLarge | Rule::NothingLeft => Level::Deny,
            Rule::Distrusted => Level::Drop,
            Rule::Expired | Rule::NotYetValid => Level::Warn,
            Rule::Duplicate => Level::Allow,
        }
    }

    /// What it finds, in one sentence.
    pub fn description(self) -> &'static str {
        match self {
            Rule::Malformed => "a section or file cannot be read as a certificate",
            Rule::PrivateKey => "a source holds a private key",
            Rule::TooLarge => "a customer's source is larger than --max-size",
            Rule::NothingLeft => "the customer's sources leave no certificate",
            Rule::Distrusted => "a TRUSTED CERTIFICATE whose own trust settings reject TLS servers",
            Rule::Expired => "a certificate's notAfter has passed",
            Rule::NotYetValid => "a certificate's notBefore lies ahead",
            Rule::Duplicate => "a certificate is given more than once",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        Rule::ALL
            .into_iter()
            .find(|rule| rule.code() == code.trim())
            .ok_or_else(|| {
                let codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
                format!("no such rule; the rules are {}", codes.join(", "))
            })
    }
}

/// A level for each rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy([Level; Rule::ALL.len()]);

impl Default for Policy {
    fn default() -> Self {
        Policy(Rule::ALL.map(Rule::default_level))
    }
}

impl Policy {
    /// The level of `rule`.
    pub fn level(&self, rule: Rule) -> Level {
        self.0[rule as usize]
    }

    /// The default policy with the given rules at the given levels. Refuses a rule at two levels,
    /// and a level that the rule's scope cannot have; says which, in words.
    pub fn with(settings: &[(Level, Rule)]) -> Result<Self, String> {
        let mut policy = Policy::default();
        for (index, &(level, rule)) in settings.iter().enumerate() {
            let earlier = settings[..index].iter().find(|(_, other)| *other == rule);
            if let Some((other, _)) = earlier
                && *other != level
            {
                return Err(format!("rule '{rule}' has two levels, {other} and {level}"));
            }
            if rule.scope() == Scope::Fixed && level != Level::Deny {
                return Err(format!(
                    "rule '{rule}' is fixed: it cannot be set to {level}"
                ));
            }
            let possible = rule.scope().levels();
            if !possible.contains(&level) {
                let possible: Vec<_> = possible.iter().map(|level| level.name()).collect();
                return Err(format!(
                    "rule '{rule}' cannot be set to {level}, only to {}",
                    possible.join(" or "),
                ));
            }
            policy.0[rule as usize] = level;
        }
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, Policy, Rule};

    #[test]
    fn codes_are_unique_kebab_case_and_read_back() {
        for (index, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, index, "ALL lists the rules as declared");
            assert_eq!(rule.code().parse(), Ok(rule));
            assert!(
                rule.code()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-')
            );
            assert!(rule.scope().levels().contains(&rule.default_level()));
        }
    }

    #[test]
    fn a_level_is_set_once_and_only_where_it_makes_sense() {
        let policy = Policy::with(&[(Level::Deny, Rule::Expired), (Level::Deny, Rule::Expired)]);
        assert_eq!(policy.unwrap().level(Rule::Expired), Level::Deny);
        for (settings, word) in [
            (
                vec![(Level::Deny, Rule::Expired), (Level::Warn, Rule::Expired)],
                "two levels",
            ),
            (vec![(Level::Warn, Rule::PrivateKey)], "fixed"),
            (vec![(Level::Warn, Rule::Malformed)], "only to drop or deny"),
            (vec![(Level::Drop, Rule::TooLarge)], "only to allow"),
        ] {
            let refusal = Policy::with(&settings).unwrap_err();
            assert!(refusal.contains(word), "{refusal}");
        }
    }
}
