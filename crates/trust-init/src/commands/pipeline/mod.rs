//! The stretches of the line that several commands share.

pub(super) mod input;
pub(super) mod output;
