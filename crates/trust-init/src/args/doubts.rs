//! Variables that are followed, but perhaps not as they were meant.
//!
//! A variable of no option is ignored, because Kubernetes sets some for a Service called trust-init. A
//! typing error in a name would then silently change what is trusted, so a near miss is reported. So is
//! an empty path in a list: in `$ONE:$TWO`, a variable that is not set would go unnoticed.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::near::distance;
use super::variables::{IGNORE, PREFIX, Variables, are_ignored, variable_name};
use crate::error::{Code, Error};
use trust_stores::escape::escape;

/// Every option of every command, so that a variable can be looked up without defining all of them, which
/// takes a quarter of a short run.
const OPTIONS: &[&str] = &[
    "against",
    "allow",
    "ask",
    "at",
    "base",
    "block",
    "ca",
    "ca-password-file",
    "certificates-only",
    "debounce",
    "deny",
    "diff",
    "drop",
    "expect-sha256",
    "expires-soon",
    "fetch-issuers",
    "format",
    "from",
    "hash-suffix",
    "healthy",
    "immutable",
    "install",
    "interval",
    "java-password-file",
    "java-store",
    "keep-env",
    "kind",
    "lock-timeout",
    "log-format",
    "max-size",
    "mounted-at",
    "name",
    "namespace",
    "only",
    "optional",
    "os-layout",
    "out",
    "pid",
    "print",
    "proxy",
    "quiet",
    "remind",
    "report",
    "root",
    "save-chain",
    "server-side-apply",
    "set-variable",
    "starttls",
    "strict",
    "sync",
    "termination-log",
    "timeout",
    "verbose",
    "wait",
    "warn",
];

/// The options whose variables are lists of paths.
const LISTS: [&str; 2] = ["ca", "base"];

/// Warnings about the variables that are set, whose names are `names`; none if `argv` says that they do not
/// count.
pub fn doubts(argv: &[OsString], names: &[OsString], variables: Variables<'_>) -> Vec<Error> {
    if are_ignored(argv) {
        return Vec::new();
    }
    let lists = LISTS.map(variable_name);
    let lists = lists.into_iter().filter(|name| {
        let value = variables(name).filter(|value| !value.is_empty());
        value.is_some_and(|value| value.as_bytes().split(|b| *b == b':').any(<[u8]>::is_empty))
    });
    let empty = |name: String| {
        let message = "a path in this list is empty: it is skipped";
        Error::new(Code::Variable, message)
            .at(name)
            .hint("check the variables that the list was made of")
    };
    misspelled(names)
        .into_iter()
        .chain(lists.map(empty))
        .collect()
}

/// A warning for each of the variables `names` that is not one of ours but looks like a misspelled one.
///
/// Near is: two letters wrong, and at most a third of them; one word too few, as in
/// `TRUST_INIT_JAVA_PASSWORD`; or a word such as `_FILE` too many. What Kubernetes sets for a Service called
/// trust-init is never near.
fn misspelled(names: &[OsString]) -> Vec<Error> {
    // Nearly always there are none, and there is nothing to compare with every option.
    let suspects: Vec<&str> = names
        .iter()
        .filter_map(|name| name.to_str())
        .filter(|name| starts_like_ours(name) && !is_of_a_service(name))
        .collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let known: Vec<String> = OPTIONS.iter().map(|long| variable_name(long)).collect();
    let meant = |name: &str| {
        if known.iter().any(|known| known == name) {
            return None;
        }
        if name == variable_name(IGNORE) {
            let fault = Error::new(
                Code::Variable,
                "only the command line can set this: the variable is ignored",
            );
            return Some(fault.at(escape(name)).hint("give --ignore-variables"));
        }
        let known = known.iter().filter(|known| is_near(name, known));
        let known = known.min_by_key(|known| distance(name.as_bytes(), known.as_bytes()))?;
        let fault = Error::new(Code::Variable, "no option has this variable: it is ignored");
        Some(
            fault
                .at(escape(name))
                .hint(format!("did you mean {known}?")),
        )
    };
    suspects.into_iter().filter_map(meant).collect()
}

/// What a name starts with, in any case, that may be meant as one of ours.
const START: &str = "TRUST";

fn starts_like_ours(name: &str) -> bool {
    let start = name.as_bytes().get(..START.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(START.as_bytes()))
}

/// Whether Kubernetes sets `name` for a Service: `…_SERVICE_HOST`, `…_SERVICE_PORT_HTTPS`, `…_PORT`,
/// `…_PORT_443_TCP_ADDR`.
fn is_of_a_service(name: &str) -> bool {
    let is_port = |rest: &str| {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        number.len() < rest.len() && number.starts_with('_')
    };
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || name.split("_PORT_").skip(1).any(is_port)
}

/// Whether `name`, which is none of ours, is probably meant to be `known`.
fn is_near(name: &str, known: &str) -> bool {
    let capitals = name.to_ascii_uppercase();
    // The prefix can be misspelled too, and then counts as letters.
    let Some(option) = known.strip_prefix(PREFIX) else {
        return false;
    };
    let typed = capitals.strip_prefix(PREFIX);
    let (longest, letters) = match typed {
        Some(typed) => (
            typed.len().max(option.len()),
            distance(typed.as_bytes(), option.as_bytes()),
        ),
        None if capitals.starts_with(START) => {
            (known.len(), distance(capitals.as_bytes(), known.as_bytes()))
        }
        None => return false,
    };
    let is_word_less = |typed: &str| {
        let rest = option
            .strip_prefix(typed)
            .and_then(|rest| rest.strip_prefix('_'));
        let rest = rest.or_else(|| option.strip_suffix(typed)?.strip_suffix('_'));
        rest.is_some_and(|rest| !rest.contains('_'))
    };
    let is_word_more = |typed: &str| {
        let rest = typed.strip_prefix(option);
        matches!(rest, Some("_FILE" | "_PATH" | "_DIR" | "_BUNDLE"))
    };
    letters <= 2.min(longest / 3)
        || typed.is_some_and(|typed| is_word_less(typed) || is_word_more(typed))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::variables::{IGNORE, variable_name};
    use super::{OPTIONS, doubts, misspelled};

    fn meant(name: &str) -> Option<String> {
        let warning = misspelled(&[OsString::from(name)]).pop()?;
        assert_eq!(warning.place.as_deref(), Some(name));
        let hint = warning.hints.first()?.strip_prefix("did you mean ")?;
        Some(hint.trim_end_matches('?').to_owned())
    }

    #[test]
    fn every_option_is_known() {
        for subcommand in crate::args::command().get_subcommands() {
            for argument in subcommand.get_arguments() {
                let has_variable = |long: &&str| !["help", IGNORE].contains(long);
                if let Some(long) = argument.get_long().filter(has_variable) {
                    assert!(OPTIONS.contains(&long), "{long}");
                    assert_eq!(meant(&variable_name(long)), None, "{long}");
                }
            }
        }
    }

    #[test]
    fn a_near_miss_is_reported() {
        for (name, expected) in [
            ("TRUST_INIT_BSAE", "TRUST_INIT_BASE"),
            ("TRUST_INIT_CAS", "TRUST_INIT_CA"),
            ("TRUST_INIT_JAVA_PASSWORD", "TRUST_INIT_JAVA_PASSWORD_FILE"),
            ("TRUST_INIT_CA_PASSWORD", "TRUST_INIT_CA_PASSWORD_FILE"),
            ("TRUST_INIT_CA_FILE", "TRUST_INIT_CA"),
            ("TRUST_INIT_OUT_DIR", "TRUST_INIT_OUT"),
            ("TRUST_INIT_SHA256", "TRUST_INIT_EXPECT_SHA256"),
            ("TRUST_INIT_EXPECTED_SHA256", "TRUST_INIT_EXPECT_SHA256"),
            ("TRUST_INIT_LOGFORMAT", "TRUST_INIT_LOG_FORMAT"),
            ("TRUST_INIT_MOUNT_AT", "TRUST_INIT_MOUNTED_AT"),
            (
                "TRUST_INIT_CERTIFICATE_ONLY",
                "TRUST_INIT_CERTIFICATES_ONLY",
            ),
            ("TRUSTINIT_CA", "TRUST_INIT_CA"),
            ("TRUST_INT_BASE", "TRUST_INIT_BASE"),
            ("trust_init_base", "TRUST_INIT_BASE"),
        ] {
            assert_eq!(meant(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn variables_that_do_not_count_are_not_doubted() {
        let names = ["TRUST_INIT_BSAE", "TRUST_INIT_IGNORE_VARIABLES"].map(OsString::from);
        let warned = |argv: &[&str]| {
            let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
            doubts(&argv, &names, &|_| None).len()
        };
        assert_eq!(warned(&["trust-init", "build"]), 2);
        assert_eq!(warned(&["trust-init", "build", "--ignore-variables"]), 0);
    }

    #[test]
    fn an_empty_path_in_a_list_is_reported() {
        for (value, is_reported) in [
            ("/a:/b", false),
            ("", false),
            ("/a::/b", true),
            (":/b", true),
            ("/a:", true),
        ] {
            let lookup = |name: &str| (name == "TRUST_INIT_CA").then(|| value.into());
            let places: Vec<_> = doubts(&[], &[], &lookup)
                .into_iter()
                .map(|doubt| doubt.place)
                .collect();
            let expected = is_reported.then(|| Some("TRUST_INIT_CA".to_owned()));
            assert_eq!(places, Vec::from_iter(expected), "{value}");
        }
    }

    #[test]
    fn what_a_service_sets_and_what_is_far_is_not() {
        for service in [
            "TRUST_INIT",
            "TRUST_INIT_CA",
            "TRUST_INIT_BASE",
            "TRUST_INIT_OTU",
        ] {
            for end in [
                "PORT",
                "SERVICE_HOST",
                "SERVICE_PORT",
                "SERVICE_PORT_HTTPS",
                "PORT_8443_TCP",
                "PORT_8443_TCP_ADDR",
                "PORT_8443_TCP_PORT",
                "PORT_8443_TCP_PROTO",
                "PORT_53_UDP",
            ] {
                let name = format!("{service}_{end}");
                assert_eq!(meant(&name), None, "{name}");
            }
        }
        for name in [
            "TRUST_INIT",
            "TRUST_INIT_",
            "TRUST_INIT_BIN",
            "TRUST_INIT_ENABLED",
            "TRUST_INIT_IMAGE",
            "TRUST_INIT_IMAGE_TAG",
            "TRUST_INIT_LIMBO",
            "TRUST_INIT_PROXY_PASSWORD",
            "TRUST_INIT_VERSION",
            "TRUST_INIT_WRITE_GOLDEN",
            "TRUST_MANAGER_CA",
            "TRUSTSTORE_BASE",
            "PATH",
            "",
        ] {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
