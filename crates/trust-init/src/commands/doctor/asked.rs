//! Asks the programs of the process that `doctor` looks at.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use trust_doctor::{Probe, Route};

use super::process::Process;
use crate::args::{DoctorPlan, ProxyPlan};
use crate::ask::{self, ClientAnswer, ClientProxy, Question, Surroundings};
use crate::image::Root;
use crate::image::python::USUAL_PLACE;

/// Properties of a JVM that its second process must not have: they open a port.
const MANAGEMENT: &[u8] = b"-Dcom.sun.management.";

/// What the programs of `process` answer about each server, in the order of `probes`.
pub(super) fn ask(
    plan: &DoctorPlan,
    process: &Process<'_>,
    route: &Route,
    probes: &[Probe],
) -> Vec<Vec<ClientAnswer>> {
    let surroundings = surroundings(plan.pid, process);
    let answers = probes.iter().map(|probe| {
        let question = Question {
            host: probe.target.host.clone(),
            port: probe.target.port(route.starttls),
            authority: probe.authority.clone(),
            starttls: probe.starttls,
            proxy: match &plan.proxy {
                ProxyPlan::AsVariables => ClientProxy::OfTheClient,
                ProxyPlan::Through(proxy) => ClientProxy::Through(proxy.clone()),
                ProxyPlan::Direct => ClientProxy::Direct,
            },
            // `NO_PROXY` may exempt this server.
            own_proxy: route.proxy.clone().filter(|_| probe.proxy.is_some()),
            limit: plan.timeout,
        };
        ask::all(&question, &surroundings)
    });
    answers.collect()
}

fn surroundings(pid: Option<u32>, process: &Process<'_>) -> Surroundings {
    let options = process.jvm_options();
    let options = options.on_command_line().map(OsStr::as_bytes);
    let jvm_options = options
        .filter(|option| option.starts_with(b"-D") && !option.starts_with(MANAGEMENT))
        .map(|option| OsStr::from_bytes(option).to_owned())
        .collect();
    let ours = Surroundings {
        jvm_options,
        python: judged_python(process),
        ..Surroundings::default()
    };
    let Some(pid) = pid else {
        return ours;
    };
    let its = PathBuf::from(format!("/proc/{pid}"));
    let theirs = variables(&its, process).map(|variables| Surroundings {
        variables: Some(variables),
        directory: Some(process.directory.clone()),
        python: python(&its).or_else(|| judged_python(process)),
        obstacle: obstacle(&its),
        ..ours
    });
    theirs.unwrap_or_else(|error| Surroundings {
        obstacle: Some(format!("its environment cannot be read: {error}")),
        ..Surroundings::default()
    })
}

/// All variables of another process, with the JDK that it runs.
fn variables(its: &Path, process: &Process<'_>) -> io::Result<Vec<(OsString, OsString)>> {
    const JAVA_HOME: &str = "JAVA_HOME";
    let environ = fs::read(its.join("environ"))?;
    let pairs = environ.split(|byte| *byte == 0).filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        Some((text(&pair[..at]), text(&pair[at + 1..])))
    });
    let home = process.value(JAVA_HOME);
    let home = home.map(|home| (OsString::from(JAVA_HOME), home));
    Ok(pairs
        .filter(|(name, _)| name != JAVA_HOME)
        .chain(home)
        .collect())
}

/// The Python whose answer doctor predicts, so that the two can be compared. One that nothing but its
/// usual place tells of is not what a job would run.
fn judged_python(process: &Process<'_>) -> Option<PathBuf> {
    let root = Root::new(&process.root);
    let first = process.python_search().find(&root).into_iter().next()?;
    // A relative directory of PATH is whatever directory doctor was started in: nothing is run from there.
    let path = process.value("PATH").unwrap_or_default();
    let is_in_relative = env::split_paths(&path)
        .filter(|directory| directory.is_relative())
        .any(|directory| first.program.parent() == Some(&process.directory.join(directory)));
    (first.found_by != USUAL_PLACE && !is_in_relative).then_some(first.program)
}

/// The Python that a process runs: the path that it was started by, because that leads to its virtual
/// environment, otherwise the program itself.
fn python(its: &Path) -> Option<PathBuf> {
    let program = fs::read_link(its.join("exe")).ok()?;
    if !program.file_name()?.as_bytes().starts_with(b"python") {
        return None;
    }
    let words = fs::read(its.join("cmdline")).ok()?;
    let first = words.split(|byte| *byte == 0).next()?;
    let started_by = Path::new(OsStr::from_bytes(first));
    // By its name alone it was found in PATH, where we look as well.
    match started_by.components().count() {
        1 => None,
        _ if started_by.is_absolute() => Some(started_by.to_owned()),
        _ => Some(program),
    }
}

/// Why the programs of another process are not run. Its environment decides what they load, so they must
/// not get more rights than it has; and what it sees under a path must be what we see there.
fn obstacle(its: &Path) -> Option<String> {
    let status = fs::read_to_string(its.join("status")).unwrap_or_default();
    let ours = geteuid().as_raw().to_string();
    let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    if !users.is_some_and(|users| users.split_whitespace().all(|user| user == ours)) {
        return Some(String::from(
            "the process runs as another user: run doctor as that user",
        ));
    }
    let root = |process: &Path| {
        let found = fs::metadata(process.join("root/.")).ok()?;
        let mounts = fs::read_link(process.join("ns/mnt")).ok()?;
        Some((found.dev(), found.ino(), mounts))
    };
    let theirs = root(its);
    if theirs.is_none() || theirs != root(Path::new("/proc/self")) {
        return Some(String::from(
            "the process sees other files than doctor, whose programs are not run: run doctor in its container",
        ));
    }
    None
}
