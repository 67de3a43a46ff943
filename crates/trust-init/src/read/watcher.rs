//! Wakes up when something near a source changes.
//!
//! An event never decides that a source changed: a [`Snapshot`](super::Snapshot) does. Events come for
//! what does not matter (a swap of `..data` touches five names), and some file systems send none. So
//! inotify only says when to look, and the caller looks at intervals as well.

use std::ffi::{CStr, OsStr, OsString};
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use super::WatchedPath;
use super::files::files_of;
use crate::sys::{PathWalk, Step};

/// inotify watches on every directory along the path to a source, following links as the kernel does,
/// and on the files themselves. So a source is noticed when it is edited in place, replaced by a
/// rename, when a link leads elsewhere (`..data`), or when it vanishes with its directory and comes
/// back.
#[derive(Debug)]
pub struct Watcher {
    /// None if the kernel refused: then only the interval is left.
    inotify: Option<OwnedFd>,
    /// Each watch, and the name in its directory that matters; no name if all of them do, or if the
    /// watch is on a file.
    watches: Vec<(i32, Option<OsString>)>,
    fault: Option<Errno>,
    is_fault_reported: bool,
}

/// Events of a directory: names that are added, removed or renamed. Writes to its files are left to the
/// watches on those files: `/tmp` would wake us all day, and a file that is mounted by itself is edited
/// in a directory that cannot be seen from here.
const NAME_EVENTS: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVE);

/// Events of the watched file or directory itself.
const SELF_EVENTS: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF);

impl Watcher {
    /// Opens inotify. Nothing is watched yet.
    pub fn open() -> Self {
        let opened = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK);
        Watcher {
            fault: opened.as_ref().err().copied(),
            inotify: opened.ok(),
            watches: Vec::new(),
            is_fault_reported: false,
        }
    }

    /// Watches `watched` as it is now, and nothing else. A snapshot that is taken after this misses no
    /// change: either it has the change, or an event follows.
    pub fn watch(&mut self, watched: &[WatchedPath]) {
        let before = std::mem::take(&mut self.watches);
        for WatchedPath { path, .. } in watched {
            let end = self.watch_path(path);
            if end.is_dir() {
                self.add(&end, None, NAME_EVENTS);
                for file in files_of(path).unwrap_or_default() {
                    self.watch_path(&file);
                }
            }
        }
        if let Some(inotify) = &self.inotify {
            let is_kept = |old| self.watches.iter().any(|(watch, _)| *watch == old);
            for (old, _) in before.into_iter().filter(|(old, _)| !is_kept(*old)) {
                // This fails if the directory has been removed, and the watch with it.
                let _ = inotify::remove_watch(inotify, old);
            }
        }
    }

    /// Why some changes cause no event; reported once.
    pub fn fault(&mut self) -> Option<io::Error> {
        let fault = self.fault.filter(|_| !self.is_fault_reported)?;
        self.is_fault_reported = true;
        Some(fault.into())
    }

    /// Watches every directory on the way to `path`, and the file at its end; returns where it ends.
    fn watch_path(&mut self, path: &Path) -> PathBuf {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut walk = PathWalk::new(&path);
        let mut here = PathBuf::from("/");
        while let Some(step) = walk.next() {
            match step {
                Step::Root => here = PathBuf::from("/"),
                Step::Parent => {
                    here.pop();
                }
                Step::Name(name) => {
                    // Watched before the link is read, so that a swap in between causes an event.
                    self.add(&here, Some(&name), NAME_EVENTS);
                    let link = here.join(&name);
                    let target = fs::read_link(&link);
                    if target.is_err() || target.is_ok_and(|to| walk.follow(&to).is_err()) {
                        here = link;
                    }
                }
            }
        }
        if here.is_file() {
            self.add(&here, None, WatchFlags::MODIFY);
        }
        here
    }

    /// Watches a name in a directory, or all of it, or a file. If it does not exist, the watch on the
    /// directory above notices when it appears.
    fn add(&mut self, path: &Path, name: Option<&OsStr>, events: WatchFlags) {
        let Some(inotify) = &self.inotify else {
            return;
        };
        match inotify::add_watch(inotify, path, events | SELF_EVENTS) {
            Ok(watch) => {
                let watch = (watch, name.map(OsStr::to_owned));
                if !self.watches.contains(&watch) {
                    self.watches.push(watch);
                }
            }
            // Not every user may list the directories that lead to a source.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => {}
            Err(error) => self.fault = self.fault.or(Some(error)),
        }
    }

    /// Waits for an event that matters, but no longer than `limit`; returns whether there was one.
    pub fn wait(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let Some(inotify) = &self.inotify else {
            thread::sleep(limit);
            return false;
        };
        loop {
            if self.has_event(inotify) {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let timeout = Timespec::try_from(left).ok();
            let polled = poll(&mut [PollFd::new(inotify, PollFlags::IN)], timeout.as_ref());
            if polled.is_err_and(|error| error != Errno::INTR) {
                // By its manual it never fails; without this pause, a failure would keep a CPU busy.
                thread::sleep(left);
            }
        }
    }

    /// Takes the events there are; returns whether one matters.
    fn has_event(&self, inotify: &OwnedFd) -> bool {
        // Another process may cause them faster than they are read.
        const MAX_EVENTS: usize = 1000;
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(inotify.as_fd(), &mut buffer);
        let mut has_event = false;
        for _ in 0..MAX_EVENTS {
            let Ok(event) = events.next() else {
                break;
            };
            let name = event.file_name().map(CStr::to_bytes);
            // An event can still come from a watch that has been removed.
            has_event |= event.events().contains(ReadFlags::QUEUE_OVERFLOW)
                || self.watches.iter().any(|(watch, wanted)| {
                    let wanted = wanted.as_ref().map(|wanted| wanted.as_bytes());
                    *watch == event.wd() && (wanted.is_none() || name.is_none() || wanted == name)
                });
        }
        has_event
    }
}
