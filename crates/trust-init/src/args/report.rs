//! How every command reports: the log on stderr and the reason of a failure.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum as _};

use super::Variables;
use super::variables::{are_ignored, variable_name};
use crate::report::log::LogFormat;
use crate::report::termination;

/// How to report. Every command takes these options.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub struct ReportPlan {
    /// Write messages on stderr in this format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// Print only warnings, errors and what was left out
    #[arg(long, short)]
    pub quiet: bool,

    /// Also write the reason of a failure to this file, if the file exists
    #[arg(long, value_name = "PATH", default_value = termination::DEFAULT_PATH)]
    pub termination_log: PathBuf,
}

impl ReportPlan {
    /// The options as far as they can be recognized in a command line that cannot be parsed.
    pub fn recognized_in(argv: &[OsString], variables: Variables<'_>) -> Self {
        let of_environment = |name: &str| {
            if are_ignored(argv) {
                None
            } else {
                variables(name)
            }
        };
        let value = |long: &str| {
            let flag = format!("--{long}");
            let after = |pair: &[OsString]| (*pair[0] == *flag).then(|| pair[1].clone());
            let attached = |word: &OsString| {
                let value = word.as_bytes().strip_prefix(flag.as_bytes())?;
                Some(OsStr::from_bytes(value.strip_prefix(b"=")?).to_owned())
            };
            let typed = argv.windows(2).find_map(after);
            typed
                .or_else(|| argv.iter().find_map(attached))
                .or_else(|| of_environment(&variable_name(long)))
                .filter(|value| !value.is_empty())
        };
        let format = value("log-format").and_then(|name| name.into_string().ok());
        let format = format.and_then(|name| LogFormat::from_str(&name, false).ok());
        let path = value("termination-log");
        ReportPlan {
            log_format: format.unwrap_or_default(),
            quiet: false,
            termination_log: path.map_or_else(|| termination::DEFAULT_PATH.into(), Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::ReportPlan;
    use crate::report::log::LogFormat;
    use crate::report::termination::DEFAULT_PATH;

    fn recognized(argv: &[&str], variable: Option<(&str, &str)>) -> ReportPlan {
        let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
        let lookup = |name: &str| {
            let set = variable.filter(|(set, _)| *set == name);
            set.map(|(_, value)| value.into())
        };
        ReportPlan::recognized_in(&argv, &lookup)
    }

    #[test]
    fn a_wrong_command_line_still_says_how_to_report() {
        for (argv, variable, format) in [
            (
                vec!["trust-init", "--log-format", "json"],
                None,
                LogFormat::Json,
            ),
            (
                vec!["bild", "--log-format=json", "x"],
                None,
                LogFormat::Json,
            ),
            (
                vec!["bild"],
                Some(("TRUST_INIT_LOG_FORMAT", "json")),
                LogFormat::Json,
            ),
            (
                vec!["--log-format=text"],
                Some(("TRUST_INIT_LOG_FORMAT", "json")),
                LogFormat::Text,
            ),
            (
                vec!["bild", "--ignore-variables"],
                Some(("TRUST_INIT_LOG_FORMAT", "json")),
                LogFormat::Text,
            ),
            (
                vec!["bild", "--", "--ignore-variables"],
                Some(("TRUST_INIT_LOG_FORMAT", "json")),
                LogFormat::Json,
            ),
            (vec!["--log-format"], None, LogFormat::Text),
            (vec!["--log-format=xml"], None, LogFormat::Text),
        ] {
            assert_eq!(recognized(&argv, variable).log_format, format, "{argv:?}");
        }
    }

    #[test]
    fn the_reason_of_a_failure_goes_where_it_was_asked_for() {
        let path = |argv: &[&str], variable| recognized(argv, variable).termination_log;
        let set = Some(("TRUST_INIT_TERMINATION_LOG", "/set"));
        assert_eq!(path(&[], None), Path::new(DEFAULT_PATH));
        assert_eq!(path(&[], set), Path::new("/set"));
        assert_eq!(
            path(&["--termination-log", "/typed"], set),
            Path::new("/typed")
        );
    }
}
