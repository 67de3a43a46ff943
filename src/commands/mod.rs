//! The commands: each a stretch of the line through the house, a page each.

pub mod build;
