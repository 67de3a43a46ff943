//! A second thread, for two tasks that need not wait for each other.

use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread::{self, ScopedJoinHandle};

/// Runs `second` on a thread of its own while this one runs `first`, and gives what both return. If no thread
/// can be started, for instance because of a limit on processes, they run one after the other. A panic of
/// either is this thread's.
///
/// `second` gets a function that waits for the end of `first` and tells whether it has succeeded.
pub fn side_by_side<A, B: Send, E>(
    first: impl FnOnce() -> Result<A, E>,
    second: impl Fn(&dyn Fn() -> bool) -> B + Sync,
) -> (Result<A, E>, B) {
    let success = OnceLock::new();
    let wait = || *success.wait();
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, || second(&wait));
        let first = {
            let _end = End(&success);
            let done = first();
            // Nothing else sets it while `first` runs.
            let _ = success.set(done.is_ok());
            done
        };
        let second = match thread.map(ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => second(&wait),
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
    use std::sync::mpsc;

    use super::side_by_side;

    #[test]
    fn both_run_at_the_same_time_and_the_second_can_wait_for_the_first() {
        let (to_first, from_second) = mpsc::channel();
        let first = || from_second.recv().map(|()| 1);
        let second = |wait: &dyn Fn() -> bool| {
            to_first.send(()).unwrap();
            wait()
        };
        let (first, second) = side_by_side(first, second);
        assert_eq!((first, second), (Ok(1), true));
    }

    #[test]
    fn a_failure_of_the_first_is_known_to_the_second() {
        let (first, second) = side_by_side(|| Err::<(), _>("why"), |wait| wait());
        assert_eq!((first, second), (Err("why"), false));
    }

    #[test]
    fn a_panic_of_either_is_passed_on() {
        let first = || side_by_side(|| -> Result<(), ()> { panic!("first") }, |wait| wait());
        assert!(catch_unwind(first).is_err());
        let second = || side_by_side(|| Ok::<_, ()>(()), |_| panic!("second"));
        assert!(catch_unwind(second).is_err());
    }
}
