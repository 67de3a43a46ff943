//! What certificates are judged by.

use clap::Args;

use super::values::{fingerprint, rules};
use crate::error::Error;
use trust_stores::{Criteria, Days, Fingerprint, Level, Policy, Rule, Scope, Timestamp};

/// How near an expiry is reported.
pub(super) const DEFAULT_EXPIRES_SOON: &str = "30d";

#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(super) struct PolicyOptions {
    /// Only record in the manifest what these rules find
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = rules(), hide_possible_values = true)]
    allow: Vec<Rule>,

    /// Warn about what these rules find
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = rules(), hide_possible_values = true)]
    warn: Vec<Rule>,

    /// Leave out the certificates that these rules match, and report them
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = rules(), hide_possible_values = true)]
    drop: Vec<Rule>,

    /// Fail the run if these rules find anything
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = rules(), hide_possible_values = true, long_help = deny_help())]
    deny: Vec<Rule>,

    /// Leave out the certificate with this SHA-256 (hex, with or without colons); repeatable
    #[arg(long, value_name = "FINGERPRINT,...", value_delimiter = ',', value_parser = fingerprint)]
    block: Vec<Fingerprint>,

    /// Report certificates that expire within this many days
    #[arg(long, value_name = "DAYS", default_value = DEFAULT_EXPIRES_SOON)]
    expires_soon: Days,
}

/// The help of `--deny`, which lists every rule under its default level.
fn deny_help() -> String {
    let mut help = String::from("Fail the run if these rules find anything\n\nDefault levels:");
    for level in Level::ALL.into_iter().rev() {
        let rules = Rule::ALL.into_iter();
        let codes: Vec<String> = rules
            .filter(|rule| rule.default_level() == level)
            .map(|rule| match rule.scope() {
                Scope::Fixed => format!("{rule} (fixed)"),
                _ => rule.to_string(),
            })
            .collect();
        help.extend(["\n- ", level.name(), ": ", &codes.join(", ")]);
    }
    help
}

/// What to judge by.
#[derive(Debug)]
pub struct PolicyPlan {
    /// The level of each rule.
    pub policy: Policy,
    /// `--at`, if it was given.
    pub at: Option<Timestamp>,
    /// How near an expiry is reported.
    pub expires_soon: Days,
    /// Certificates that are not to be trusted.
    pub blocked: Vec<Fingerprint>,
}

impl PolicyPlan {
    pub(super) fn resolve(typed: PolicyOptions, at: Option<Timestamp>) -> Result<Self, Error> {
        let settings: Vec<(Level, Rule)> = [
            (Level::Allow, typed.allow),
            (Level::Warn, typed.warn),
            (Level::Drop, typed.drop),
            (Level::Deny, typed.deny),
        ]
        .into_iter()
        .flat_map(|(level, rules)| rules.into_iter().map(move |rule| (level, rule)))
        .collect();
        Ok(PolicyPlan {
            policy: Policy::with(&settings).map_err(|error| Error::usage(error.to_string()))?,
            at,
            expires_soon: typed.expires_soon,
            blocked: typed.block,
        })
    }

    /// The criteria of a run at the moment `now`, which `--at` overrides.
    pub fn criteria(&self, now: Timestamp) -> Criteria<'_> {
        Criteria {
            policy: &self.policy,
            at: self.at.unwrap_or(now),
            expires_soon: self.expires_soon,
            blocked: &self.blocked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::deny_help;
    use trust_stores::{Rule, Scope};

    #[test]
    fn the_help_names_every_rule_with_its_level() {
        let help = deny_help();
        for rule in Rule::ALL {
            let start = format!("- {}: ", rule.default_level());
            let line = help.lines().find(|line| line.starts_with(&start)).unwrap();
            let fixed = format!("{rule} (fixed)");
            let shown = match rule.scope() {
                Scope::Fixed => fixed.as_str(),
                _ => rule.code(),
            };
            let mut codes = line[start.len()..].split(", ");
            assert!(codes.any(|code| code == shown), "{rule}");
        }
    }
}
