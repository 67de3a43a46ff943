//! The operating system: one way to open a file, lock a directory, stage what is written, walk along
//! links. Everything that reads or writes files goes through here.
//!
//! std does most of it. rustix does what std cannot: calls relative to an open directory, umask,
//! random bytes.

mod comparison;
mod limits;
mod lock;
mod open;
mod path_walk;
#[cfg_attr(target_os = "linux", path = "platform/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "platform/other.rs")]
mod platform;
#[cfg(feature = "doctor")]
mod private;
mod process_limits;
mod random;
mod side_by_side;
mod staging;
mod umask;

pub use comparison::Comparison;
#[cfg(feature = "doctor")]
pub use limits::MAX_CLIENT_STORE_SIZE;
pub use limits::{MAX_PASSWORD_SIZE, MAX_STORE_SIZE, MAX_TOLERATED_SIZE};
pub use lock::{Lock, is_locked, lock};
pub use open::{
    FileIdentity, Links, RegularFile, names, open_directory, open_regular, open_regular_or_pipe,
};
pub use path_walk::{PathWalk, Step};
pub use platform::{PATH_ONLY, flush, open_in_root, permissions};
#[cfg(feature = "doctor")]
pub use platform::{file_in_memory, open_process};
#[cfg(feature = "doctor")]
pub use private::write_private;
pub use process_limits::within_limits;
pub use random::random_name;
pub use side_by_side::side_by_side;
pub use staging::{Parent, Remains, Staging, sweep};
pub use umask::Umask;

/// The mode of directories that a run creates: every user may read the stores.
pub const DIRECTORY_MODE: u32 = 0o755;
/// The mode of files that a run creates.
pub const FILE_MODE: u32 = 0o644;
