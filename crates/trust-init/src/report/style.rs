//! Color: on a terminal that supports it, and nowhere else.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};

/// Whether to color what goes to one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    is_colored: bool,
}

/// How a word is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// It deserves a look.
    Doubt,
    /// It went wrong.
    Bad,
    /// It only guides the eye.
    Faint,
}

impl Style {
    /// The style of standard output.
    pub fn of_stdout(variables: &dyn Fn(&str) -> Option<OsString>) -> Self {
        Style::of(io::stdout().is_terminal(), variables)
    }

    /// Color if the stream is a terminal, unless `NO_COLOR` is set to anything (no-color.org) or
    /// the terminal is dumb.
    fn of(is_terminal: bool, variables: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let no_color = variables("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = variables("TERM").is_none_or(|term| term == "dumb");
        Style {
            is_colored: is_terminal && !no_color && !is_dumb,
        }
    }

    /// `text` in the color of its tone (ECMA-48, SGR).
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.is_colored {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => 32,
            Tone::Doubt => 33,
            Tone::Bad => 31,
            Tone::Faint => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Style, Tone};

    #[test]
    fn color_is_for_terminals_that_support_it() {
        let variables = |set: &'static [(&str, &str)]| {
            move |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            }
        };
        let on = Style::of(true, &variables(&[("TERM", "xterm")]));
        assert_eq!(on.paint(Tone::Bad, "no"), "\x1b[31mno\x1b[0m");
        for off in [
            Style::of(false, &variables(&[("TERM", "xterm")])),
            Style::of(true, &variables(&[("TERM", "dumb")])),
            Style::of(true, &variables(&[("TERM", "xterm"), ("NO_COLOR", "1")])),
        ] {
            assert_eq!(off.paint(Tone::Bad, "no"), "no");
        }
    }
}
