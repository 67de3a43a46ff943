//! `watch`: the whole line, and again on every change of a source. After the first build nothing but a
//! signal ends it: input that cannot be used leaves the stores as they are.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_shutdown;

use super::build;
use super::judged::Judged;
use crate::args::{BuildPlan, RunPlan};
use crate::error::{Error, Errors};
use crate::read::changes::{Eyes, Sight, Watched};
use crate::read::{Base, Location, MAX_BASE_SIZE, MAX_PASSWORD_SIZE};
use crate::report::log::{Held, Log};
use crate::write::presence::Presence;
use trust_stores::escape::escape;
use trust_stores::{Judgement, Timestamp};

/// Whether the stores of `out` are those of a watch that runs, and in which words.
pub fn healthy(out: &Path) -> (String, bool) {
    let name = escape(&out.to_string_lossy()).into_owned();
    match Presence::is_held(out) {
        Ok(true) => (format!("the stores of {name} stand\n"), true),
        Ok(false) => (
            format!("not yet: no watch that runs has built the stores of {name}\n"),
            false,
        ),
        Err(error) => {
            let fault = Error::unreadable(out, &error);
            (format!("nobody can tell: {fault}\n"), false)
        }
    }
}

/// Builds as `plan` says, then on every change of what it names. Comes back only if the first build
/// fails.
pub fn run<W: Write>(mut plan: RunPlan, log: &mut Log<W>) -> Result<u8, Errors> {
    end_on_signals();
    let out = plan.build.out.clone();
    if Presence::is_held(&out).unwrap_or(false) {
        return Err(kept_by_another(&out).into());
    }
    let watched = watched(&plan.build);
    let mut eyes = Eyes::open();
    eyes.turn(&watched);
    let sight = Sight::of(&watched);
    let (judged, password) = build::accepted(&plan.build, now(), log)?;
    build::first(&plan.build, &judged, &password, log)?;
    let _presence = presence(&out, log)?;
    // Of the first build alone: what is absent later is told at once, and the program stands.
    plan.build.sources.wait = Duration::ZERO;
    plan.build.install = false;
    let keeper = Keeper {
        seen: Some(sight).filter(|sight| sight.is_of(&judged.inputs)),
        good: Good::of(&judged),
        failed: None,
        plan,
        watched,
        eyes,
    };
    drop(judged);
    keeper.keep(log)
}

/// At once, in the middle of a build too: no moment of one is bad to end at, and what is left of it the
/// next sweeps. A handler is needed, for the kernel does not end a container's process 1 without.
fn end_on_signals() {
    let is_armed = Arc::new(AtomicBool::new(true));
    for signal in [SIGTERM, SIGINT] {
        // It fails for signals alone that nobody can handle.
        let _ = register_conditional_shutdown(signal, 0, Arc::clone(&is_armed));
    }
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

fn kept_by_another(out: &Path) -> Error {
    Error::output("locked", "another watch keeps the stores there")
        .at_path(out)
        .hint("give each watch an --out of its own")
}

/// What tells the startupProbe, for as long as this runs.
fn presence<W: Write>(out: &Path, log: &mut Log<W>) -> Result<Option<Presence>, Error> {
    match Presence::take(out) {
        Ok(Some(presence)) => Ok(Some(presence)),
        Ok(None) => Err(kept_by_another(out)),
        Err(_) => {
            let place = escape(&out.to_string_lossy()).into_owned();
            let message = "this file system has no locks: watch --healthy cannot tell that these stores are kept";
            log.warning("unlocked", Some(&place), message, &[]);
            Ok(None)
        }
    }
}

/// What the plan reads and can change.
fn watched(plan: &BuildPlan) -> Vec<Watched> {
    let watched = |path: &Path, limit| Watched {
        path: path.to_owned(),
        limit,
    };
    let limit = plan.sources.limit.read_limit();
    let customer = plan
        .sources
        .customer
        .iter()
        .filter_map(|location| match location {
            Location::Path(path) => Some(watched(path, limit)),
            Location::StandardInput => None,
        });
    let bases = plan
        .sources
        .bases
        .iter()
        .filter_map(|(base, _)| match base {
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

/// The stores that stand, of the last build that succeeded.
struct Good {
    at: Timestamp,
    held: Held,
    /// The bases that certificates came from.
    bases: Vec<String>,
    /// Those that were left out, as their faults name them.
    left_out: Vec<Option<String>>,
}

impl Good {
    fn of(judged: &Judged) -> Self {
        Good {
            at: now(),
            held: held(&judged.judgement),
            bases: bases(&judged.judgement, true).map(str::to_owned).collect(),
            left_out: left_out(judged).map(|fault| fault.place.clone()).collect(),
        }
    }

    /// Bases that were there and are not now. A build leaves them out, so that no pod fails to start
    /// for one; here trust would be taken from a pod that runs, for a volume that was away a moment.
    fn lost(&self, judged: &Judged) -> Vec<Error> {
        let gone = left_out(judged)
            .filter(|fault| !self.left_out.contains(&fault.place))
            .cloned();
        let empty = bases(&judged.judgement, false)
            .filter(|name| self.bases.iter().any(|known| known == name))
            .map(|name| Error::input("unreadable", "no certificate is left in it").at(name));
        gone.chain(empty)
            .map(|fault| {
                fault.hint(
                    "it is a base of the stores that stand: mend it, or start anew to build \
                     without it",
                )
            })
            .collect()
    }
}

/// The faults of bases.
fn left_out(judged: &Judged) -> impl Iterator<Item = &Error> {
    let faults = judged.inputs.warnings.iter();
    faults.filter(|fault| fault.code == "unreadable")
}

/// The sources that are bases, and gave certificates or did not.
fn bases(judgement: &Judgement, has_given: bool) -> impl Iterator<Item = &str> {
    let sources = judgement.sources.iter().enumerate();
    sources.filter_map(move |(index, source)| {
        let counts = judgement.counts(index);
        let gave = counts.kept + counts.merged > 0;
        (!source.role.is_customer() && gave == has_given).then_some(source.name.as_str())
    })
}

/// Every certificate that stands in a store.
fn held(judgement: &Judgement) -> Held {
    let entries = judgement.sections.iter();
    let kept = entries.filter(|entry| !entry.stores.is_empty());
    let named = kept.filter_map(|entry| {
        let certificate = entry.certificate.as_ref()?;
        let subject = certificate.subject().to_string();
        Some((certificate.fingerprint(), entry.stores, subject))
    });
    let mut named: Held = named.collect();
    named.sort_unstable_by_key(|(fingerprint, ..)| *fingerprint);
    named
}

/// Keeps the stores up to date.
struct Keeper {
    plan: RunPlan,
    watched: Vec<Watched>,
    eyes: Eyes,
    /// What was last built from, or tried; `None` if that is not known.
    seen: Option<Sight>,
    good: Good,
    /// When a build failed last, if none has succeeded since.
    failed: Option<Instant>,
}

impl Keeper {
    fn keep<W: Write>(mut self, log: &mut Log<W>) -> ! {
        self.told_of(log);
        loop {
            let has_moved = self.seen.is_some() && self.eyes.wait(self.patience());
            let is_due = self
                .failed
                .is_some_and(|at| at.elapsed() >= self.plan.remind);
            let mut sight = self.look();
            if has_moved || self.seen.as_ref() != Some(&sight) {
                sight = self.settled(sight);
            }
            if is_due || self.seen.as_ref() != Some(&sight) {
                self.again(sight, log);
            }
            self.told_of(log);
        }
    }

    /// How long to wait for a word of a change.
    fn patience(&self) -> Duration {
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

    /// What is seen when nothing has moved for a while, or when that takes too long.
    fn settled(&mut self, mut before: Sight) -> Sight {
        const PATIENCE: u32 = 10;
        let end = Instant::now() + self.plan.debounce * PATIENCE;
        loop {
            while self.eyes.wait(self.plan.debounce) && Instant::now() < end {}
            let sight = self.look();
            if sight == before || Instant::now() >= end {
                return sight;
            }
            before = sight;
        }
    }

    /// Builds from what was seen, and says what came of it.
    fn again<W: Write>(&mut self, sight: Sight, log: &mut Log<W>) {
        if let Some(seen) = &self.seen {
            log.changed(&sight.since(seen));
        }
        self.seen = Some(sight);
        match self.build(log) {
            Ok(()) => self.failed = None,
            Err(errors) => {
                self.failed = Some(Instant::now());
                log.errors(&errors);
                let out = escape(&self.plan.build.out.to_string_lossy()).into_owned();
                let message = format!("the stores stay as they were built at {}", self.good.at);
                let again = format!(
                    "mend it; the next change is tried at once, and the same again every {} s",
                    self.plan.remind.as_secs()
                );
                log.warning("kept", Some(&out), &message, &[again]);
            }
        }
    }

    fn build<W: Write>(&mut self, log: &mut Log<W>) -> Result<(), Errors> {
        let plan = &self.plan.build;
        let (judged, password) = build::accepted(plan, now(), log)?;
        Errors::check(self.good.lost(&judged))?;
        let (tree, written) = build::put(plan, &judged, &password)?;
        let good = Good::of(&judged);
        if self.failed.is_some() {
            log.info("mended: the stores are up to date again");
        }
        log.difference(&self.good.held, &good.held);
        log.tree(&plan.out, &tree, &written.written);
        log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
        self.good = good;
        // What was read may have changed since the look, and back.
        if !self
            .seen
            .as_ref()
            .is_some_and(|sight| sight.is_of(&judged.inputs))
        {
            self.seen = None;
        }
        Ok(())
    }

    /// Says once where the kernel cannot tell of every change.
    fn told_of<W: Write>(&mut self, log: &mut Log<W>) {
        if let Some(error) = self.eyes.fault() {
            let interval = self.plan.interval.as_secs();
            let message = format!(
                "inotify does not tell of every change ({error}): they are noticed within {interval} s"
            );
            let hint = "raise fs.inotify.max_user_instances or max_user_watches on the node";
            log.warning("unwatched", None, &message, &[hint.to_owned()]);
        }
    }
}
