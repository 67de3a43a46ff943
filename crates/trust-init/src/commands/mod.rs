//! The commands, a page each: which stretch of the line they are.

pub mod build;
pub mod check;
#[cfg(feature = "doctor")]
pub mod doctor;
pub mod env;
pub mod exec;
pub mod inspect;
pub mod install;
mod judged;
pub mod render;
pub mod watch;
