//! Asks the real clients: the programs of this pod connect to a server, and their answers are the
//! truth that `doctor`'s own verdicts are compared with.
//!
//! This room runs programs, so nothing enters it unless the user asked for that.

mod clients;
mod program;
mod question;
mod run;
mod starttls;
mod words;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use trust_doctor::{Client, Outcome};

use self::program::Found;
pub use self::question::{ClientProxy, Question, Surroundings};
use self::run::{Run, run_all};

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
    /// It is here, but was not run, for this reason.
    NotAsked(String),
}

impl ClientAnswer {
    fn without_run(client: AskedClient, program: Option<PathBuf>, answer: Answer) -> Self {
        ClientAnswer {
            client,
            program,
            version: None,
            answer,
        }
    }
}

/// A program that is being asked, and its place among the commands that run.
struct Asking {
    client: AskedClient,
    program: PathBuf,
    answer: usize,
    version: Option<usize>,
}

/// Asks every program that is here, and returns an answer for each client, in the order of
/// [`AskedClient::ALL`]. Each program has [`Question::limit`] and little more.
pub fn all(question: &Question, surroundings: &Surroundings) -> Vec<ClientAnswer> {
    let mut commands: Vec<Command> = Vec::new();
    let mut add = |command| {
        commands.push(command);
        commands.len() - 1
    };
    let started: Vec<Result<Asking, ClientAnswer>> = AskedClient::ALL
        .into_iter()
        .map(|client| {
            let program = place(client, surroundings)?;
            let command = clients::command(client, &program, question, surroundings);
            let command = command.map_err(|reason| {
                let answer = Answer::NotAsked(reason);
                ClientAnswer::without_run(client, Some(program.clone()), answer)
            })?;
            let version = clients::version_command(client, &program, question, surroundings);
            Ok(Asking {
                client,
                program,
                answer: add(command),
                version: version.map(&mut add),
            })
        })
        .collect();
    let secrets = question.secrets();
    let runs = run_all(commands, question.limit.max(SHORTEST));
    let answer = |started| match started {
        Ok(asking) => read(asking, &runs, &secrets),
        Err(answer) => answer,
    };
    started.into_iter().map(answer).collect()
}

/// No program gets less.
const SHORTEST: Duration = Duration::from_secs(1);

/// Where a client's program is; or the answer of a client that is not asked.
fn place(client: AskedClient, surroundings: &Surroundings) -> Result<PathBuf, ClientAnswer> {
    if let Some(obstacle) = &surroundings.obstacle {
        let answer = Answer::NotAsked(obstacle.clone());
        return Err(ClientAnswer::without_run(client, None, answer));
    }
    match clients::locate(client, surroundings) {
        Found::Here(program) => Ok(program),
        Found::Nowhere => Err(ClientAnswer::without_run(client, None, Answer::NotHere)),
        Found::Forbidden(program, reason) => {
            let answer = Answer::NotAsked(reason);
            Err(ClientAnswer::without_run(client, Some(program), answer))
        }
    }
}

fn read(asking: Asking, runs: &[Run], secrets: &[String]) -> ClientAnswer {
    let clean = |text: &str| words::clean(text, secrets);
    let run = &runs[asking.answer];
    let version = clients::version(run, asking.version.map(|number| &runs[number]));
    let answer = clients::read(asking.client, run, clean);
    // Python is here, and requests is not.
    let program = Some(asking.program).filter(|_| answer != Answer::NotHere);
    ClientAnswer {
        client: asking.client,
        program,
        version: version.map(|version| clean(&version)),
        answer,
    }
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
