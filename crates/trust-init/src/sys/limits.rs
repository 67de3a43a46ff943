//! How much is read of a file.

/// The largest store that a build reads: a base, a file that a variable names, a file of a hashed
/// directory. Mozilla's roots take 230 kB as PEM. `--max-size` does not apply to a base, because a merged bundle is
/// far larger than a customer's chain.
pub const MAX_STORE_SIZE: u64 = 4 << 20;

/// The largest store that `doctor` reads. Clients read stores of any size, and a real one is never as large.
#[cfg(feature = "doctor")]
pub const MAX_CLIENT_STORE_SIZE: u64 = 16 << 20;

/// The largest customer source that is read where `too-large` is not at level `deny`.
pub const MAX_TOLERATED_SIZE: u64 = 64 << 20;

/// The largest password file: a password is one line.
pub const MAX_PASSWORD_SIZE: u64 = 4096;
