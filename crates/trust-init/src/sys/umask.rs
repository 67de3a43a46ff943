//! The umask of the process.

use rustix::fs::Mode;
use rustix::process::umask;

/// Clears the process's umask until it is dropped, so that modes apply in full.
#[derive(Debug)]
pub struct Umask {
    saved: Mode,
}

impl Umask {
    /// Clears it.
    #[must_use = "the umask is restored when this is dropped"]
    pub fn cleared() -> Self {
        Umask {
            saved: umask(Mode::empty()),
        }
    }
}

impl Drop for Umask {
    fn drop(&mut self) {
        umask(self.saved);
    }
}
