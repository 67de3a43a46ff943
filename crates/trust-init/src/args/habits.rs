//! What people type because other programs have it, and what to type here instead. Nothing of this is
//! accepted: it is only answered.

use std::ffi::OsStr;
use std::path::Path;

use crate::wiring::path_word;

const BUILD: &str = "to build stores with a CA: trust-init build PATH";
const CHECK: &str = "to check certificates: trust-init check PATH";
const COMPARE: &str = "to compare two stores: trust-init inspect ONE --diff OTHER";
const CONVERT: &str = "to convert certificates to PEM: trust-init inspect --format pem PATH";
const DOCTOR: &str = "to see whether a server is trusted: trust-init doctor HOST";
const EXEC: &str = "to run a command that trusts a CA: trust-init exec --ca PATH -- CMD ARGS...";
const INSPECT: &str = "to see what a file holds: trust-init inspect PATH";
const RENDER: &str = "to print the stores as Kubernetes objects: trust-init render PATH";
const SAVE: &str = "to save a server's certificates: trust-init doctor HOST --save-chain FILE";
const WATCH: &str = "to build the stores again whenever a source changes: trust-init watch PATH";

/// Commands of other programs, and how to get the same here.
const COMMANDS: [(&[&str], &[&str]); 10] = [
    (&["verify", "validate", "lint", "test"], &[CHECK, DOCTOR]),
    (&["diff", "compare"], &[COMPARE]),
    (
        &["list", "ls", "show", "print", "view", "cat", "info", "dump"],
        &[INSPECT],
    ),
    (&["convert", "export", "extract"], &[CONVERT, BUILD]),
    (&["run", "wrap"], &[EXEC]),
    (
        &[
            "connect", "probe", "scan", "ping", "diagnose", "debug", "s_client",
        ],
        &[DOCTOR],
    ),
    (
        &[
            "create", "generate", "make", "init", "add", "import", "merge", "trust",
        ],
        &[BUILD, EXEC],
    ),
    (&["update", "refresh", "reload"], &[BUILD, WATCH]),
    (&["apply", "kubernetes", "k8s", "manifest"], &[RENDER]),
    (&["get", "fetch", "download"], &[SAVE]),
];

/// Options of other programs, and ours. The first that the command has is meant.
const OPTIONS: [(&[&str], &str); 9] = [
    (
        &[
            "cafile",
            "cacert",
            "ca-file",
            "ca-cert",
            "ca-bundle",
            "ca-certificate",
            "ca-certificates",
            "cert",
            "certs",
            "certificate",
            "certificates",
            "i",
            "in",
            "input",
            "source",
            "file",
        ],
        "ca",
    ),
    (
        &[
            "o",
            "output",
            "output-dir",
            "out-dir",
            "outdir",
            "dest",
            "dir",
        ],
        "out",
    ),
    (&["o", "output"], "format"),
    (
        &["password", "pass", "passin", "storepass", "password-file"],
        "ca-password-file",
    ),
    (&["storetype", "store-type", "deststoretype"], "java-store"),
    (&["layout", "os", "distro"], "os-layout"),
    (&["n"], "namespace"),
    (&["v"], "verbose"),
    (&["s", "silent"], "quiet"),
];

/// How to get what the command `word` of another program does.
pub(super) fn of_command(word: &str) -> Vec<String> {
    if names_certificates(Path::new(word)) {
        return for_certificates(word);
    }
    let word = word.to_ascii_lowercase();
    let meant = COMMANDS.iter().find(|(theirs, _)| theirs.contains(&&*word));
    let ours = meant.map_or(&[][..], |(_, ours)| ours);
    ours.iter().map(ToString::to_string).collect()
}

/// What to write instead of the option or word `typed`, which `command` does not have.
pub(super) fn of_option(typed: &str, command: &clap::Command) -> Vec<String> {
    let word = typed.trim_start_matches('-');
    let is_option = word.len() < typed.len();
    let has = |long: &str| {
        command
            .get_arguments()
            .any(|one| one.get_long() == Some(long))
    };
    let is_ca = OPTIONS[0].0.contains(&word) || word == "ca";
    match command.get_name() {
        "install" if is_option && is_ca => return not_installed("PATH"),
        "install" if !is_option && names_certificates(Path::new(typed)) => {
            return not_installed(typed);
        }
        "exec" if !is_option && names_certificates(Path::new(typed)) => {
            let path = pasted(typed);
            return vec![format!(
                "certificates follow --ca: trust-init exec --ca {path} -- CMD ARGS..."
            )];
        }
        "doctor" if is_option && is_ca => {
            return vec![String::from(
                "doctor asks with what this process trusts; to add a CA first: \
                 trust-init exec --ca PATH -- trust-init doctor HOST",
            )];
        }
        "doctor" if is_option && ["host", "connect", "url", "server"].contains(&word) => {
            return vec![String::from(
                "a server needs no option: trust-init doctor HOST",
            )];
        }
        _ if !is_option => return Vec::new(),
        _ => {}
    }
    let value = ["json", "pem", "junit"]
        .into_iter()
        .find(|one| *one == word);
    if let Some(value) = value.filter(|_| has("format")) {
        return vec![format!("write --format {value}")];
    }
    if word == "dry-run" {
        return vec![CHECK.to_owned()];
    }
    let meant = OPTIONS
        .iter()
        .find(|(theirs, ours)| theirs.contains(&word) && has(ours));
    let ours = meant.map(|(_, ours)| format!("the option is --{ours}"));
    ours.into_iter().collect()
}

/// What to do with certificates instead of installing them, as mkcert does.
pub(super) fn not_installed(path: &str) -> Vec<String> {
    let mut hints = for_certificates(path);
    hints.push(String::from(
        "for this machine, use its own tool: update-ca-certificates reads /usr/local/share/ca-certificates \
         (Debian, Ubuntu, Alpine), update-ca-trust reads /etc/pki/ca-trust/source/anchors (RHEL, Fedora)",
    ));
    hints
}

/// What to do with certificates that a command does not take.
fn for_certificates(path: &str) -> Vec<String> {
    let path = pasted(path);
    vec![
        format!("to build stores that hold it: trust-init build {path}"),
        format!("to run a command that trusts it: trust-init exec --ca {path} -- CMD ARGS..."),
    ]
}

/// A path that was typed, as a command that is shown has it.
pub(super) fn pasted(path: &str) -> String {
    path_word(Path::new(path)).unwrap_or_else(|| "PATH".to_owned())
}

/// Whether a file with this name usually holds certificates.
pub(super) fn names_certificates(path: &Path) -> bool {
    const EXTENSIONS: [&str; 9] = [
        "pem", "crt", "cer", "der", "p7b", "p7c", "p12", "pfx", "jks",
    ];
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    EXTENSIONS
        .iter()
        .any(|one| one.eq_ignore_ascii_case(extension))
}

#[cfg(all(test, feature = "doctor"))]
mod tests {
    use super::{COMMANDS, OPTIONS, of_command, of_option};

    #[test]
    fn no_habit_hides_a_command_or_an_option_of_ours() {
        let definition = crate::args::command();
        for word in COMMANDS.iter().flat_map(|(theirs, _)| theirs.iter()) {
            assert!(definition.find_subcommand(word).is_none(), "{word}");
            assert!(!of_command(word).is_empty());
        }
        for (theirs, ours) in OPTIONS {
            let has = |command: &clap::Command, long: &str| {
                command
                    .get_arguments()
                    .any(|one| one.get_long() == Some(long))
            };
            assert!(
                definition.get_subcommands().any(|one| has(one, ours)),
                "{ours}"
            );
            for command in definition.get_subcommands() {
                for word in theirs {
                    assert!(!has(command, word), "{word}");
                }
            }
        }
    }

    #[test]
    fn every_command_that_is_named_exists() {
        let definition = crate::args::command();
        for hint in COMMANDS.iter().flat_map(|(_, ours)| ours.iter()) {
            let (_, line) = hint.split_once("trust-init ").unwrap();
            let line: Vec<&str> = line.split(' ').collect();
            let command = definition.find_subcommand(line[0]).unwrap();
            for option in line.iter().filter_map(|word| word.strip_prefix("--")) {
                let mut options = command.get_arguments().filter_map(|one| one.get_long());
                assert!(
                    option.is_empty() || options.any(|one| one == option),
                    "{hint}"
                );
            }
        }
    }

    #[test]
    fn an_option_of_kubectl_means_what_the_command_has() {
        let definition = crate::args::command();
        for (command, typed, hint) in [
            ("build", "-o", "the option is --out"),
            ("inspect", "-o", "the option is --format"),
            ("doctor", "-v", "the option is --verbose"),
            ("render", "-n", "the option is --namespace"),
            ("check", "--json", "write --format json"),
        ] {
            let command = definition.find_subcommand(command).unwrap();
            assert_eq!(of_option(typed, command), [hint], "{typed}");
        }
        let build = definition.find_subcommand("build").unwrap();
        for unknown in ["-v", "--json", "-n", "--frobnicate"] {
            assert!(of_option(unknown, build).is_empty(), "{unknown}");
        }
    }
}
