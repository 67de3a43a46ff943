//! What the programs are asked, and where they run.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use trust_doctor::proxy::{EXEMPTION_VARIABLES, PROXY_VARIABLES};
use trust_doctor::{Proxy, StartTls};

/// In the environment of a probe: the header that tells a proxy its user.
const PROXY_HEADER: &str = "TRUST_INIT_PROXY_HEADER";

/// In the environment of `openssl`: the proxy's password, which is not for a command line.
pub(super) const PROXY_PASSWORD: &str = "TRUST_INIT_PROXY_PASSWORD";

/// A server, and the way to it.
#[derive(Clone, Debug)]
pub struct Question {
    /// The name or address that the server is called by.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `HOST:PORT`, with brackets around an IPv6 address.
    pub authority: String,
    /// The protocol that starts TLS.
    pub starttls: Option<StartTls>,
    /// The proxy that programs use.
    pub proxy: ClientProxy,
    /// The proxy on `doctor`'s own way to this server, for a program that takes none from its
    /// environment.
    pub own_proxy: Option<Proxy>,
    /// How long each program may run.
    pub limit: Duration,
}

/// Which proxy the programs use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientProxy {
    /// The one that each of them finds by itself.
    OfTheClient,
    /// This one.
    Through(Proxy),
    /// None.
    Direct,
}

impl Question {
    /// The time after which a program should give up by itself, so that it can say why. The rest of the
    /// limit is for its start.
    pub(super) fn patience(&self) -> Duration {
        self.limit.mul_f32(0.7)
    }

    /// The texts that no output may show.
    pub(super) fn secrets(&self) -> Vec<String> {
        let through = match &self.proxy {
            ClientProxy::Through(proxy) => Some(proxy),
            ClientProxy::OfTheClient | ClientProxy::Direct => None,
        };
        let proxies = through.into_iter().chain(&self.own_proxy);
        proxies
            .flat_map(|proxy| {
                let password = proxy.credentials().map(|(_, password)| password);
                let header = proxy.authorization();
                let basic = header.rsplit(' ').next().map(|last| last.trim().to_owned());
                [password, basic]
            })
            .flatten()
            .filter(|secret| !secret.is_empty())
            .collect()
    }
}

/// The process whose programs are asked: its environment and its directory.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Its variables; `None` if they are those of this process.
    pub variables: Option<Vec<(OsString, OsString)>>,
    /// Its working directory, if it is another process.
    pub directory: Option<PathBuf>,
    /// The JVM options that it gets in other ways than by variables.
    pub jvm_options: Vec<OsString>,
    /// The Python that it runs.
    pub python: Option<PathBuf>,
    /// Why none of its programs may be run.
    pub obstacle: Option<String>,
}

impl Surroundings {
    /// One of its variables.
    pub(super) fn value(&self, name: &str) -> Option<OsString> {
        match &self.variables {
            None => std::env::var_os(name),
            Some(variables) => {
                let mut named = variables.iter().filter(|(known, _)| known == name);
                named.next().map(|(_, value)| value.clone())
            }
        }
    }

    /// A command as this process would start it: in its directory, with its environment. It reads
    /// nothing, and its output comes back to us.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, question: &Question) -> Command {
        let mut command = Command::new(program);
        if let Some(variables) = &self.variables {
            command.env_clear();
            command.envs(variables.iter().map(|(name, value)| (name, value)));
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        match &question.proxy {
            ClientProxy::OfTheClient => {}
            ClientProxy::Direct => {
                without_proxies(&mut command).env("no_proxy", "*");
            }
            ClientProxy::Through(proxy) => {
                without_proxies(&mut command);
                for name in PROXY_VARIABLES {
                    command.env(name, proxy.url());
                }
                let header = proxy.authorization();
                if !header.is_empty() {
                    command.env(PROXY_HEADER, header.trim_end());
                }
            }
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

fn without_proxies(command: &mut Command) -> &mut Command {
    for name in PROXY_VARIABLES.into_iter().chain(EXEMPTION_VARIABLES) {
        command.env_remove(name);
    }
    command
}
