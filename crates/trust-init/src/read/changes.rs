//! Notices that sources changed: [`Sight`] is what they hold at a moment, [`Eyes`] wakes up when
//! something near them moves.
//!
//! What decides is the sight, never the event: events come for what does not matter (a swap of
//! `..data` touches five names), and do not come from every file system. So inotify only says when to
//! look, and whoever watches looks at intervals besides.

use std::ffi::{CStr, OsStr, OsString};
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use super::{Inputs, files_of, read_file};
use trust_stores::Fingerprint;
use trust_stores::escape::escape;

/// Something that is read: a file, or a directory's files.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Where it stands.
    pub path: PathBuf,
    /// How much of a file is read.
    pub limit: u64,
}

/// What is watched: of each file the name that messages give it, and the SHA-256 of what it holds, or
/// nothing where it cannot be read.
///
/// By content and not by times: these come from another machine's clock, and a file can be written
/// twice within one tick.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sight(Vec<(String, Option<Fingerprint>)>);

impl Sight {
    /// Looks at all of it.
    pub fn of(watched: &[Watched]) -> Self {
        let mut sight = Sight::default();
        for Watched { path, limit } in watched {
            let files = files_of(path).unwrap_or_else(|_| vec![path.clone()]);
            for file in files {
                let held = read_file(&file, *limit).ok();
                let held = held.map(|bytes| Fingerprint::of(&bytes));
                sight.0.push((name(&file), held));
            }
        }
        sight
    }

    /// Whether `inputs` are what was seen. If not, a file changed between the look and the reading.
    pub fn is_of(&self, inputs: &Inputs) -> bool {
        let mut named = inputs.sources.iter().filter(|s| s.found_by.is_none());
        named.all(|source| self.0.contains(&(source.name.clone(), Some(source.sha256))))
    }

    /// The names of the files that came, went or changed since `before`.
    pub fn since<'a>(&'a self, before: &'a Sight) -> Vec<&'a str> {
        let came = self.0.iter().filter(|one| !before.0.contains(one));
        let went = before.0.iter().filter(|one| !self.0.contains(one));
        let mut names: Vec<&str> = came.chain(went).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn name(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

/// inotify on every directory through which the way to a source leads, links followed as the kernel
/// follows them, and on the files themselves. So a source is noticed that is edited in place, renamed
/// over, led elsewhere by a link (`..data`), or that vanishes with its directory and comes back.
#[derive(Debug)]
pub struct Eyes {
    /// None where the kernel gave none: then only the interval is left.
    inotify: Option<OwnedFd>,
    /// Which names of a watched directory matter; all of them, or the file itself, without a name.
    interests: Vec<(i32, Option<OsString>)>,
    fault: Option<Errno>,
    is_told: bool,
}

/// A directory: names come, go, and change hands. What is written into its files is left to those of
/// them that matter: `/tmp` would wake us all day, and a file that is mounted by itself is edited in a
/// directory that cannot be seen from here.
const NAMES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVE);

/// Whatever it is.
const ITSELF: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF);

/// As the kernel, before it calls it a loop.
const MOST_LINKS: usize = 40;

impl Eyes {
    /// Eyes that are on nothing yet.
    pub fn open() -> Self {
        let opened = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK);
        Eyes {
            fault: opened.as_ref().err().copied(),
            inotify: opened.ok(),
            interests: Vec::new(),
            is_told: false,
        }
    }

    /// Turns them to `watched`, as it stands now. Whoever looks after this misses no change: the look
    /// sees it, or an event tells of it.
    pub fn turn(&mut self, watched: &[Watched]) {
        let before = std::mem::take(&mut self.interests);
        for Watched { path, .. } in watched {
            let end = self.follow(path);
            if end.is_dir() {
                self.watch(&end, None, NAMES);
                for file in files_of(path).unwrap_or_default() {
                    self.follow(&file);
                }
            }
        }
        if let Some(inotify) = &self.inotify {
            let is_kept = |gone| self.interests.iter().any(|(wd, _)| *wd == gone);
            for (gone, _) in before.into_iter().filter(|(wd, _)| !is_kept(*wd)) {
                // Its directory may be gone, and the watch with it.
                let _ = inotify::remove_watch(inotify, gone);
            }
        }
    }

    /// Why not every change is told of, once.
    pub fn fault(&mut self) -> Option<io::Error> {
        let fault = self.fault.filter(|_| !self.is_told)?;
        self.is_told = true;
        Some(fault.into())
    }

    /// Watches every directory on the way to `path`, and what it ends at; gives that.
    fn follow(&mut self, path: &Path) -> PathBuf {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut way: Vec<PathBuf> = vec![path];
        let mut here = PathBuf::from("/");
        let mut links = 0;
        while let Some(rest) = way.pop() {
            let mut components = rest.components();
            let Some(component) = components.next() else {
                continue;
            };
            way.push(components.as_path().to_owned());
            match component {
                Component::RootDir => here = PathBuf::from("/"),
                Component::ParentDir => {
                    here.pop();
                }
                Component::CurDir | Component::Prefix(_) => {}
                Component::Normal(name) => {
                    // First the watch, then the look: a link that is swapped in between is told of.
                    self.watch(&here, Some(name), NAMES);
                    here.push(name);
                    if let (Ok(target), true) = (fs::read_link(&here), links < MOST_LINKS) {
                        links += 1;
                        here.pop();
                        way.push(target);
                    }
                }
            }
        }
        if here.is_file() {
            self.watch(&here, None, WatchFlags::MODIFY);
        }
        here
    }

    /// Watches a name in a directory, or all of it, or a file. One that is not there is noticed by the
    /// directory above it.
    fn watch(&mut self, place: &Path, name: Option<&OsStr>, what: WatchFlags) {
        let Some(inotify) = &self.inotify else {
            return;
        };
        match inotify::add_watch(inotify, place, what | ITSELF) {
            Ok(wd) => {
                let interest = (wd, name.map(OsStr::to_owned));
                if !self.interests.contains(&interest) {
                    self.interests.push(interest);
                }
            }
            // Nor may everybody list the directories that lead to a source.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => {}
            Err(error) => self.fault = self.fault.or(Some(error)),
        }
    }

    /// Waits until something moves, but no longer than `limit`; gives whether it did.
    pub fn wait(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let Some(inotify) = &self.inotify else {
            thread::sleep(limit);
            return false;
        };
        loop {
            if self.has_moved(inotify) {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let timeout = Timespec::try_from(left).ok();
            let told = poll(&mut [PollFd::new(inotify, PollFlags::IN)], timeout.as_ref());
            if told.is_err_and(|error| error != Errno::INTR) {
                // It never fails, by its manual; without this, a processor would be busy for nothing.
                thread::sleep(left);
            }
        }
    }

    /// Takes the events there are, or many of them; whether one matters.
    fn has_moved(&self, inotify: &OwnedFd) -> bool {
        // Somebody may make them faster than they are read.
        const MOST: usize = 1000;
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(inotify.as_fd(), &mut buffer);
        let mut has_moved = false;
        for _ in 0..MOST {
            let Ok(event) = events.next() else {
                break;
            };
            let name = event.file_name().map(CStr::to_bytes);
            // Of a watch that was given up since, an event can still come.
            has_moved |= event.events().contains(ReadFlags::QUEUE_OVERFLOW)
                || self.interests.iter().any(|(wd, wanted)| {
                    let wanted = wanted.as_ref().map(|wanted| wanted.as_bytes());
                    *wd == event.wd() && (wanted.is_none() || name.is_none() || wanted == name)
                });
        }
        has_moved
    }
}
