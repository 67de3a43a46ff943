//! `doctor`: what each client of a process trusts, and whether it trusts the servers named.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use crate::args::{DoctorPlan, ProxyPlan, Variables};
use crate::doctor::cause::{cause, strict_note, verdicts};
use crate::doctor::connect::Route;
use crate::doctor::stores::Process;
use crate::doctor::{Asked, ask};
use crate::error::{Error, Errors};
use crate::jvm_options::{self, COMMAND_LINE, SPARK_OPTIONS};
use crate::moment::Moment;
use crate::report::doctor::{Report, Server};
use crate::report::log::Log;
use crate::report::style::Style;

/// Looks, and asks. Gives the report, and whether every client trusts every server; the exit code
/// that goes with it.
pub fn run<W: Write>(
    plan: &DoctorPlan,
    variables: Variables<'_>,
    now: Moment,
    style: Style,
    log: &mut Log<W>,
) -> Result<(String, u8), Errors> {
    let other = plan.pid.map(environment_of).transpose()?;
    let of_other = |name: &str| other.as_ref().and_then(|found| found.get(name).cloned());
    let root = plan.pid.map_or_else(
        || PathBuf::from("/"),
        |pid| PathBuf::from(format!("/proc/{pid}/root")),
    );
    let variables: Variables<'_> = if other.is_some() {
        &of_other
    } else {
        variables
    };
    let variables: Variables<'_> = &|name: &str| match name {
        SPARK_OPTIONS => spark_options(variables),
        _ => variables(name),
    };
    let directory = plan.pid.map_or_else(env::current_dir, |pid| {
        fs::read_link(format!("/proc/{pid}/cwd"))
    });
    let process = Process {
        root,
        directory: directory.unwrap_or_else(|_| PathBuf::from("/")),
        variables,
    };
    let trusts = process.trusts();
    let others = process.others(&trusts);
    let (asked, note) = ask_all(plan, variables, log);
    let saved = plan
        .save_chain
        .as_ref()
        .map_or(Ok(()), |path| save(path, &asked, log));
    let at = plan.at.unwrap_or(now);
    let servers: Vec<Server> = asked
        .into_iter()
        .map(|asked| {
            let verdicts = verdicts(&asked, &trusts, at);
            let cause = cause(&asked, &verdicts, &trusts);
            let strict = cause
                .is_none()
                .then(|| strict_note(&asked, &trusts, at))
                .flatten();
            let is_unread =
                !asked.chain.is_empty() && asked.proxy.is_some() && !process.has_proxy_for_java();
            let of_java = is_unread.then(|| JAVA_AND_PROXIES.to_owned());
            let notes = [strict, of_java, note.clone()].into_iter().flatten();
            Server {
                notes: notes.collect(),
                asked,
                verdicts,
                cause,
            }
        })
        .collect();
    let report = Report {
        trusts: &trusts,
        others: &others,
        servers: &servers,
        at,
    };
    let text = report.text(plan.format, style);
    // What was found is told, whatever became of the file.
    let Err(fault) = saved else {
        return Ok((text, report.exit_code()));
    };
    let code = fault.kind.exit_code();
    log.errors(&fault.into());
    Ok((text, code))
}

/// In the order in which curl and Python read them.
const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

const JAVA_AND_PROXIES: &str = "asked through a proxy, as curl and Python go; a JVM without \
                                -Dhttps.proxyHost does not, and may see another certificate";

/// `SPARK_JAVA_OPT_0` and on, in their order: Spark's entrypoint minds no gap.
fn spark_options(variables: Variables<'_>) -> Option<OsString> {
    const MOST: usize = 1000;
    let options = (0..MOST).filter_map(|number| variables(&format!("SPARK_JAVA_OPT_{number}")));
    let options: Vec<Vec<u8>> = options.map(OsString::into_vec).collect();
    let words = options.iter().map(Vec::as_slice);
    (!options.is_empty()).then(|| jvm_options::quoted(words))
}

/// All at once, each with the whole time limit. With a note, if a proxy should have been gone through
/// and cannot be.
fn ask_all<W: Write>(
    plan: &DoctorPlan,
    variables: Variables<'_>,
    log: &mut Log<W>,
) -> (Vec<Asked>, Option<String>) {
    let (route, note) = route(plan, variables);
    if let Some(note) = &note {
        log.warning("proxy", None, note, &[]);
    }
    let asked = thread::scope(|scope| {
        let begin = |target| {
            let route = &route;
            let answer = scope.spawn(move || ask(target, route, plan.fetches_issuers));
            (target, answer)
        };
        let running: Vec<_> = plan.targets.iter().map(begin).collect();
        let ended = running.into_iter();
        ended
            .filter_map(|(target, answer)| Some(Asked::new(target, &route, answer.join().ok()?)))
            .collect()
    });
    (asked, note)
}

/// The way to the servers, and what is wrong with it.
fn route(plan: &DoctorPlan, variables: Variables<'_>) -> (Route, Option<String>) {
    let value = |name: &str| {
        let value = variables(name)?.into_string().ok()?;
        (!value.is_empty()).then_some(value)
    };
    let direct = Route {
        proxy: None,
        exempt: String::new(),
        starttls: plan.starttls,
        limit: plan.timeout,
    };
    match &plan.proxy {
        ProxyPlan::Direct => (direct, None),
        ProxyPlan::Through(proxy) => {
            let proxy = Some(proxy.clone());
            (Route { proxy, ..direct }, None)
        }
        ProxyPlan::AsVariables => {
            let mut named = PROXY_VARIABLES.into_iter();
            let Some((name, url)) = named.find_map(|name| Some((name, value(name)?))) else {
                return (direct, None);
            };
            let exempt = ["no_proxy", "NO_PROXY"].into_iter().find_map(value);
            let exempt = exempt.unwrap_or_default();
            match url.parse() {
                Ok(proxy) => {
                    let proxy = Some(proxy);
                    let through = Route {
                        proxy,
                        exempt,
                        ..direct
                    };
                    (through, None)
                }
                // Not the value itself: a password may be in it.
                Err(reason) => {
                    let reason: String = reason;
                    (
                        direct,
                        Some(format!("{name}: {reason}: asked without a proxy")),
                    )
                }
            }
        }
    }
}

/// What a process has in its environment; of a JVM also what its command line says of a truststore,
/// and which JDK it is.
fn environment_of(pid: u32) -> Result<HashMap<String, OsString>, Error> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let read = |name: &str| {
        let path = process.join(name);
        fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::input("unreadable", "there is no such process")
                .at("--pid")
                .hint("of another container it is seen with shareProcessNamespace, or kubectl debug --target"),
            _ => Error::input("unreadable", "the process may not be looked at")
                .at("--pid")
                .hint("be the same user, or root with CAP_SYS_PTRACE: kubectl debug --profile sysadmin"),
        })
    };
    let environ = read("environ")?;
    let pairs = environ.split(|byte| *byte == 0).filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let name = String::from_utf8(pair[..at].to_vec()).ok()?;
        Some((name, OsString::from_vec(pair[at + 1..].to_vec())))
    });
    let mut environment: HashMap<String, OsString> = pairs.collect();
    let program = fs::read_link(process.join("exe")).unwrap_or_default();
    if program.file_name().is_some_and(|name| name == "java") {
        let words = read("cmdline")?;
        let options = jvm_options(&words).into_iter();
        environment.insert(COMMAND_LINE.to_owned(), jvm_options::quoted(options));
        let home = program.ancestors().nth(2);
        environment.extend(home.map(|home| (String::from("JAVA_HOME"), home.into())));
    }
    Ok(environment)
}

/// The system properties on a JVM's command line. Behind the main class or `-jar` the words are the
/// application's.
fn jvm_options(command: &[u8]) -> Vec<&[u8]> {
    // Options that take the next word (java(1)).
    const WITH_A_WORD: [&[u8]; 10] = [
        b"-cp",
        b"-classpath",
        b"--class-path",
        b"-p",
        b"--module-path",
        b"--upgrade-module-path",
        b"--add-modules",
        b"--add-exports",
        b"--add-opens",
        b"--add-reads",
    ];
    let mut words = command.split(|byte| *byte == 0).skip(1);
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        if WITH_A_WORD.contains(&word) {
            words.next();
        } else if word.starts_with(b"-D") {
            options.push(word);
        } else if !word.starts_with(b"-") || matches!(word, b"-jar" | b"-m" | b"--module") {
            break;
        }
    }
    options
}

fn save<W: Write>(path: &Path, asked: &[Asked], log: &mut Log<W>) -> Result<(), Error> {
    let certificates = asked.iter().flat_map(|asked| {
        let fetched = asked
            .fetched
            .iter()
            .filter_map(|one| one.outcome.as_ref().ok());
        asked.chain.iter().chain(fetched)
    });
    let text: Vec<u8> = certificates
        .flat_map(|certificate| certificate.pem().to_vec())
        .collect();
    // An older file is worth more than nothing.
    if text.is_empty() {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| Error::unwritable(path, &error))?;
    log.warning(
        "unverified",
        path.to_str(),
        "what was presented or fetched, and nobody has verified",
        &[String::from(
            "compare each fingerprint with what the CA's owner publishes before you trust one",
        )],
    );
    Ok(())
}
