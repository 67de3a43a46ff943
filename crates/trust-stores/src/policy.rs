//! The rules: what can be wrong with a source, a certificate or the whole set, and how serious that is. Here
//! is what each is called and which levels it can have; what it finds is decided by [`crate::Judge`].

use std::fmt;
use std::str::FromStr;

use crate::parse_error::ParseError;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is only recorded.
    Allow,
    /// A warning; nothing changes.
    Warn,
    /// The certificate is left out, and that is reported.
    Drop,
    /// No store is written.
    Deny,
}

impl Level {
    /// Every level, the mildest first.
    pub const ALL: [Level; 4] = [Level::Allow, Level::Warn, Level::Drop, Level::Deny];

    /// Its name: `allow`, `warn`, `drop` or `deny`.
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
    /// A section without a usable certificate, which is left out or refused.
    Section,
    /// A certificate by itself.
    Certificate,
    /// A certificate among the others. Leaving it out would only move the problem.
    Relation,
    /// A whole source.
    Source,
    /// All sources together.
    Set,
    /// One that is always denied.
    Fixed,
}

impl Scope {
    /// The levels that a rule of this scope can have.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Scope::Section => &[Level::Drop, Level::Deny],
            Scope::Certificate => &Level::ALL,
            Scope::Relation | Scope::Source | Scope::Set => {
                &[Level::Allow, Level::Warn, Level::Deny]
            }
            Scope::Fixed => &[Level::Deny],
        }
    }
}

/// Declares the rules, so that the code, scope, default level and description of each are in one place.
macro_rules! rules {
    ($($rule:ident, $code:literal, $scope:ident, $level:ident, $description:literal;)*) => {
        /// A rule of the policy.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $description] $rule,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: [Rule; [$($code),*].len()] = [$(Rule::$rule),*];

            /// Its code in kebab case, which [`FromStr`] reads and `Display` writes.
            pub fn code(self) -> &'static str {
                match self { $(Rule::$rule => $code,)* }
            }

            /// What it is about.
            pub fn scope(self) -> Scope {
                match self { $(Rule::$rule => Scope::$scope,)* }
            }

            /// Its level in the default policy.
            pub fn default_level(self) -> Level {
                match self { $(Rule::$rule => Level::$level,)* }
            }

            /// What it finds, in one sentence.
            pub fn description(self) -> &'static str {
                match self { $(Rule::$rule => $description,)* }
            }
        }
    };
}

rules! {
    Malformed, "malformed", Section, Deny,
        "a section or file cannot be read as a certificate";
    WrongPassword, "wrong-password", Section, Deny,
        "a store or file is encrypted, and its password is missing or wrong";
    PrivateKey, "private-key", Fixed, Deny,
        "a source contains a private key";
    NotACertificate, "not-a-certificate", Section, Drop,
        "a revocation list, public key or parameters next to the certificates";
    TooLarge, "too-large", Source, Deny,
        "a customer source is larger than the size limit";
    HashMismatch, "hash-mismatch", Fixed, Deny,
        "the customer sources do not have the declared SHA-256";
    NothingLeft, "nothing-left", Set, Deny,
        "the customer sources leave no certificate";
    BreaksJava, "breaks-java", Certificate, Drop,
        "a certificate that makes a JVM refuse the whole store; left out of the Java stores only";
    BreaksOpenssl, "breaks-openssl", Certificate, Drop,
        "a certificate that makes OpenSSL or GnuTLS refuse the whole bundle; left out of the PEM stores only";
    Distrusted, "distrusted", Certificate, Drop,
        "a certificate whose own source says not to trust it for TLS servers";
    Blocked, "blocked", Certificate, Drop,
        "a certificate whose fingerprint is blocked";
    NotACa, "not-a-ca", Certificate, Warn,
        "a certificate that is not a CA certificate (basicConstraints)";
    NoCertSign, "no-cert-sign", Certificate, Warn,
        "a CA that may not sign certificates (keyUsage)";
    WeakKey, "weak-key", Certificate, Warn,
        "a key that is too short for the defaults of current clients";
    WeakSignature, "weak-signature", Certificate, Warn,
        "a certificate that another one signed with MD5 or SHA-1";
    PythonStrict, "python-strict", Certificate, Warn,
        "a CA that Python 3.13 refuses by default (VERIFY_X509_STRICT)";
    IncompleteChain, "incomplete-chain", Relation, Warn,
        "a certificate whose issuer is missing: OpenSSL and Python refuse what it signed";
    SameSubject, "same-subject", Relation, Warn,
        "two certificates with the same subject but different keys, which some clients confuse";
    KeyRollover, "key-rollover", Relation, Allow,
        "a CA with an old and a new key, which every client tells apart; reported as information";
    NoRoot, "no-root", Set, Warn,
        "none of the customer's certificates is a root or leads to one";
    Expired, "expired", Certificate, Warn,
        "a certificate has expired (notAfter)";
    NotYetValid, "not-yet-valid", Certificate, Warn,
        "a certificate is not valid yet (notBefore)";
    ExpiresSoon, "expires-soon", Certificate, Warn,
        "a certificate expires soon (notAfter)";
    RootsOld, "roots-old", Set, Warn,
        "the embedded Mozilla roots are more than a year old";
    Duplicate, "duplicate", Certificate, Allow,
        "a certificate is given more than once";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Rule {
    type Err = ParseError;

    fn from_str(code: &str) -> Result<Self, ParseError> {
        let mut rules = Rule::ALL.into_iter();
        rules
            .find(|rule| rule.code() == code.trim())
            .ok_or_else(|| {
                let codes = Rule::ALL.map(Rule::code).join(", ");
                ParseError(format!("no such rule; the rules are {codes}").into())
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

    /// The policy in which every rule has its mildest level: findings are recorded, and nothing changes
    /// where that is possible.
    pub fn lenient() -> Self {
        Policy(Rule::ALL.map(|rule| {
            let levels = rule.scope().levels().iter().copied();
            levels.min().unwrap_or(Level::Deny)
        }))
    }

    /// The default policy with the given rules at the given levels.
    ///
    /// # Errors
    /// Refuses a rule at two levels, and a level that the rule's scope cannot have.
    ///
    /// ```
    /// use trust_stores::{Level, Policy, Rule};
    ///
    /// let policy = Policy::with(&[(Level::Deny, Rule::Expired)])?;
    /// assert_eq!(policy.level(Rule::Expired), Level::Deny);
    /// assert_eq!(policy.level(Rule::WeakKey), Level::Warn);
    ///
    /// let refused = Policy::with(&[(Level::Allow, Rule::PrivateKey)]).unwrap_err();
    /// assert_eq!(refused.to_string(), "rule 'private-key' is fixed: it cannot be set to allow");
    /// # Ok::<(), trust_stores::PolicyError>(())
    /// ```
    pub fn with(settings: &[(Level, Rule)]) -> Result<Self, PolicyError> {
        let mut policy = Policy::default();
        for (index, &(level, rule)) in settings.iter().enumerate() {
            let earlier = settings[..index].iter().find(|(_, other)| *other == rule);
            if let Some(&(other, _)) = earlier
                && other != level
            {
                return Err(PolicyError::TwoLevels(rule, other, level));
            }
            if !rule.scope().levels().contains(&level) {
                return Err(PolicyError::LevelNotAllowed(rule, level));
            }
            policy.0[rule as usize] = level;
        }
        Ok(policy)
    }
}

/// Why a policy cannot be made from some settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// One rule was set to two different levels.
    TwoLevels(Rule, Level, Level),
    /// A rule cannot have this level: see [`Scope::levels`].
    LevelNotAllowed(Rule, Level),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::TwoLevels(rule, one, other) => {
                write!(f, "rule '{rule}' is set to both {one} and {other}")
            }
            PolicyError::LevelNotAllowed(rule, level) if rule.scope() == Scope::Fixed => {
                write!(f, "rule '{rule}' is fixed: it cannot be set to {level}")
            }
            PolicyError::LevelNotAllowed(rule, level) => {
                let levels: Vec<_> = rule.scope().levels().iter().map(|l| l.name()).collect();
                let (last, others) = levels.split_last().unwrap_or((&"deny", &[]));
                let others = others.join(", ");
                write!(
                    f,
                    "rule '{rule}' cannot be set to {level}, only to {others} or {last}"
                )
            }
        }
    }
}

impl std::error::Error for PolicyError {}

#[cfg(test)]
mod tests {
    use super::{Level, Policy, Rule};

    #[test]
    fn codes_are_unique_kebab_case_and_read_back() {
        for (index, rule) in Rule::ALL.into_iter().enumerate() {
            assert_eq!(rule as usize, index, "ALL lists the rules as declared");
            assert_eq!(rule.to_string().parse(), Ok(rule));
            assert_eq!(rule.to_string(), rule.code());
            assert!(
                rule.code()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-')
            );
            assert!(rule.scope().levels().contains(&rule.default_level()));
        }
    }

    #[test]
    fn a_text_that_is_no_code_is_answered_with_the_codes() {
        let unknown = "expires".parse::<Rule>().unwrap_err().to_string();
        assert!(unknown.starts_with("no such rule") && unknown.contains("expires-soon, roots-old"));
    }

    #[test]
    fn the_lenient_policy_has_the_mildest_levels() {
        let lenient = Policy::lenient();
        assert_eq!(lenient.level(Rule::Expired), Level::Allow);
        assert_eq!(lenient.level(Rule::Malformed), Level::Drop);
        assert_eq!(lenient.level(Rule::PrivateKey), Level::Deny);
        assert_eq!(
            Level::ALL.map(|level| level.to_string()),
            ["allow", "warn", "drop", "deny"]
        );
    }

    #[test]
    fn a_level_is_set_once_and_only_where_it_makes_sense() {
        let policy = Policy::with(&[(Level::Deny, Rule::Expired), (Level::Deny, Rule::Expired)]);
        assert_eq!(policy.unwrap().level(Rule::Expired), Level::Deny);
        for (settings, word) in [
            (
                vec![(Level::Deny, Rule::Expired), (Level::Warn, Rule::Expired)],
                "both deny and warn",
            ),
            (vec![(Level::Warn, Rule::PrivateKey)], "fixed"),
            (vec![(Level::Warn, Rule::Malformed)], "only to drop or deny"),
            (vec![(Level::Drop, Rule::TooLarge)], "only to allow"),
            (vec![(Level::Drop, Rule::SameSubject)], "only to allow"),
        ] {
            let refusal = Policy::with(&settings).unwrap_err().to_string();
            assert!(refusal.contains(word), "{refusal}");
        }
    }
}
