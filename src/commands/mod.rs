//! The commands, a page each: which stretch of the line they are.

pub mod build;
pub mod check;
pub mod inspect;
mod judged;
