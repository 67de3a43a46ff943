//! The error of every `FromStr` of this crate.

use std::borrow::Cow;
use std::fmt;

/// Why a text is not the value that was asked for. `Display` says what was expected instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(pub(crate) Cow<'static, str>);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}
