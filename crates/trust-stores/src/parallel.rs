//! Work on two threads, where there is much of it. This is the only place in the crate that starts a thread, and what
//! it returns does not depend on whether it did.

use std::panic::resume_unwind;
use std::thread;

/// From so many items on, half of them are worth a thread: it takes as long to start as five certificates to read.
const MANY: usize = 200;

/// What `of` makes of each of `items`, in their order. If there are many, a second thread makes half of it; if none
/// can be started, this one does.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let here = |items: &[T]| items.iter().map(&of).collect::<Vec<R>>();
    if items.len() < MANY {
        return here(items);
    }
    let (first, second) = items.split_at(items.len() / 2);
    let (mut results, others) = both(items.len(), || here(first), || here(second));
    results.extend(others);
    results
}

/// What both return. If they are about many `items`, a second thread makes the second.
pub(crate) fn both<A, B: Send>(
    items: usize,
    first: impl FnOnce() -> A,
    second: impl Fn() -> B + Sync,
) -> (A, B) {
    if items < MANY {
        return (first(), second());
    }
    thread::scope(|scope| {
        let there = thread::Builder::new().spawn_scoped(scope, &second);
        let first = first();
        let second = match there {
            Ok(thread) => thread.join().unwrap_or_else(|cause| resume_unwind(cause)),
            Err(_) => second(),
        };
        (first, second)
    })
}

#[cfg(test)]
mod tests {
    use super::{MANY, both, map};

    #[test]
    fn the_order_stays_with_one_thread_and_with_two() {
        for count in [0, 1, MANY - 1, MANY, MANY + 1, 10 * MANY] {
            let items: Vec<usize> = (0..count).collect();
            let expected: Vec<String> = items.iter().map(usize::to_string).collect();
            assert_eq!(map(&items, usize::to_string), expected);
            assert_eq!(both(count, || 1, || "two"), (1, "two"));
        }
    }
}
