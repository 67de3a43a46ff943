//! Output: [`layout`] says what files there are (pure), [`atomic`] puts them in place (I/O), and
//! [`by_content`] does where nobody said which place that is.

pub mod atomic;
pub mod by_content;
pub mod layout;
