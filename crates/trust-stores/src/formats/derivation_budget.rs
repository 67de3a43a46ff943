//! A limit on what deriving keys may cost: a store of 200 bytes can ask for hours of it.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

/// The cost of hashing one block with SHA-1, which is the unit: about 0.1 µs on a common server.
pub(super) const SHA_1_ROUND: u64 = 1;
/// That of SHA-224 and SHA-256, measured without the instructions that some processors have for them.
pub(super) const SHA_256_ROUND: u64 = 2;
/// That of SHA-384 and SHA-512.
pub(super) const SHA_512_ROUND: u64 = 4;
/// That of a kibibyte of scrypt's memory.
const SCRYPT_KIBIBYTE: u64 = 32;

/// The memory that scrypt may take.
const MAX_SCRYPT_MEMORY: u64 = 32 << 20;

/// What the key derivations of a whole run may still cost. Clones share it: give every source of a run the
/// same one, by cloning its [`DecodeOptions`](super::DecodeOptions).
#[derive(Clone)]
pub struct DerivationBudget(Rc<Cell<u64>>);

impl DerivationBudget {
    /// A second on a common server, two on a slow one. The largest counts in use, 600,000 iterations of
    /// PBKDF2-HMAC-SHA-256 and of the MAC's own derivation by SHA-256, take 3.6 million.
    const FULL: u64 = 12_000_000;

    /// Pays for `iterations` of a derivation that cost `each`.
    pub(super) fn spend(&self, iterations: u32, each: u64) -> Result<(), OverBudget> {
        self.take(u64::from(iterations).saturating_mul(each))
    }

    /// Pays for scrypt with these parameters (RFC 7914, section 2).
    pub(super) fn spend_on_scrypt(&self, parameters: &scrypt::Params) -> Result<(), OverBudget> {
        let memory = parameters
            .n()
            .saturating_mul(u64::from(parameters.r()) * 128);
        if memory > MAX_SCRYPT_MEMORY {
            return Err(OverBudget::Store);
        }
        let kibibytes = memory.div_ceil(1024);
        self.take(kibibytes.saturating_mul(SCRYPT_KIBIBYTE * u64::from(parameters.p())))
    }

    fn take(&self, cost: u64) -> Result<(), OverBudget> {
        if cost > DerivationBudget::FULL {
            return Err(OverBudget::Store);
        }
        let left = self.0.get().checked_sub(cost).ok_or(OverBudget::Run)?;
        self.0.set(left);
        Ok(())
    }
}

/// That of a new run.
impl Default for DerivationBudget {
    fn default() -> Self {
        DerivationBudget(Rc::new(Cell::new(DerivationBudget::FULL)))
    }
}

impl fmt::Debug for DerivationBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DerivationBudget({})", self.0.get())
    }
}

/// What asked for more than the budget has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OverBudget {
    /// One store, on its own.
    Store,
    /// All the stores of the run together.
    Run,
}

#[cfg(test)]
mod tests {
    use super::{DerivationBudget, OverBudget};

    #[test]
    fn clones_share_one_budget_and_nothing_is_spent_on_what_exceeds_it() {
        let budget = DerivationBudget::default();
        assert_eq!(budget.spend(u32::MAX, 1), Err(OverBudget::Store));
        for _ in 0..12 {
            budget.clone().spend(1_000_000, 1).unwrap();
        }
        assert_eq!(budget.spend(1, 1), Err(OverBudget::Run));
        assert_eq!(format!("{budget:?}"), "DerivationBudget(0)");
    }

    #[test]
    fn scrypt_may_take_32_mebibytes() {
        let spend = |log_n, r, p| {
            let parameters = scrypt::Params::new(log_n, r, p).unwrap();
            DerivationBudget::default().spend_on_scrypt(&parameters)
        };
        assert_eq!(spend(15, 8, 1), Ok(()));
        assert_eq!(spend(16, 8, 1), Err(OverBudget::Store));
        assert_eq!(spend(1, 1, 1 << 28), Err(OverBudget::Store));
        assert_eq!(spend(15, 8, 12), Err(OverBudget::Store));
    }
}
