//! `watch`: the whole line, and again on every change of a source. After the first build only a signal
//! ends it: input that cannot be used leaves the stores as they are.

mod last_build;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_shutdown;

use self::last_build::LastBuild;
use super::build;
use super::pipeline::encode::{java_password, stores_to_judge};
use super::pipeline::judge::read_and_judge;
use super::pipeline::write::encode_and_write;
use crate::args::{BuildPlan, RunPlan};
use crate::error::exit::Answer;
use crate::error::{Code, Error, Errors, ExitCode, shown_path};
use crate::read::changes::{Eyes, Sight, Watched};
use crate::read::{Base, Location, MAX_BASE_SIZE, MAX_PASSWORD_SIZE};
use crate::report;
use crate::report::log::Log;
use crate::write::presence::Presence;
use trust_stores::Timestamp;

/// Answers whether a running watch has built the stores in `out`.
pub(super) fn healthy(out: &Path) -> Result<ExitCode, Errors> {
    let name = shown_path(out);
    let (answer, text) = match Presence::is_held(out) {
        Ok(true) => (
            Answer::Yes,
            format!("ready: a running watch has built the stores in {name}"),
        ),
        Ok(false) => (
            Answer::No,
            format!("not ready: no running watch has built the stores in {name}"),
        ),
        Err(error) => {
            let fault = Error::unreadable(out, &error);
            (Answer::No, format!("cannot tell: {fault}"))
        }
    };
    report::print(&format!("{text}\n"))?;
    Ok(answer.into())
}

/// Builds as `plan` says, then on every change of what it names. Returns only if the first build fails.
pub(super) fn run(mut plan: RunPlan, log: &mut Log) -> Result<ExitCode, Errors> {
    end_on_signals();
    let out = plan.build.out.clone();
    if Presence::is_held(&out).unwrap_or(false) {
        return Err(maintained_by_another(&out).into());
    }
    let watched = watched(&plan.build);
    let mut eyes = Eyes::open();
    eyes.turn(&watched);
    let sight = Sight::of(&watched);
    let password = java_password(&plan.build.stores)?;
    let judged = build::build(&plan.build, &password, now(), log)?;
    let _presence = presence(&out, log)?;
    // Both are for the first build only: a source that disappears later is reported at once, and the
    // program is already installed.
    plan.build.sources.wait = Duration::ZERO;
    plan.build.install = false;
    let watch = Watch {
        seen: Some(sight).filter(|sight| sight.is_of(&judged.inputs)),
        last_build: LastBuild::of(&judged, now()),
        failed: None,
        plan,
        watched,
        eyes,
    };
    drop(judged);
    watch.run(log)
}

/// Ends the process at once, even in the middle of a build: the next build sweeps what this one leaves.
/// A handler is needed because the kernel does not end process 1 of a container without one.
fn end_on_signals() {
    let is_armed = Arc::new(AtomicBool::new(true));
    for signal in [SIGTERM, SIGINT] {
        // It fails only for signals that nobody can handle.
        let _ = register_conditional_shutdown(signal, 0, Arc::clone(&is_armed));
    }
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

fn maintained_by_another(out: &Path) -> Error {
    Error::new(Code::Locked, "another watch already maintains these stores")
        .at_path(out)
        .hint("give each watch its own --out")
}

/// Takes the lock that answers the startupProbe for as long as this process runs.
fn presence(out: &Path, log: &mut Log) -> Result<Option<Presence>, Error> {
    match Presence::take(out) {
        Ok(Some(presence)) => Ok(Some(presence)),
        Ok(None) => Err(maintained_by_another(out)),
        Err(_) => {
            let message =
                "this file system does not support locks: watch --healthy cannot see this watch";
            log.warning(&Error::new(Code::Unlocked, message).at_path(out));
            Ok(None)
        }
    }
}

/// The files and directories that the plan reads and whose content can change.
fn watched(plan: &BuildPlan) -> Vec<Watched> {
    let watched = |path: &Path, limit| Watched {
        path: path.to_owned(),
        limit,
    };
    let limit = plan.sources.limit.read_limit();
    let customer = plan.sources.customer.iter();
    let customer = customer.filter_map(|location| match location {
        Location::Path(path) => Some(watched(path, limit)),
        Location::StandardInput => None,
    });
    let bases = plan.sources.bases.iter();
    let bases = bases.filter_map(|(base, _)| match base {
        Base::Path(path) => Some(watched(path, MAX_BASE_SIZE + 1)),
        Base::Mozilla => None,
    });
    let passwords = [
        &plan.sources.unlock.password_file,
        &plan.stores.java_password_file,
    ];
    let passwords = passwords.into_iter().flatten();
    customer
        .chain(bases)
        .chain(passwords.map(|path| watched(path, MAX_PASSWORD_SIZE + 1)))
        .collect()
}

/// Keeps the stores up to date.
struct Watch {
    plan: RunPlan,
    watched: Vec<Watched>,
    eyes: Eyes,
    /// What was last built from, or tried; `None` if that is not known.
    seen: Option<Sight>,
    /// The last build that succeeded.
    last_build: LastBuild,
    /// When a build failed last, if none has succeeded since.
    failed: Option<Instant>,
}

impl Watch {
    fn run(mut self, log: &mut Log) -> ! {
        self.warn_about_inotify(log);
        loop {
            let has_moved = self.seen.is_some() && self.eyes.wait(self.time_to_next_look());
            let is_due = self
                .failed
                .is_some_and(|at| at.elapsed() >= self.plan.remind);
            let mut sight = self.look();
            if has_moved || self.seen.as_ref() != Some(&sight) {
                sight = self.settled(sight);
            }
            if is_due || self.seen.as_ref() != Some(&sight) {
                self.rebuild(sight, log);
            }
            self.warn_about_inotify(log);
        }
    }

    /// How long to wait for an event.
    fn time_to_next_look(&self) -> Duration {
        match self.failed {
            Some(at) => {
                let left = self.plan.remind.saturating_sub(at.elapsed());
                left.min(self.plan.interval)
            }
            None => self.plan.interval,
        }
    }

    fn look(&mut self) -> Sight {
        self.eyes.turn(&self.watched);
        Sight::of(&self.watched)
    }

    /// Waits until nothing has changed for a while, but not forever; gives what the sources then contain.
    fn settled(&mut self, mut before: Sight) -> Sight {
        const MAX_PAUSES: u32 = 10;
        let end = Instant::now() + self.plan.debounce * MAX_PAUSES;
        loop {
            while self.eyes.wait(self.plan.debounce) && Instant::now() < end {}
            let sight = self.look();
            if sight == before || Instant::now() >= end {
                return sight;
            }
            before = sight;
        }
    }

    /// Builds from what was seen, and reports the outcome.
    fn rebuild(&mut self, sight: Sight, log: &mut Log) {
        if let Some(seen) = &self.seen {
            log.sources_changed(&sight.since(seen));
        }
        self.seen = Some(sight);
        let Err(errors) = self.build(log) else {
            self.failed = None;
            return;
        };
        self.failed = Some(Instant::now());
        log.errors(&errors);
        let message = format!(
            "keeping the stores that were built at {}",
            self.last_build.at
        );
        let retry = format!(
            "fix the source: watch builds again as soon as it changes, and retries every {} s",
            self.plan.remind.as_secs()
        );
        log.warning(
            &Error::new(Code::Kept, message)
                .at_path(&self.plan.build.out)
                .hint(retry),
        );
    }

    fn build(&mut self, log: &mut Log) -> Result<(), Errors> {
        let plan = &self.plan.build;
        let password = java_password(&plan.stores)?;
        let stores = stores_to_judge(&plan.stores);
        let judged = read_and_judge(&plan.sources, &plan.policy, stores, now(), log)?;
        judged.accept(log)?;
        Errors::check(self.last_build.lost_bases(&judged))?;
        let (tree, written) = encode_and_write(plan, &judged, &password)?;
        let build = LastBuild::of(&judged, now());
        if self.failed.is_some() {
            log.info("recovered: the stores are up to date again");
        }
        log.stores_changed(&self.last_build.certificates, &build.certificates);
        log.stores_written(&plan.out, &tree, &written.written);
        log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
        self.last_build = build;
        // What was read may differ from what was seen before, if a source changed twice.
        self.seen.take_if(|sight| !sight.is_of(&judged.inputs));
        Ok(())
    }

    /// Warns once where the kernel does not report every change.
    fn warn_about_inotify(&mut self, log: &mut Log) {
        if let Some(error) = self.eyes.fault() {
            let interval = self.plan.interval.as_secs();
            let message = format!(
                "inotify does not report every change ({error}): some are noticed only after up to \
                 {interval} s"
            );
            log.warning(&Error::new(Code::Unwatched, message).hint(
                "raise fs.inotify.max_user_instances or fs.inotify.max_user_watches on the node",
            ));
        }
    }
}
