//! `doctor`: what each client of a process trusts, and whether it trusts the servers named.

mod asked;
mod process;
mod stores;
mod surroundings;

use std::fs;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use trust_doctor::proxy::{EXEMPTION_VARIABLES, PROXY_VARIABLES};
use trust_doctor::{Probe, Route, Target, diagnose, probe};
use trust_stores::{Certificate, Timestamp};

use self::process::Process;
use crate::args::{Bundle, DoctorPlan, Programs, ProxyPlan, Variables};
use crate::error::{Code, Error, Errors, ExitCode};
use crate::report;
use crate::report::doctor::{BundleForm, Delivery, DoctorReport, ServerReport};
use crate::report::log::Log;
use crate::report::style::Style;
use crate::sys;
use crate::write::default_directory::OF_KUBELET;

/// Reads the stores, asks the servers and prints the report.
pub(super) fn run(
    plan: &DoctorPlan,
    variables: Variables<'_>,
    now: Timestamp,
    log: &mut Log,
) -> Result<ExitCode, Errors> {
    let process = match plan.pid {
        None => Process::current(variables),
        Some(pid) => Process::of(pid)?,
    };
    let (route, proxy_fault) = route(plan, &process);
    if let Some(fault) = &proxy_fault {
        log.warning(&Error::new(Code::Proxy, fault.as_str()));
    }
    let (probes, stores) = probe_all(plan, &route, || stores::read(&process));
    let saved = plan
        .save_chain
        .as_ref()
        .map_or(Ok(()), |path| save(path, &probes, log));
    let at = plan.at.unwrap_or(now);
    let mut asked = match plan.programs {
        Programs::Ask => asked::ask(plan, &process, &route, &probes),
        Programs::LeaveAlone => Vec::new(),
    }
    .into_iter();
    let mut server = |probe: Probe| ServerReport {
        jvm_may_differ: !probe.chain.is_empty()
            && probe.proxy.is_some()
            && !process.has_proxy_for_java(),
        proxy_fault: proxy_fault.clone(),
        asked: asked.next().unwrap_or_default(),
        diagnosis: diagnose(probe, &stores.clients, at),
    };
    let report = DoctorReport {
        servers: probes.into_iter().map(&mut server).collect(),
        stores,
        at,
        delivery: delivery(&process),
    };
    let bundle = |form| report.bundle(&surroundings::surroundings(&process, plan.pid, now), form);
    let screen = match plan.bundle {
        Some(Bundle::Stdout) => bundle(BundleForm::Text),
        _ => report.text(plan.format, plan.detail, Style::of_stdout(variables)),
    };
    let printed = report::print(&screen);
    let bundled = match &plan.bundle {
        Some(Bundle::File(path, form)) => sys::write_private(path, bundle(*form).as_bytes())
            .map_err(|error| Error::unwritable(path, &error)),
        _ => Ok(()),
    };
    // What was found is on the screen and in the bundle, whatever became of the other files.
    printed.and(bundled).and(saved)?;
    Ok(report.answer().into())
}

/// A pod's stores come from a chart, but whoever writes a notebook in a pod does not install it.
fn delivery(process: &Process<'_>) -> Delivery {
    /// Jupyter sets it for each kernel.
    const OF_JUPYTER: &str = "JPY_PARENT_PID";

    let is_in_pod = process.value(OF_KUBELET).is_some();
    if is_in_pod && process.value(OF_JUPYTER).is_none() {
        Delivery::Chart
    } else {
        Delivery::Command
    }
}

/// Asks all servers at once, each with the whole time limit; one after the other if this process
/// may have no threads. Does something else until they answer.
fn probe_all<T>(
    plan: &DoctorPlan,
    route: &Route,
    meanwhile: impl FnOnce() -> T,
) -> (Vec<Probe>, T) {
    let ask = |target: &Target| probe(target, route, plan.missing_issuers);
    thread::scope(|scope| {
        let start = |target| {
            let thread = thread::Builder::new().spawn_scoped(scope, move || ask(target));
            (target, thread)
        };
        let started: Vec<_> = plan.targets.iter().map(start).collect();
        let done = meanwhile();
        let probes = started.into_iter().map(|(target, thread)| match thread {
            // The report must not lack a server: it would say less than it should.
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => ask(target),
        });
        (probes.collect(), done)
    })
}

/// The way to the servers, and why it does not use the proxy that a variable names.
fn route(plan: &DoctorPlan, process: &Process<'_>) -> (Route, Option<String>) {
    let value = |name: &str| process.value(name)?.into_string().ok();
    let mut route = Route {
        proxy: None,
        unused_proxy: None,
        no_proxy: String::new(),
        starttls: plan.starttls,
        limit: plan.timeout,
    };
    match &plan.proxy {
        ProxyPlan::Direct => {}
        ProxyPlan::Through(proxy) => route.proxy = Some(proxy.clone()),
        ProxyPlan::AsVariables => {
            let mut named = PROXY_VARIABLES.into_iter();
            let Some((name, url)) = named.find_map(|name| Some((name, value(name)?))) else {
                return (route, None);
            };
            let mut exemptions = EXEMPTION_VARIABLES.into_iter();
            route.no_proxy = exemptions.find_map(value).unwrap_or_default();
            match url.parse() {
                Ok(proxy) => route.proxy = Some(proxy),
                // Not the value itself: a password may be in it.
                Err(error) => {
                    let error: trust_doctor::ProxyError = error;
                    let fault = format!("{name}: {error}; connecting without a proxy");
                    route.unused_proxy = Some(error);
                    return (route, Some(fault));
                }
            }
        }
    }
    (route, None)
}

fn save(path: &Path, probes: &[Probe], log: &mut Log) -> Result<(), Error> {
    let certificates = probes.iter().flat_map(|probe| {
        let fetched = probe.fetched.iter();
        let fetched = fetched.filter_map(|one| one.outcome.as_ref().ok());
        probe.chain.iter().chain(fetched)
    });
    let text: Vec<u8> = certificates.flat_map(Certificate::pem).collect();
    // An older file is worth more than an empty one.
    if text.is_empty() {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| Error::unwritable(path, &error))?;
    let message = "saved what the servers presented and what was fetched, unverified";
    log.warning(&Error::new(Code::Unverified, message).at_path(path).hint(
        "compare each fingerprint with the one the CA's owner publishes before you trust it",
    ));
    Ok(())
}
