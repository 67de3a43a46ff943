//! `doctor`: diagnoses trust in this pod and toward servers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::habits::{names_certificates, pasted};
use super::values::{process, seconds, starttls};
use crate::error::Error;
use crate::report::doctor::{BundleForm, Detail, DoctorFormat};
use trust_doctor::{MissingIssuers, Proxy, ProxyError, StartTls, Target, TargetError};
use trust_stores::Timestamp;
use trust_stores::escape::escape;

const EXAMPLES: &str = "\
Exit codes: 0 every client trusts every server, 1 a client does not, 2 usage, 3 a server could not be
reached or a client's answer is not known, or the process of --pid could not be read, 4 the file of
--save-chain or --report could not be written.

Examples:
  trust-init doctor
  trust-init doctor login.example.com kafka.example.com:9093
  trust-init doctor --starttls postgres db.example.com
  trust-init doctor --report ticket.html login.example.com
  trust-init doctor --format json login.example.com > ticket.json";

/// Diagnose what this pod trusts, whether it trusts a server, and which CA is missing
///
/// Without a host: shows the stores that OpenSSL, curl, Python and the JVM read here, and what is wrong
/// with them. With hosts: shows the chain that each one presents, whether each client trusts it, and if
/// not, the cause and the fix. Only the handshake is sent, except with --fetch-issuers, --ask or --report.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DoctorArgs {
    /// Servers: HOST, HOST:PORT, or a URL such as https://, jdbc:postgresql:// or ldaps:// [port: 443, or
    /// the usual one of the URL or --starttls]
    #[arg(value_name = "HOST")]
    target: Vec<String>,

    /// Write the answer in this format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: DoctorFormat,

    /// Show everything that is known: paths, keys, names, days left, and what the server need not send
    #[arg(long)]
    verbose: bool,

    /// Look at the environment and files of this process instead of doctor's own
    #[arg(long, value_name = "PID", value_parser = process)]
    pid: Option<u32>,

    /// Start TLS as this protocol does
    #[arg(long, value_name = "PROTOCOL", value_parser = starttls())]
    starttls: Option<StartTls>,

    #[arg(
        long,
        value_name = "URL",
        help = "Connect through this HTTP proxy, or 'none' [default: HTTPS_PROXY or ALL_PROXY, unless \
                NO_PROXY names the host]"
    )]
    proxy: Option<String>,

    /// Wait at most this many seconds for each server
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    timeout: Duration,

    /// Fetch issuers that a server does not send, from the addresses in the certificates
    ///
    /// Over plain HTTP, from addresses that the certificates' issuers chose. The verdicts do not use them,
    /// because no client fetches them.
    #[arg(long)]
    fetch_issuers: bool,

    /// Also ask the programs of this pod: openssl, curl, python3, java and node, if they are installed
    ///
    /// Each one connects to each server, as this user and in this environment, for at most --timeout. Its
    /// answer is printed next to doctor's own, and is the one to believe if they differ. --report asks them too.
    #[arg(long)]
    ask: bool,

    /// Save the certificates that were presented and fetched to this file; they are not verified
    #[arg(long, value_name = "FILE")]
    save_chain: Option<PathBuf>,

    /// Also write everything that was found to this file, to send to support: text, or HTML if it ends in .html
    ///
    /// Passwords are masked. The file is readable by this user only. With '-', it is text and is printed
    /// instead of the answer.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Judge validity at this time instead of now, as 2026-11-21 or 2026-11-21T08:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

/// What `doctor` is to do.
#[derive(Debug)]
pub struct DoctorPlan {
    /// The servers to connect to.
    pub targets: Vec<Target>,
    /// Whose environment to look at, if not this process's.
    pub pid: Option<u32>,
    /// The protocol that starts TLS.
    pub starttls: Option<StartTls>,
    /// The proxy to go through.
    pub proxy: ProxyPlan,
    /// How long each server may take.
    pub timeout: Duration,
    /// Whether to fetch issuers that servers do not send.
    pub missing_issuers: MissingIssuers,
    /// Whether to run the programs of this pod.
    pub programs: Programs,
    /// Where to save what was presented.
    pub save_chain: Option<PathBuf>,
    /// The support bundle to write.
    pub bundle: Option<Bundle>,
    /// `--at`, if it was given.
    pub at: Option<Timestamp>,
    /// The format of the answer.
    pub format: DoctorFormat,
    /// How much the screen shows.
    pub detail: Detail,
}

/// Where the file for support goes.
#[derive(Debug)]
pub enum Bundle {
    /// To standard output, instead of the answer: an image without a shell can copy no file.
    Stdout,
    /// To a file, in the form that the end of its name tells.
    File(PathBuf, BundleForm),
}

impl Bundle {
    fn at(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            return Bundle::Stdout;
        }
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        let form = match extension.to_ascii_lowercase().as_str() {
            "html" | "htm" => BundleForm::Html,
            _ => BundleForm::Text,
        };
        Bundle::File(path, form)
    }
}

/// Whether the programs of the pod are asked as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programs {
    /// Each one connects to each server.
    Ask,
    /// No program is run.
    LeaveAlone,
}

/// Whether to connect through a proxy.
#[derive(Debug)]
pub enum ProxyPlan {
    /// Through the one that the variables of the process name, if any.
    AsVariables,
    /// Through this one.
    Through(Proxy),
    /// Through none, whatever the variables say.
    Direct,
}

impl DoctorPlan {
    pub(super) fn resolve(typed: DoctorArgs) -> Result<Self, Error> {
        if typed.target.is_empty() {
            for (flag, is_given) in [
                ("--starttls", typed.starttls.is_some()),
                ("--proxy", typed.proxy.is_some()),
                ("--fetch-issuers", typed.fetch_issuers),
                ("--ask", typed.ask),
                ("--save-chain", typed.save_chain.is_some()),
            ] {
                if is_given {
                    return Err(Error::usage("needs a HOST to connect to").at(flag));
                }
            }
        }
        if typed.ask && typed.at.is_some() {
            let message = "the programs that --ask runs know no other time than now";
            return Err(Error::usage(message).at("--at"));
        }
        let targets = targets(&typed.target)?;
        let proxy = match typed.proxy.as_deref() {
            None => ProxyPlan::AsVariables,
            Some("none") => ProxyPlan::Direct,
            Some(word) if is_meant_as_none(word) => {
                let message = format!("'{word}' is not the URL of a proxy");
                let hint = "to connect without one, write --proxy none";
                return Err(Error::usage(message).at("--proxy").hint(hint));
            }
            // Also read here, because it may hold a password.
            Some(url) => ProxyPlan::Through(
                url.parse()
                    .map_err(|error: ProxyError| Error::usage(error.to_string()).at("--proxy"))?,
            ),
        };
        Ok(DoctorPlan {
            targets,
            pid: typed.pid,
            starttls: typed.starttls,
            proxy,
            timeout: typed.timeout.max(Duration::from_secs(1)),
            missing_issuers: if typed.fetch_issuers {
                MissingIssuers::Fetch
            } else {
                MissingIssuers::Ignore
            },
            // What support needs most; but they know no other time than now.
            programs: if typed.ask || (typed.report.is_some() && typed.at.is_none()) {
                Programs::Ask
            } else {
                Programs::LeaveAlone
            },
            save_chain: typed.save_chain,
            bundle: typed.report.map(Bundle::at),
            at: typed.at,
            format: typed.format,
            detail: if typed.verbose {
                Detail::Full
            } else {
                Detail::Brief
            },
        })
    }
}

/// Whether a word that could be a proxy's name is a wrong `none`.
fn is_meant_as_none(word: &str) -> bool {
    let words = ["none", "no", "off", "false", "direct", ""];
    words.contains(&word.trim().to_ascii_lowercase().as_str())
}

/// The servers that are named. Read here and not by clap, which would print a URL's password.
fn targets(typed: &[String]) -> Result<Vec<Target>, Error> {
    let mut targets: Vec<Target> = Vec::new();
    for (index, text) in typed.iter().enumerate() {
        let path = Path::new(text);
        // Such a name is no host's, but only what is here surely is a file.
        if names_certificates(path) && path.is_file() {
            let word = pasted(text);
            return Err(Error::usage("a file, and not a server")
                .at(escape(text))
                .hint(format!("to see what it holds: trust-init inspect {word}"))
                .hint(format!(
                    "to trust it and ask a server: trust-init exec --ca {word} -- trust-init doctor HOST"
                )));
        }
        let before = index.checked_sub(1).map(|before| typed[before].as_str());
        targets.extend(Target::list(text).map_err(|error| no_target(text, error, before))?);
    }
    Ok(targets)
}

/// Why `text` names no server, with `before` as the word before it.
fn no_target(text: &str, error: TargetError, before: Option<&str>) -> Error {
    let shown = text.rsplit('@').next().unwrap_or_default();
    // A JDBC URL has its password among its parameters.
    let shown = escape(shown.split(['?', ';']).next().unwrap_or_default());
    let place = match shown.trim() {
        "" => format!("'{shown}'"),
        _ => shown.into_owned(),
    };
    let fault = Error::usage(error.to_string()).at(place);
    let is_plain = |host: &&str| !host.contains([':', '/', '@', ',']);
    match (error, before.filter(is_plain)) {
        (TargetError::PortAlone, Some(host)) => {
            fault.hint(format!("did you mean {}:{text}?", escape(host)))
        }
        _ if Path::new(text).exists() || text.starts_with("file:") => {
            fault.hint("to see what a file holds, use trust-init inspect PATH")
        }
        (TargetError::NotAPort, _) if text.ends_with(":https") => fault.hint("for https write 443"),
        _ => fault,
    }
}
