//! Output: [`layout`] says what files there are (pure), [`atomic`] puts them in place (I/O), and
//! [`by_content`] does where nobody said which place that is. [`presence`] says that somebody keeps
//! them up to date.

pub mod atomic;
pub mod by_content;
pub mod presence;
