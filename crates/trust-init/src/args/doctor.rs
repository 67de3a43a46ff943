//! The arguments of `doctor`, as typed and as meant.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::typed::Report;
use super::values;
use crate::doctor::target::{Proxy, StartTls, Target};
use crate::error::Error;
use crate::report::doctor::DoctorFormat;
use trust_stores::Timestamp;
use trust_stores::escape::escape;

const DOCTOR_HELP: &str = "\
Exit codes: 0 every client trusts every server, 1 one does not, 2 usage, 3 a server could not be
asked, or the process of --pid not be seen, 4 --save-chain could not be written.

Examples:
  trust-init doctor
  trust-init doctor login.example.com kafka.example.com:9093
  trust-init doctor --starttls postgres db.example.com
  trust-init doctor --format json login.example.com > ticket.json";

/// Say what this pod trusts, whether it trusts a server, and which CA is missing
///
/// Without a host: the stores that OpenSSL, Python and the JVM read here, and what is wrong with
/// them. With hosts: the chain that each presents, whether each client trusts it, the cause where one
/// does not, and the fix. Nothing but the handshake is sent.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_HELP)]
pub(super) struct Doctor {
    /// Servers: HOST, HOST:PORT or a URL [port: 443, or that of --starttls]
    #[arg(value_name = "HOST")]
    pub(super) target: Vec<String>,

    /// human or json [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<DoctorFormat>,

    /// Look at the environment and the files of this process, and not at our own
    #[arg(long, value_name = "PID")]
    pub(super) pid: Option<u32>,

    /// What to say before TLS: postgres, smtp, ldap or mysql
    #[arg(long, value_name = "PROTOCOL", value_parser = values::starttls())]
    pub(super) starttls: Option<StartTls>,

    /// The proxy to go through.
    #[arg(
        long,
        value_name = "URL",
        help = "Go through this HTTP proxy, or 'none' [default: that of HTTPS_PROXY or ALL_PROXY, \
                unless NO_PROXY names the host]"
    )]
    pub(super) proxy: Option<String>,

    /// How long one server may take, in seconds [default: 10]
    #[arg(long, value_name = "SECONDS")]
    pub(super) timeout: Option<u32>,

    /// Fetch issuers that a server does not send, from the addresses that the certificates name
    ///
    /// By plain HTTP, and followed by no verdict: no client fetches them. Whoever issued a certificate
    /// chose the address.
    #[arg(long)]
    pub(super) fetch_issuers: bool,

    /// Write what was presented, and fetched, to this file; it is not verified
    #[arg(long, value_name = "FILE")]
    pub(super) save_chain: Option<PathBuf>,

    /// Judge validity at this moment, as 2026-11-21 or 2026-11-21T08:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,

    #[command(flatten)]
    pub(super) report: Report,
}

/// What `doctor` is to do.
#[derive(Debug)]
pub struct DoctorPlan {
    /// Whom to ask.
    pub targets: Vec<Target>,
    /// Whose environment to look at, if not this process's.
    pub pid: Option<u32>,
    /// What to say before TLS.
    pub starttls: Option<StartTls>,
    /// The proxy to go through.
    pub proxy: ProxyPlan,
    /// How long one server may take.
    pub timeout: Duration,
    /// Whether issuers that are not sent are fetched.
    pub fetches_issuers: bool,
    /// Where to write what was presented.
    pub save_chain: Option<PathBuf>,
    /// `--at`, if it was given.
    pub at: Option<Timestamp>,
    /// How it is written.
    pub format: DoctorFormat,
}

/// Whether to go through a proxy.
#[derive(Debug)]
pub enum ProxyPlan {
    /// If the variables of the process name one.
    AsVariables,
    /// Through this one, whatever they say.
    Through(Proxy),
    /// Through none.
    Direct,
}

impl DoctorPlan {
    pub(super) fn resolve(typed: Doctor) -> Result<Self, Error> {
        if typed.target.is_empty() {
            for (flag, is_given) in [
                ("--starttls", typed.starttls.is_some()),
                ("--proxy", typed.proxy.is_some()),
                ("--fetch-issuers", typed.fetch_issuers),
                ("--save-chain", typed.save_chain.is_some()),
            ] {
                if is_given {
                    return Err(Error::usage("without a host there is nobody to ask").at(flag));
                }
            }
        }
        let target = |text: &String| {
            // Read here and not by clap, which would show a URL's password.
            let shown = text.rsplit('@').next().unwrap_or_default();
            text.parse()
                .map_err(|reason: String| Error::usage(reason).at(escape(shown)))
        };
        let targets = typed.target.iter().map(target).collect::<Result<_, _>>()?;
        let proxy = match typed.proxy.as_deref() {
            None => ProxyPlan::AsVariables,
            Some("none") => ProxyPlan::Direct,
            // Likewise.
            Some(url) => ProxyPlan::Through(
                url.parse()
                    .map_err(|reason: String| Error::usage(reason).at("--proxy"))?,
            ),
        };
        Ok(DoctorPlan {
            targets,
            pid: typed.pid,
            starttls: typed.starttls,
            proxy,
            timeout: Duration::from_secs(typed.timeout.unwrap_or(10).max(1).into()),
            fetches_issuers: typed.fetch_issuers,
            save_chain: typed.save_chain,
            at: typed.at,
            format: typed.format.unwrap_or_default(),
        })
    }
}
