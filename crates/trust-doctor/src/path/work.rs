//! How much is done for one answer. Servers choose what is judged: certificates with a hundred thousand
//! names, or a hundred that all signed each other.

use std::cell::Cell;

/// What is left to do for one answer.
#[derive(Debug)]
pub(super) struct Work {
    comparisons: Cell<usize>,
    signatures: Cell<usize>,
}

/// Eight times what OpenSSL allows for a certificate and a CA; some 50 ms.
const MAX_COMPARISONS: usize = 1 << 23;

/// CAs that sign each other make more paths than anyone walks.
const MAX_SIGNATURES: usize = 200;

impl Default for Work {
    fn default() -> Self {
        Work {
            comparisons: Cell::new(MAX_COMPARISONS),
            signatures: Cell::new(MAX_SIGNATURES),
        }
    }
}

impl Work {
    /// Whether so many names may be compared.
    pub(super) fn may_compare(&self, count: usize) -> bool {
        spend(&self.comparisons, count)
    }

    /// Whether one more signature may be verified.
    pub(super) fn may_verify(&self) -> bool {
        spend(&self.signatures, 1)
    }

    /// Whether something was left undone.
    pub(super) fn is_used_up(&self) -> bool {
        self.comparisons.get() == 0 || self.signatures.get() == 0
    }
}

/// Takes from what is left; if that is not enough, nothing is.
fn spend(left: &Cell<usize>, amount: usize) -> bool {
    let after = left.get().checked_sub(amount);
    left.set(after.unwrap_or(0));
    after.is_some()
}
