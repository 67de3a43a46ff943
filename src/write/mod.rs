//! Output: [`layout`] says what files there are (pure), [`atomic`] puts them in place (I/O).

pub mod atomic;
pub mod layout;
