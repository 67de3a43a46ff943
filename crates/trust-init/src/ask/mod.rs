//! Asks the real clients: the programs of this pod connect to a server, and their answers are the
//! truth that `doctor`'s own verdicts are compared with.
//!
//! This room runs programs, so nothing enters it unless the user asked for that.

use std::path::PathBuf;

use trust_doctor::{Client, Outcome};

/// A program that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedClient {
    /// `openssl s_client`.
    OpenSsl,
    /// `curl`.
    Curl,
    /// Python's own ssl module, by `ssl.create_default_context`.
    Python,
    /// Python's requests.
    Requests,
    /// A JVM with its default `SSLSocketFactory`.
    Jvm,
    /// Node.js with its `tls` module. `doctor` has no verdict for it.
    Node,
}

impl AskedClient {
    /// Every one, in the order that reports list them.
    pub const ALL: [AskedClient; 6] = [
        AskedClient::OpenSsl,
        AskedClient::Curl,
        AskedClient::Python,
        AskedClient::Requests,
        AskedClient::Jvm,
        AskedClient::Node,
    ];

    /// The client whose verdict it is compared with.
    pub fn client(self) -> Option<Client> {
        match self {
            AskedClient::OpenSsl => Some(Client::OpenSsl),
            AskedClient::Curl => Some(Client::Curl),
            AskedClient::Python => Some(Client::Python),
            AskedClient::Requests => Some(Client::Requests),
            AskedClient::Jvm => Some(Client::Jvm),
            AskedClient::Node => None,
        }
    }

    /// The name that machines read.
    pub fn as_str(self) -> &'static str {
        self.client().map_or("node", Client::as_str)
    }
}

/// What a program answered about a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAnswer {
    /// Who was asked.
    pub client: AskedClient,
    /// The program that ran, if one did.
    pub program: Option<PathBuf>,
    /// Its version, in its own words; printable.
    pub version: Option<String>,
    /// What it answered.
    pub answer: Answer,
}

/// An answer. Words are the program's own or ours: printable, one line, short, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It shook hands and verified the server.
    Trusts,
    /// It refused the server's certificates, or could not load its own store.
    Refuses(String),
    /// It did not get as far as a verdict: no connection, no handshake, a crash.
    Failed(String),
    /// There is no such program here.
    NotHere,
    /// It was ended at the time limit.
    TimedOut,
    /// It is here and was not run, for this reason.
    NotAsked(String),
}

/// How a program's answer compares with `doctor`'s verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Both say the same.
    Agrees,
    /// One trusts the server and the other refuses it.
    Differs,
    /// `doctor` cannot tell, and the program can.
    Settles,
    /// There is nothing to compare: no answer, or no verdict.
    Unknown,
}

impl Agreement {
    /// Compares a verdict with an answer.
    pub fn of(verdict: Option<&Outcome>, answer: &Answer) -> Self {
        let trusts = match answer {
            Answer::Trusts => true,
            Answer::Refuses(_) => false,
            _ => return Agreement::Unknown,
        };
        match verdict {
            Some(Outcome::Trusted(_)) if trusts => Agreement::Agrees,
            Some(Outcome::Refused(_) | Outcome::BrokenStore(_)) if !trusts => Agreement::Agrees,
            Some(Outcome::CannotTell(_)) => Agreement::Settles,
            // A client that doctor does not see is one that it says nothing of.
            None | Some(Outcome::Absent) => Agreement::Unknown,
            Some(_) => Agreement::Differs,
        }
    }
}
