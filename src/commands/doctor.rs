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
use crate::doctor::{Asked, ask};
use crate::error::{Error, Errors};
use crate::jvm_options::COMMAND_LINE;
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
    let process = Process { root, variables };
    let trusts = process.trusts();
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
            let note = cause
                .is_none()
                .then(|| strict_note(&asked, &trusts, at))
                .flatten();
            Server {
                asked,
                verdicts,
                cause,
                note,
            }
        })
        .collect();
    let report = Report {
        trusts: &trusts,
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

/// All at once, each with the whole time limit.
fn ask_all<W: Write>(plan: &DoctorPlan, variables: Variables<'_>, log: &mut Log<W>) -> Vec<Asked> {
    let value = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| variables(name));
        found.and_then(|value| value.into_string().ok())
    };
    let proxy = match &plan.proxy {
        ProxyPlan::Through(proxy) => Some(proxy.clone()),
        ProxyPlan::Direct => None,
        ProxyPlan::AsVariables => value(["HTTPS_PROXY", "https_proxy"]).and_then(|url| {
            // Not the value itself: a password may be in it.
            let unusable = |reason: String| {
                let message = format!("{reason}: asked without a proxy");
                log.warning("proxy", Some("HTTPS_PROXY"), &message, &[]);
            };
            url.parse().map_err(unusable).ok()
        }),
    };
    let exempt = value(["NO_PROXY", "no_proxy"]).unwrap_or_default();
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
                (target, scope.spawn(move || ask(target, &route)))
            })
            .collect();
        running
            .into_iter()
            .filter_map(|(target, answer)| Some(Asked::new(target, answer.join().ok()?)))
            .collect()
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
        let mut options: Vec<u8> = Vec::new();
        for word in words.split(|byte| *byte == 0) {
            if word.starts_with(b"-Djavax.net.ssl.trustStore") {
                // One word is one option, whatever stands in it.
                options.extend([b"\"", word, b"\" "].concat());
            }
        }
        environment.insert(COMMAND_LINE.to_owned(), OsString::from_vec(options));
        let home = program.ancestors().nth(2);
        environment.extend(home.map(|home| (String::from("JAVA_HOME"), home.into())));
    }
    Ok(environment)
}

fn save<W: Write>(path: &Path, asked: &[Asked], log: &mut Log<W>) -> Result<(), Error> {
    let chains = asked.iter().flat_map(|asked| &asked.chain);
    let text: Vec<u8> = chains
        .flat_map(|certificate| certificate.pem().to_vec())
        .collect();
    fs::write(path, text).map_err(|error| Error::unwritable(path, &error))?;
    log.warning(
        "unverified",
        path.to_str(),
        "what the servers presented, and nobody has verified",
        &[String::from(
            "compare each fingerprint with what the CA's owner publishes before you trust one",
        )],
    );
    Ok(())
}
