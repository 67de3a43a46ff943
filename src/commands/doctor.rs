//! `doctor`: what each client of a process trusts, and whether it trusts the servers named.

use std::collections::HashMap;
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
use crate::doctor::target::{Target, is_exempt};
use crate::doctor::{Asked, ask, issuers};
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
    let process = Process { root, variables };
    let trusts = process.trusts();
    let others = process.others(&trusts);
    let asked = ask_all(plan, variables, log);
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
            let is_judged = !asked.chain.is_empty();
            let unread = is_judged && asked.proxy.is_some() && !process.has_proxy_for_java();
            let notes = strict
                .into_iter()
                .chain(unread.then(|| JAVA_AND_PROXIES.to_owned()));
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

/// All at once, each with the whole time limit.
fn ask_all<W: Write>(plan: &DoctorPlan, variables: Variables<'_>, log: &mut Log<W>) -> Vec<Asked> {
    let value = |name: &str| {
        let value = variables(name)?.into_string().ok()?;
        (!value.is_empty()).then_some(value)
    };
    let proxy = match &plan.proxy {
        ProxyPlan::Through(proxy) => Some(proxy.clone()),
        ProxyPlan::Direct => None,
        ProxyPlan::AsVariables => PROXY_VARIABLES.iter().find_map(|name| {
            // Not the value itself in what is said: a password may be in it.
            let unusable = |reason: String| {
                let message = format!("{reason}: asked without a proxy");
                log.warning("proxy", Some(name), &message, &[]);
            };
            value(name)?.parse().map_err(unusable).ok()
        }),
    };
    let exempt = ["no_proxy", "NO_PROXY"]
        .into_iter()
        .find_map(value)
        .unwrap_or_default();
    let is_forced = matches!(plan.proxy, ProxyPlan::Through(_));
    let route = |target: &Target| Route {
        proxy: proxy
            .clone()
            .filter(|_| is_forced || !is_exempt(&target.host, &exempt)),
        starttls: plan.starttls,
        limit: plan.timeout,
    };
    thread::scope(|scope| {
        let running: Vec<_> = plan
            .targets
            .iter()
            .map(|target| {
                let route = route(target);
                let answer = scope.spawn({
                    let route = route.clone();
                    move || ask(target, &route)
                });
                (target, route, answer)
            })
            .collect();
        let answers = running.into_iter().filter_map(|(target, route, answer)| {
            let mut asked = Asked::new(target, &route, answer.join().ok()?);
            if plan.fetches_issuers {
                asked.fetched = issuers::fetch(&asked, &route);
            }
            Some(asked)
        });
        answers.collect()
    })
}

/// What a process has in its environment; of a JVM also what its command line says of a truststore,
/// and which JDK it is.
fn environment_of(pid: u32) -> Result<HashMap<String, OsString>, Error> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let read = |name: &str| {
        let path = process.join(name);
        fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Error::input("unreadable", "there is no such process").at("--pid")
            }
            _ => Error::input("unreadable", "another user's process is seen by root alone")
                .at("--pid")
                .hint("in a pod, look from the same container, or with shareProcessNamespace"),
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
        let words = words.split(|byte| *byte == 0);
        let options = words.filter(|word| word.starts_with(b"-Djavax.net.ssl.trustStore"));
        environment.insert(COMMAND_LINE.to_owned(), jvm_options::quoted(options));
        let home = program.ancestors().nth(2);
        environment.extend(home.map(|home| (String::from("JAVA_HOME"), home.into())));
    }
    Ok(environment)
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
