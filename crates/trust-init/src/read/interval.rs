//! The watcher of systems without inotify: the caller looks at intervals, and nothing wakes it earlier.

use std::io;
use std::thread;
use std::time::Duration;

use super::WatchedPath;

/// Waits, and notices nothing.
#[derive(Debug)]
pub struct Watcher;

impl Watcher {
    /// There is nothing to open.
    pub fn open() -> Self {
        Watcher
    }

    /// A [`Snapshot`](super::Snapshot) finds what changed.
    pub fn watch(&mut self, _watched: &[WatchedPath]) {}

    /// No change causes an event, and that is no fault.
    pub fn fault(&mut self) -> Option<io::Error> {
        None
    }

    /// Waits for `limit`; there is never an event.
    pub fn wait(&self, limit: Duration) -> bool {
        thread::sleep(limit);
        false
    }
}
