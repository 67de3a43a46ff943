//! A second thread, for two tasks that need not wait for each other.

use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread::{self, ScopedJoinHandle};

/// Runs `second` on a thread of its own while this one runs `first`, and gives what both return. If no thread
/// can be started, for instance because of a limit on processes, this one runs `second` and then `first`. A
/// panic of either is this thread's.
///
/// `first` gets a function that waits for the end of `second` and tells whether it has succeeded.
pub fn side_by_side<A, B: Send, E: Send>(
    first: impl FnOnce(&dyn Fn() -> bool) -> A,
    second: impl Fn() -> Result<B, E> + Sync,
) -> (A, Result<B, E>) {
    let success = OnceLock::new();
    let run_second = || {
        let _end = End(&success);
        let done = second();
        // Nothing else sets it while this runs.
        let _ = success.set(done.is_ok());
        done
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .spawn_scoped(scope, run_second)
            .map_err(|_| run_second());
        let first = first(&|| *success.wait());
        let second = match thread.map(ScopedJoinHandle::join) {
            Ok(Ok(done)) | Err(done) => done,
            Ok(Err(panic)) => resume_unwind(panic),
        };
        (first, second)
    })
}

/// Ends the wait when it is dropped. Otherwise, a panic of what is waited for would be waited for forever.
struct End<'a>(&'a OnceLock<bool>);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let _ = self.0.set(false);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::sync::Mutex;
    use std::sync::mpsc::channel;

    use super::side_by_side;

    #[test]
    fn both_run_at_the_same_time_and_the_first_can_wait_for_the_second() {
        let (to_second, from_first) = channel();
        let from_first = Mutex::new(from_first);
        let first = |wait: &dyn Fn() -> bool| {
            to_second.send(1).unwrap();
            wait()
        };
        let second = || from_first.lock().unwrap().recv();
        assert_eq!(side_by_side(first, second), (true, Ok(1)));
    }

    #[test]
    fn a_failure_of_the_second_is_known_to_the_first() {
        let both = side_by_side(|wait| (wait(), wait()), || Err::<(), _>("why"));
        assert_eq!(both, ((false, false), Err("why")));
    }

    #[test]
    fn a_panic_of_either_is_passed_on() {
        let first = || side_by_side(|_| panic!("first"), || Ok::<_, ()>(()));
        assert!(catch_unwind(first).is_err());
        let second = || side_by_side(|wait| wait(), || -> Result<(), ()> { panic!("second") });
        assert!(catch_unwind(second).is_err());
    }
}
