//! The stretches of the line that several commands share: read, decode, judge, encode, write.

pub(super) mod decode;
pub(super) mod encode;
pub(super) mod judge;
pub(super) mod wiring;
pub(super) mod write;
