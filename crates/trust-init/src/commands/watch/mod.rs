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
use super::pipeline::input::read_and_judge;
use super::pipeline::output::{java_password, stores_and_wiring, stores_to_judge, write_tree};
use crate::args::{BuildPlan, RunPlan, Variables};
use crate::error::exit::Answer;
use crate::error::{Code, Error, Errors, ExitCode, shown_path};
use crate::read::{Base, Location, Snapshot, WatchedPath, Watcher};
use crate::report;
use crate::report::log::Log;
use crate::report::style::{Style, Tone};
use crate::sys::{MAX_PASSWORD_SIZE, MAX_STORE_SIZE};
use crate::write::watch_lock::WatchLock;
use trust_stores::Timestamp;

/// Answers whether a running watch has built the stores in `out`.
pub(super) fn healthy(out: &Path, variables: Variables<'_>) -> Result<ExitCode, Errors> {
    let name = shown_path(out);
    let (answer, word, tone, text) = match WatchLock::is_held(out) {
        Ok(true) => {
            let text = format!("a running watch has built the stores in {name}");
            (Answer::Yes, "ready", Tone::Good, text)
        }
        Ok(false) => {
            let text = format!("no running watch has built the stores in {name}");
            (Answer::No, "not ready", Tone::Bad, text)
        }
        Err(error) => {
            let text = Error::unreadable(out, &error).to_string();
            (Answer::No, "cannot tell", Tone::Doubt, text)
        }
    };
    let word = Style::of_stdout(variables).paint(tone, word);
    report::print(&format!("{word}: {text}\n"))?;
    Ok(answer.into())
}

/// Builds as `plan` says, then on every change of what it names. Returns only if the first build fails.
pub(super) fn run(mut plan: RunPlan, log: &mut Log) -> Result<ExitCode, Errors> {
    end_on_signals();
    let out = plan.build.out.clone();
    if WatchLock::is_held(&out).unwrap_or(false) {
        return Err(maintained_by_another(&out).into());
    }
    let paths = watched_paths(&plan.build);
    let mut watcher = Watcher::open();
    watcher.watch(&paths);
    let snapshot = Snapshot::take(&paths);
    let password = java_password(&plan.build.content.stores)?;
    let judged = build::build(&plan.build, &password, now(), log)?;
    let _lock = lock(&out, log)?;
    // Both are only for the first build: a source that disappears later is reported at once, and the
    // program is already installed.
    plan.build.content.sources.wait = Duration::ZERO;
    plan.build.install = false;
    let watch = Watch {
        seen: Some(snapshot).filter(|snapshot| snapshot.matches(&judged.inputs)),
        last_build: LastBuild::of(&judged, now()),
        failed: None,
        plan,
        paths,
        watcher,
    };
    drop(judged);
    log.watching();
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

/// Takes the lock that `watch --healthy`, the startupProbe, asks for.
fn lock(out: &Path, log: &mut Log) -> Result<Option<WatchLock>, Error> {
    match WatchLock::acquire(out) {
        Ok(Some(lock)) => Ok(Some(lock)),
        Ok(None) => Err(maintained_by_another(out)),
        Err(_) => {
            let message =
                "this file system does not support locks: watch --healthy cannot see this watch";
            log.warning(&Error::new(Code::Unlocked, message).at_path(out));
            Ok(None)
        }
    }
}

/// The paths that the plan reads and that can change.
fn watched_paths(plan: &BuildPlan) -> Vec<WatchedPath> {
    let watched = |path: &Path, limit| WatchedPath {
        path: path.to_owned(),
        limit,
    };
    let sources = &plan.content.sources;
    let limit = sources.limit.read_limit();
    let customer = sources.customer.iter();
    let customer = customer.filter_map(|location| match location {
        Location::Path(path) => Some(watched(path, limit)),
        Location::StandardInput => None,
    });
    let bases = sources.bases.iter();
    let bases = bases.filter_map(|base| match base {
        Base::Path(path) => Some(watched(path, MAX_STORE_SIZE + 1)),
        Base::Mozilla => None,
    });
    let passwords = [
        &sources.unlock.password_file,
        &plan.content.stores.java_password_file,
    ];
    let passwords = passwords.into_iter().flatten();
    customer
        .chain(bases)
        .chain(passwords.map(|path| watched(path, MAX_PASSWORD_SIZE + 1)))
        .collect()
}

/// How long the steps of a swapped volume take, and those of several that are swapped together.
const SWAP_TIME: Duration = Duration::from_millis(10);

/// Keeps the stores up to date.
struct Watch {
    plan: RunPlan,
    paths: Vec<WatchedPath>,
    watcher: Watcher,
    /// What the last build read, whether it succeeded or failed; `None` if that is not known.
    seen: Option<Snapshot>,
    /// The last build that succeeded.
    last_build: LastBuild,
    /// When a build failed last, if none has succeeded since.
    failed: Option<Instant>,
}

impl Watch {
    fn run(mut self, log: &mut Log) -> ! {
        self.warn_about_inotify(log);
        loop {
            let has_event = self.seen.is_some() && self.watcher.wait(self.time_to_next_look());
            let is_due = self
                .failed
                .is_some_and(|at| at.elapsed() >= self.plan.timing.remind);
            let unchanged = (!has_event)
                .then(|| self.look())
                .filter(|snapshot| self.seen.as_ref() == Some(snapshot));
            let snapshot = unchanged.unwrap_or_else(|| self.settled());
            if is_due || self.seen.as_ref() != Some(&snapshot) {
                self.rebuild(snapshot, log);
            }
            self.warn_about_inotify(log);
        }
    }

    /// How long to wait for an event.
    fn time_to_next_look(&self) -> Duration {
        match self.failed {
            Some(at) => {
                let left = self.plan.timing.remind.saturating_sub(at.elapsed());
                left.min(self.plan.timing.interval)
            }
            None => self.plan.timing.interval,
        }
    }

    fn look(&mut self) -> Snapshot {
        self.watcher.watch(&self.paths);
        Snapshot::take(&self.paths)
    }

    /// What the sources contain when nothing has changed for a while, or when that takes too long. Volumes that
    /// are swapped are not waited for.
    fn settled(&mut self) -> Snapshot {
        const MAX_PAUSES: u32 = 10;
        let debounce = self.plan.timing.debounce;
        let end = Instant::now() + debounce * MAX_PAUSES;
        let mut before = None;
        loop {
            while self.watcher.wait(SWAP_TIME.min(debounce)) && Instant::now() < end {}
            let snapshot = self.look();
            let seen = self.seen.as_ref();
            let is_swap = seen.is_some_and(|seen| snapshot.is_swap_of(seen));
            if is_swap || before.as_ref() == Some(&snapshot) || Instant::now() >= end {
                return snapshot;
            }
            let is_quiet = !self.watcher.wait(debounce);
            before = Some(snapshot).filter(|_| is_quiet);
        }
    }

    /// Builds from what was seen, and reports the outcome.
    fn rebuild(&mut self, snapshot: Snapshot, log: &mut Log) {
        if let Some(seen) = &self.seen {
            let changed = snapshot.changes_since(seen);
            let mut changed: Vec<String> = changed.map(shown_path).collect();
            changed.sort_unstable();
            log.sources_changed(&changed);
        }
        self.seen = Some(snapshot);
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
            self.plan.timing.remind.as_secs()
        );
        log.warning(
            &Error::new(Code::Kept, message)
                .at_path(&self.plan.build.out)
                .hint(retry),
        );
    }

    fn build(&mut self, log: &mut Log) -> Result<(), Errors> {
        let plan = &self.plan.build;
        let password = java_password(&plan.content.stores)?;
        let stores = stores_to_judge(&plan.content.stores);
        let judged = read_and_judge(&plan.content, stores, now(), log)?;
        judged.accept(log)?;
        Errors::check(self.last_build.lost_bases(&judged))?;
        let tree = stores_and_wiring(&plan.content.stores, &password, &judged)?;
        let written = write_tree(plan, &judged, &tree)?;
        let build = LastBuild::of(&judged, now());
        for fact in self.last_build.lost_sources(&judged) {
            log.warning(&fact);
        }
        if self.failed.is_some() {
            log.info("recovered: the stores are up to date again");
        }
        log.stores_changed(&self.last_build.certificates, &build.certificates);
        log.stores_written(&plan.out, &tree, &written.written);
        log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
        self.last_build = build;
        // A source may have changed after the snapshot was taken.
        self.seen
            .take_if(|snapshot| !snapshot.matches(&judged.inputs));
        Ok(())
    }

    /// Warns once where the kernel does not report every change.
    fn warn_about_inotify(&mut self, log: &mut Log) {
        if let Some(error) = self.watcher.fault() {
            let interval = self.plan.timing.interval.as_secs();
            let message = format!(
                "inotify does not report every change ({error}): some are noticed only after up to \
                 {interval} s"
            );
            log.warning(&Error::new(Code::Unwatched, message).hint(
                "raise fs.inotify.max_user_instances or fs.inotify.max_user_watches with sysctl; in a cluster, on the node",
            ));
        }
    }
}
