//! Limits of the process (`setrlimit`) under which it would die by a signal instead of an error.

use std::fs;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use rustix::process::{Resource, getrlimit};
use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;

/// Enough for the deepest command, many times over.
const STACK: usize = 4 << 20;

/// Runs `program` where these limits end in an error with words: a file that may not grow fails the write,
/// and a stack that is too small is replaced by that of a thread.
pub fn within_limits<T: Send>(program: impl Fn() -> T + Sync) -> T {
    survive_file_size();
    let stack = getrlimit(Resource::Stack).current;
    if stack.is_none_or(|size| size >= STACK as u64) {
        return program();
    }
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        match thread.spawn_scoped(scope, &program) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // No more threads either.
            Err(_) => program(),
        }
    })
}

/// By default, the kernel ends a process that writes beyond `RLIMIT_FSIZE`. With a handler, the write fails.
/// The program that `exec` becomes has no handler, while it would inherit a signal that is ignored.
fn survive_file_size() {
    if getrlimit(Resource::Fsize).current.is_some() && !is_ignored(SIGXFSZ) {
        // It fails only for signals that nobody can handle.
        let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}

/// Whether this process was started with the signal ignored (`SigIgn` in `proc_pid_status(5)`), as `exec`'s
/// command is to be too.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| (mask >> (signal - 1)) & 1 == 1)
}
