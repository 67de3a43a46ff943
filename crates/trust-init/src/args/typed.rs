//! The command line as it is typed: clap's structures and the help text, nothing resolved. No
//! default is set here, so that what was typed can be told from what was not.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, FromArgMatches, Parser, Subcommand, ValueHint};

use super::values;
use crate::layout::OsLayout;
use crate::read::roots;
use crate::report::check::CheckFormat;
use crate::report::inspect::InspectFormat;
use crate::report::log::LogFormat;
use crate::wiring::EnvFormat;
use trust_stores::{Days, Fingerprint, JavaFormat, Rule, Store, Timestamp};

/// Make every client in a pod trust a customer's CAs as well as the public ones
#[derive(Debug, Parser)]
#[command(
    name = "trust-init",
    version,
    long_version = long_version(),
    disable_help_subcommand = true,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 the answer is no (check, doctor, inspect --diff, watch --healthy), \
                  2 usage, 3 input, 4 output; of exec: 125 trust-init itself failed, 126 the command cannot be run, \
                  127 it is not there, else its own."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What clap's `Subcommand` would derive, but that the arguments of a command are defined only when it
/// is the one that was typed: those of all take longer than to read and judge a chain.
macro_rules! commands {
    ($($(#[$condition:meta])* $name:literal => $variant:ident($arguments:path),)*) => {
        #[derive(Debug)]
        pub(super) enum Command {
            $($(#[$condition])* $variant($arguments),)*
        }

        impl FromArgMatches for Command {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                match matches.subcommand() {
                    $($(#[$condition])* Some(($name, matches)) => {
                        <$arguments>::from_arg_matches(matches).map(Command::$variant)
                    })*
                    _ => Err(clap::Error::new(ErrorKind::MissingSubcommand)),
                }
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                Command::from_arg_matches(matches).map(|command| *self = command)
            }
        }

        impl Subcommand for Command {
            fn augment_subcommands(command: clap::Command) -> clap::Command {
                $($(#[$condition])*
                let command = command
                    .subcommand(clap::Command::new($name).defer(<$arguments>::augment_args));)*
                command
            }

            fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
                Command::augment_subcommands(command)
            }

            fn has_subcommand(name: &str) -> bool {
                match name {
                    $($(#[$condition])* $name => true,)*
                    _ => false,
                }
            }
        }
    };
}

commands! {
    "build" => Build(Build),
    "watch" => Watch(super::watch::Watch),
    "exec" => Exec(Exec),
    "check" => Check(Check),
    "inspect" => Inspect(Inspect),
    #[cfg(feature = "doctor")]
    "doctor" => Doctor(super::doctor::Doctor),
    "env" => Env(Env),
    "render" => Render(super::render::Render),
    "install" => Install(Install),
    "completions" => Completions(super::completions::Completions),
}

fn long_version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let count = roots::count();
    format!(
        "{version}\nMozilla roots: {} of {} ({count} certificates)",
        roots::VERSION,
        roots::DATE.date()
    )
}

const VARIABLES: &str = "\
Every option --some-option can be set as TRUST_INIT_SOME_OPTION too; the option wins. There, --ca
and --base take several paths with ':' between them, and a switch is 1, true or yes.

Example:
  trust-init build --ca client-ca-chain.pem --out trust";

/// Build the OS bundle, the Java truststore and the Python bundle
///
/// Reads the customer's CA certificates, adds them to the public roots, and writes under --out:
/// the OS bundle and OpenSSL's hashed directory (os/), a Java truststore (java/), a Python bundle
/// (python/), the customer's certificates alone (custom/), the environment variables for all of
/// them (trust.env) and an account of what was kept, dropped and why (manifest.json). A run that
/// fails leaves what stood there before.
#[derive(Debug, Args)]
#[command(after_help = VARIABLES)]
pub(super) struct Build {
    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) policy: Policy,
    #[command(flatten)]
    pub(super) stores: Stores,
    #[command(flatten)]
    pub(super) output: Output,
    #[command(flatten)]
    pub(super) report: Report,
}

const EXEC_HELP: &str = "\
Exit codes: 125 trust-init itself failed, 126 the command cannot be run, 127 it is not there, else
the command's own. Every option --some-option can be set as TRUST_INIT_SOME_OPTION too.

Examples:
  trust-init exec --ca /etc/pki/custom-certs -- /opt/entrypoint.sh driver
  trust-init exec --from /trust -- python3 job.py
  TRUST_INIT_CA=ca.pem trust-init exec -- curl https://service.example.com/";

/// Build the stores for this image, set the environment, and become another program
///
/// Finds the stores that the image already has, adds the customer's certificates to each, writes
/// the merged ones to a directory that it may write, points SSL_CERT_FILE, REQUESTS_CA_BUNDLE,
/// JAVA_TOOL_OPTIONS and the like at them, and replaces itself by the command: same process,
/// same signals, its exit code. A variable that is set already is merged: what it named becomes
/// the base of what it names then.
#[derive(Debug, Args)]
#[command(after_help = EXEC_HELP)]
pub(super) struct Exec {
    /// The command and its arguments, behind --
    #[arg(value_name = "CMD", required = true, last = true)]
    pub(super) command: Vec<OsString>,

    /// Take the stores that a build left in this directory, and build nothing
    ///
    /// Its trust.env is what is set, so it must have been built for this place (--mounted-at).
    #[arg(long, value_name = "DIR", conflicts_with_all = ["ca", "base", "out", "only"])]
    pub(super) from: Option<PathBuf>,

    /// Leave variables that are set already, and say that the customer's CAs are not in them
    #[arg(long)]
    pub(super) keep_env: bool,

    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) policy: Policy,
    #[command(flatten)]
    pub(super) java: JavaStore,
    /// Build only these: os, java, python [default: all three]
    #[arg(long, value_name = "STORE,...", value_delimiter = ',', value_parser = values::stores())]
    pub(super) only: Vec<Store>,
    /// Where to write all that build writes [default: a directory of its own under TMPDIR, /tmp,
    /// /dev/shm or /run]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) report: Report,
}

const ENV_HELP: &str = "\
Examples:
  eval \"$(trust-init env --mounted-at /trust)\"
  trust-init env --format kubernetes
  spark-submit $(trust-init env --format spark-submit) ...";

/// Print the environment that makes clients read the stores
///
/// Variables for OpenSSL, curl, git, Python's libraries, gRPC, AWS and Node, and the JVM's option.
/// Nothing is read: this is what trust.env of such a build says, in other forms.
#[derive(Debug, Args)]
#[command(after_help = ENV_HELP)]
pub(super) struct Env {
    /// shell, dotenv, kubernetes, spark-defaults, spark-submit or docker [default: shell]
    ///
    /// kubernetes: the items of a container's env. spark-defaults: lines of spark-defaults.conf.
    /// spark-submit: its --conf options. docker: lines for --env-file.
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<EnvFormat>,

    /// The bases that the build is given, as there: of a path, Node needs the merged bundle
    ///
    /// Node has roots of its own and adds a file to them: the customer's chain alone, unless the
    /// platform's CAs are wanted too.
    #[arg(long, value_name = "BASE", value_parser = values::Bases, value_hint = ValueHint::AnyPath, hide_possible_values = true)]
    pub(super) base: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) stores: Stores,
    #[command(flatten)]
    pub(super) report: Report,
}

/// Copy this program into a directory
///
/// For a volume that other containers mount: `trust-init install /trust/bin`, and the main
/// container can run /trust/bin/trust-init exec. The file is put in place by a rename, mode 0755.
#[derive(Debug, Args)]
pub(super) struct Install {
    /// The directory; made if it is not there
    #[arg(value_name = "DIR")]
    pub(super) directory: PathBuf,

    #[command(flatten)]
    pub(super) report: Report,
}

const CHECK_VARIABLES: &str = "\
Exit codes: 0 nothing that build would refuse or leave out, 1 something, 2 usage, 3 a source cannot
be read. Every option --some-option can be set as TRUST_INIT_SOME_OPTION too; the option wins.

Examples:
  trust-init check client-ca-chain.pem
  trust-init check --deny expired --format junit chains/*.pem > report.xml
  yq -r .trust.caBundle.pem values.yaml | trust-init check -";

/// Judge a customer's CA certificates as build would, and write nothing
///
/// Says of each certificate what the rules find. The answer is no if build would refuse it or
/// leave it out. The verdict goes to standard output, so a pipeline can keep it.
#[derive(Debug, Args)]
#[command(after_help = CHECK_VARIABLES)]
pub(super) struct Check {
    /// The customer's CA certificates: files, directories, or '-' for standard input; as --ca
    #[arg(value_name = "SOURCE")]
    pub(super) source: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) verdict: Verdict,
    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) policy: Policy,
    #[command(flatten)]
    pub(super) stores: Stores,
    #[command(flatten)]
    pub(super) report: Report,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Verdict")]
pub(super) struct Verdict {
    /// How the verdict is written: human, json or junit [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<CheckFormat>,

    /// Say no to warnings too
    #[arg(long)]
    pub(super) strict: bool,

    /// Also say whether this directory holds just what build would write there
    ///
    /// Give the options that the build had: another base, form or --mounted-at gives other files.
    #[arg(long, value_name = "DIR")]
    pub(super) against: Option<PathBuf>,
}

const INSPECT_EXAMPLES: &str = "\
Exit codes: 0 shown, 1 --diff found a difference, 2 usage, 3 a source cannot be read. Every option
--some-option can be set as TRUST_INIT_SOME_OPTION too; the option wins.

Examples:
  trust-init inspect customer.p7b
  trust-init inspect /trust
  trust-init inspect --format pem store.jks > ca.pem
  trust-init inspect /etc/ssl/certs/ca-certificates.crt --diff trust/os/ca-certificates.crt";

/// Show what any store, bundle, directory or chain holds
///
/// PEM, DER, PKCS#7, PKCS#12, JKS, told by content; a directory's files; or the directory of a
/// build, with all its stores. Nothing is refused here: what rules find is shown beside each
/// certificate.
#[derive(Debug, Args)]
#[command(after_help = INSPECT_EXAMPLES)]
pub(super) struct Inspect {
    /// Files, directories, or '-' for standard input
    #[arg(value_name = "SOURCE")]
    pub(super) source: Vec<PathBuf>,

    /// How it is shown: table, json or pem [default: table]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<InspectFormat>,

    /// Show what is added, removed and renewed in OTHER instead
    #[arg(long, value_name = "OTHER")]
    pub(super) diff: Option<PathBuf>,

    #[command(flatten)]
    pub(super) unlock: Unlock,

    /// Judge validity at this moment, as 2026-11-21 or 2026-11-21T08:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,

    /// Say when a certificate ends within so many days [default: 30d]
    #[arg(long, value_name = "DAYS")]
    pub(super) expires_soon: Option<Days>,

    #[command(flatten)]
    pub(super) report: Report,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Sources")]
pub(super) struct Sources {
    /// The customer's CA certificates: a file, a directory, or '-' for standard input; repeatable
    ///
    /// PEM, DER, PKCS#7 (.p7b), PKCS#12 (.p12, .pfx) or a Java keystore (.jks), told by content.
    /// Of a directory the files at its top are read, links followed, names that start with a dot
    /// left out, so a mounted ConfigMap works.
    #[arg(long, value_name = "PATH")]
    pub(super) ca: Vec<PathBuf>,

    /// What to add to: 'mozilla', 'auto', 'none' or a path; repeatable [default: mozilla; of exec:
    /// auto]
    ///
    /// 'mozilla' is the set of public roots that this binary carries (see --version). 'auto' is,
    /// for each store, the one that the image under --root has, else 'mozilla'. A path is
    /// a bundle or directory of its own, for instance the platform's corporate CAs; a fault in
    /// it never fails a run. 'none' stands alone and leaves the customer's certificates alone in
    /// the stores.
    #[arg(long, value_name = "BASE", value_parser = values::Bases, value_hint = ValueHint::AnyPath, hide_possible_values = true)]
    pub(super) base: Vec<PathBuf>,

    /// Where the image is whose stores 'auto' takes [default: /]
    ///
    /// Every path and link below it is taken as inside it. Only for / do this process's variables
    /// count.
    #[arg(long, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,

    #[command(flatten)]
    pub(super) unlock: Unlock,

    /// Refuse a customer's source larger than this, in bytes, KiB or MiB [default: 64KiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) max_size: Option<u64>,

    /// Judge validity at this moment, as 2026-11-21 or 2026-11-21T08:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,

    /// Refuse customer's sources whose SHA-256 (the manifest's caBundleHash) is another
    #[arg(long, value_name = "HEX")]
    pub(super) expect_sha256: Option<Fingerprint>,

    /// Wait so many seconds for customer's sources that are absent or still empty [default: 0]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) wait: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Unlock {
    /// A file whose one line is the password of PKCS#12 stores and Java keystores that are read
    ///
    /// Without it, stores that need none are read, and those under the empty password or
    /// 'changeit'.
    #[arg(long, value_name = "PATH")]
    pub(super) ca_password_file: Option<PathBuf>,

    /// Take the certificates of stores that hold keys too, and leave the keys
    #[arg(long)]
    pub(super) certificates_only: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(super) struct Policy {
    /// Only note what these rules find, in the manifest
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = values::rules(), hide_possible_values = true)]
    pub(super) allow: Vec<Rule>,

    /// Warn of what these rules find
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = values::rules(), hide_possible_values = true)]
    pub(super) warn: Vec<Rule>,

    /// Leave out the certificates that these rules find, and say so
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = values::rules(), hide_possible_values = true)]
    pub(super) drop: Vec<Rule>,

    /// Fail if these rules find anything
    ///
    /// Rules and their levels unless set: malformed, private-key (fixed), too-large, hash-mismatch
    /// (fixed), nothing-left: deny; breaks-java, breaks-openssl, distrusted, blocked: drop;
    /// not-a-ca, no-cert-sign, weak-key, weak-signature, python-strict, incomplete-chain,
    /// same-subject, no-root, expired, not-yet-valid, expires-soon, roots-old: warn; duplicate:
    /// allow.
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = values::rules(), hide_possible_values = true)]
    pub(super) deny: Vec<Rule>,

    /// Leave this certificate out: its SHA-256 in hex, with or without colons; repeatable
    #[arg(long, value_name = "FINGERPRINT,...", value_delimiter = ',')]
    pub(super) block: Vec<Fingerprint>,

    /// Say when a certificate ends within so many days [default: 30d]
    #[arg(long, value_name = "DAYS")]
    pub(super) expires_soon: Option<Days>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Stores")]
pub(super) struct Stores {
    /// Build only these: os, java, python [default: all three]
    ///
    /// The customer's chain, trust.env and manifest.json are always written. A store that an
    /// earlier build left under --out and that is not built now is removed: it would be trusted
    /// with its old content.
    #[arg(long, value_name = "STORE,...", value_delimiter = ',', value_parser = values::stores())]
    pub(super) only: Vec<Store>,

    /// Where the main container sees --out, for the paths in trust.env [default: --out; of env
    /// and render: /trust]
    #[arg(long, value_name = "DIR")]
    pub(super) mounted_at: Option<PathBuf>,

    /// What os/ looks like: debian, rhel or suse [default: debian]
    ///
    /// debian is to be mounted over /etc/ssl/certs (Debian, Ubuntu, Alpine, distroless), rhel over
    /// /etc/pki/ca-trust/extracted (RHEL, UBI, Fedora, Amazon Linux), suse over
    /// /var/lib/ca-certificates.
    #[arg(long, value_name = "LAYOUT")]
    pub(super) os_layout: Option<OsLayout>,

    #[command(flatten)]
    pub(super) java: JavaStore,
}

#[derive(Debug, Args)]
pub(super) struct JavaStore {
    /// The Java truststore's form: pkcs12, pkcs12-mac, pkcs12-encrypted or jks [default: pkcs12]
    ///
    /// pkcs12 has neither encryption nor MAC: every JDK loads it, with any password or none.
    /// pkcs12-mac is for BouncyCastle. pkcs12-encrypted is for those whose rules ask for it:
    /// without its password a JVM finds no CA in it, and says nothing. os/java/cacerts is always
    /// of the first form.
    #[arg(long, value_name = "FORM", value_parser = values::java_forms())]
    pub(super) java_store: Option<JavaFormat>,

    /// A file whose one line is the Java truststore's password [default: changeit]
    #[arg(long, value_name = "PATH")]
    pub(super) java_password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Output {
    /// The directory to write; made if it is not there [default: /trust]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Also put this program there, as bin/trust-init: for exec in the main container
    #[arg(long)]
    pub(super) install: bool,

    /// How long to wait for another run in the same directory, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) lock_timeout: Option<u32>,

    /// Flush the file system once at the end: for stores that must outlive a power cut
    #[arg(long)]
    pub(super) sync: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(super) struct Report {
    /// How messages on stderr are written: text or json, one object a line [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<LogFormat>,

    /// Say only what was dropped, warned of or wrong
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// Also write the reason of a failure here, if the file exists [default: /dev/termination-log]
    #[arg(long, value_name = "PATH")]
    pub(super) termination_log: Option<PathBuf>,
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "" | "B" => 1,
        "KiB" | "Ki" => 1 << 10,
        "MiB" | "Mi" => 1 << 20,
        _ => return Err(String::from("expected bytes, or a number with KiB or MiB")),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| String::from("expected a number such as 65536 or 64KiB"))
}

pub(super) fn seconds(text: &str) -> Result<u32, String> {
    let number = text.parse();
    number.map_err(|_| String::from("expected a whole number of seconds"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Cli, size};
    use trust_stores::Rule;

    #[test]
    fn clap_finds_no_fault_in_the_definition() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_names_every_rule_with_its_level() {
        let mut command = Cli::command();
        let build = command.find_subcommand_mut("build").unwrap();
        let help = build.render_long_help().to_string();
        let words: Vec<&str> = help.split_whitespace().collect();
        let help = words.join(" ");
        let start = help.find("Rules and their levels").unwrap();
        let text = help[start..].split('.').next().unwrap();
        for rule in Rule::ALL {
            let group = text
                .split(';')
                .find(|group| group.contains(rule.code()))
                .unwrap_or_else(|| panic!("{rule} is not in the help"));
            assert!(
                group.contains(&format!(": {}", rule.default_level())),
                "{rule}"
            );
        }
    }

    #[test]
    fn sizes_take_bytes_and_binary_units() {
        assert_eq!(size("65536"), Ok(65536));
        assert_eq!(size("64KiB"), Ok(65536));
        assert_eq!(size("2MiB"), Ok(2 << 20));
        for wrong in ["", "KiB", "64kb", "-1", "1.5MiB", "99999999999999999999"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
