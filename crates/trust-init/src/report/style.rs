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

    /// The style of standard error.
    pub fn of_stderr(variables: &dyn Fn(&str) -> Option<OsString>) -> Self {
        Style::of(io::stderr().is_terminal(), variables)
    }

    /// Color if the stream is a terminal that is not dumb, or if `CLICOLOR_FORCE` is set to anything but 0; none
    /// in any case if `NO_COLOR` is set to anything (no-color.org, bixense.com/clicolors).
    fn of(is_terminal: bool, variables: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let set = |name| variables(name).filter(|value| !value.is_empty());
        let is_forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let is_off = set("CLICOLOR").is_some_and(|value| value == "0");
        let is_dumb = set("TERM").is_none_or(|term| term == "dumb");
        let is_colored = is_forced || is_terminal && !is_off && !is_dumb;
        Style {
            is_colored: is_colored && set("NO_COLOR").is_none(),
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
        let forced = Style::of(false, &variables(&[("CLICOLOR_FORCE", "1")]));
        assert_eq!(forced, on);
        for off in [
            Style::of(false, &variables(&[("TERM", "xterm")])),
            Style::of(true, &variables(&[("TERM", "dumb")])),
            Style::of(true, &variables(&[("TERM", "xterm"), ("NO_COLOR", "1")])),
            Style::of(true, &variables(&[("TERM", "xterm"), ("CLICOLOR", "0")])),
            Style::of(false, &variables(&[("CLICOLOR_FORCE", "0")])),
            Style::of(
                true,
                &variables(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]),
            ),
        ] {
            assert_eq!(off.paint(Tone::Bad, "no"), "no");
        }
    }
}
