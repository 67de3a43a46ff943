//! `doctor`: what each client of a process trusts, and whether it trusts the servers named.

use std::fs;
use std::path::Path;
use std::thread;

use crate::args::{DoctorPlan, ProxyPlan, Variables};
use crate::doctor::cause::{cause, strict_note};
use crate::doctor::connect::Route;
use crate::doctor::process::Process;
use crate::doctor::verdict::verdicts;
use crate::doctor::{Asked, ask};
use crate::error::{Code, Error, Errors, ExitCode};
use crate::report;
use crate::report::doctor::{Report, Server};
use crate::report::log::Log;
use crate::report::style::Style;
use trust_stores::Timestamp;

/// Looks, and asks. Gives the report, and whether every client trusts every server; the exit code
/// that goes with it.
pub(super) fn run(
    plan: &DoctorPlan,
    variables: Variables<'_>,
    now: Timestamp,
    log: &mut Log,
) -> Result<ExitCode, Errors> {
    let process = match plan.pid {
        None => Process::ours(variables),
        Some(pid) => Process::of(pid)?,
    };
    let (trusts, others) = process.stores();
    let (asked, note) = ask_all(plan, &process, log);
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
    report::print(&report.text(plan.format, Style::of_stdout(variables)))?;
    // What was found is reported, whatever became of the file.
    saved?;
    Ok(report.answer().into())
}

/// In the order in which curl and Python read them.
const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

const JAVA_AND_PROXIES: &str = "asked through a proxy, as curl and Python go; a JVM without \
                                -Dhttps.proxyHost does not, and may see another certificate";

/// All at once, each with the whole time limit. With a note, if a proxy should have been gone through
/// and cannot be.
fn ask_all(
    plan: &DoctorPlan,
    process: &Process<'_>,
    log: &mut Log,
) -> (Vec<Asked>, Option<String>) {
    let (route, note) = route(plan, process);
    if let Some(note) = &note {
        log.warning(&Error::new(Code::Proxy, note.as_str()));
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
fn route(plan: &DoctorPlan, process: &Process<'_>) -> (Route, Option<String>) {
    let value = |name: &str| process.value(name)?.into_string().ok();
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

fn save(path: &Path, asked: &[Asked], log: &mut Log) -> Result<(), Error> {
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
    let message = "saved what servers presented or what was fetched: nobody has verified it";
    log.warning(
        &Error::new(Code::Unverified, message).at_path(path).hint(
            "compare each fingerprint with what the CA's owner publishes before you trust one",
        ),
    );
    Ok(())
}
