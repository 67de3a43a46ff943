//! The words for what the programs of the pod answered, and where they differ from `doctor`.

use std::fmt::Write as _;

use serde::Serialize;
use trust_doctor::{CauseCode, Diagnosis, Outcome};
use trust_stores::escape::escape;

use super::{ServerReport, client_name};
use crate::ask::{Agreement, Answer, AskedClient, ClientAnswer};
use crate::error::exit::Answer as ExitAnswer;
use crate::report::style::{Style, Tone};

/// Where a difference is reported.
const ISSUES: &str = "https://github.com/example/trust-init/issues";

/// The answers about one server, next to its diagnosis.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    diagnosis: &'a Diagnosis,
    answers: &'a [ClientAnswer],
}

impl<'a> Asked<'a> {
    pub(super) fn of(server: &'a ServerReport) -> Self {
        Asked {
            diagnosis: &server.diagnosis,
            answers: &server.asked,
        }
    }

    fn verdict(self, client: AskedClient) -> Option<&'a Outcome> {
        // Without a certificate there is no verdict on it.
        if self.diagnosis.probe.chain.is_empty() {
            return None;
        }
        let verdicts = self.diagnosis.verdicts.iter();
        let mut own = verdicts.filter(|one| Some(one.client) == client.client());
        own.next().map(|one| &one.outcome)
    }

    fn agreement(self, answer: &ClientAnswer) -> Agreement {
        Agreement::of(self.verdict(answer.client), &answer.answer)
    }

    fn any(self, is_wanted: impl Fn(&Answer) -> bool) -> bool {
        self.answers.iter().any(|one| is_wanted(&one.answer))
    }

    /// Whether a program refuses the server.
    fn is_refused(self) -> bool {
        self.any(|answer| matches!(answer, Answer::Refuses(_)))
    }

    /// Whether a program that was run did not come to an answer.
    fn is_unanswered(self) -> bool {
        self.any(|answer| matches!(answer, Answer::Failed(_) | Answer::TimedOut))
    }

    /// Whether there are clients of which `doctor` cannot tell, and each was asked and trusts the server.
    fn settles_all(self) -> bool {
        let is_settled = |outcome: &AskedClient| {
            let mut answers = self.answers.iter();
            answers.any(|one| one.client == *outcome && one.answer == Answer::Trusts)
        };
        let undecided = AskedClient::ALL
            .into_iter()
            .filter(|client| matches!(self.verdict(*client), Some(Outcome::CannotTell(_))));
        undecided.clone().next().is_some() && undecided.clone().all(|client| is_settled(&client))
    }

    /// The answer of the whole command about this server, which is `own` without programs. They never
    /// turn a no into a yes; where `doctor` cannot tell, theirs counts.
    pub(super) fn decide(self, own: ExitAnswer) -> ExitAnswer {
        let is_undecided = self
            .diagnosis
            .cause
            .as_ref()
            .is_some_and(|cause| cause.code() == CauseCode::CannotTell);
        match own {
            _ if self.is_refused() => ExitAnswer::No,
            ExitAnswer::CannotTell
                if is_undecided && self.settles_all() && !self.is_unanswered() =>
            {
                ExitAnswer::Yes
            }
            ExitAnswer::Yes if self.is_unanswered() => ExitAnswer::CannotTell,
            own => own,
        }
    }

    /// The lines about the programs, colored if `style` is.
    pub(super) fn push(self, out: &mut String, style: Style) {
        for (tone, line) in self.lines() {
            let _ = writeln!(out, "  {}", style.paint(tone, &line));
        }
    }

    /// The lines about the programs. Escaped.
    pub(super) fn lines(self) -> Vec<(Tone, String)> {
        let shown = self.answers.iter();
        let shown = shown.filter(|one| one.answer != Answer::NotHere);
        let mut lines = Vec::new();
        for one in shown.clone() {
            let line = match (&one.answer, &one.program) {
                // None is run, all for one reason.
                (Answer::NotAsked(reason), None) => {
                    (Tone::Doubt, format!("asked nobody: {}", escape(reason)))
                }
                _ => answer_line(one),
            };
            if lines.last() != Some(&line) {
                lines.push(line);
            }
        }
        if lines.is_empty() && !self.answers.is_empty() {
            let none = "asked nobody: openssl, curl, python3, java and node are not installed here";
            lines.push((Tone::Doubt, String::from(none)));
        }
        let settled = shown.clone().filter_map(|one| self.settlement(one));
        lines.extend(settled.map(|line| (Tone::Doubt, line)));
        let differences: Vec<String> = shown.filter_map(|one| self.difference(one)).collect();
        let is_different = !differences.is_empty();
        let bad = differences.into_iter().map(|line| (Tone::Bad, line));
        lines.extend(bad);
        if is_different {
            let hint = "hint: believe the program, and report this: send the output of the same \
                        command with --format json to";
            lines.push((Tone::Doubt, format!("{hint} {ISSUES}")));
        }
        lines
    }

    /// That an answer decides where `doctor` cannot tell.
    fn settlement(self, one: &ClientAnswer) -> Option<String> {
        let word = match (self.agreement(one), &one.answer) {
            (Agreement::Settles, Answer::Trusts) => "trusts",
            (Agreement::Settles, _) => "refuses",
            _ => return None,
        };
        let name = asked_name(one.client);
        Some(format!(
            "settled: doctor cannot tell; {name} was asked and {word} it"
        ))
    }

    /// How an answer differs from what `doctor` says.
    fn difference(self, one: &ClientAnswer) -> Option<String> {
        let name = asked_name(one.client);
        let verdict = "DIFFERENT: doctor's verdict is that";
        Some(match (self.agreement(one), &one.answer) {
            (Agreement::Differs, Answer::Trusts) => {
                format!("{verdict} {name} refuses it, but it trusts it")
            }
            (Agreement::Differs, _) => format!("{verdict} {name} trusts it, but it refuses it"),
            (_, Answer::Failed(_)) if self.diagnosis.cause.is_none() => {
                format!("DIFFERENT: doctor finds nothing wrong, but {name} fails")
            }
            (_, Answer::Trusts) if self.diagnosis.probe.chain.is_empty() => {
                format!("DIFFERENT: doctor saw no certificate, but {name} connects and trusts it")
            }
            _ => return None,
        })
    }

    /// The first line about a server, with what the programs add to it.
    pub(super) fn amend(self, (tone, headline): (Tone, String)) -> (Tone, String) {
        let is_fine = self.diagnosis.cause.is_none();
        let (tone, more) = if self.is_refused() && is_fine {
            (Tone::Bad, ", BUT A PROGRAM THAT WAS ASKED REFUSES IT")
        } else if self.is_unanswered() && is_fine {
            (Tone::Doubt, ", but a program that was asked has no answer")
        } else if self.decide(ExitAnswer::CannotTell) == ExitAnswer::Yes {
            (Tone::Good, "; the programs that were asked trust it")
        } else {
            (tone, "")
        };
        (tone, headline + more)
    }

    /// The answers for machines.
    pub(super) fn json(self) -> Vec<JsonAsked> {
        let answers = self.answers.iter();
        answers
            .map(|one| JsonAsked::of(one, self.agreement(one)))
            .collect()
    }
}

fn answer_line(one: &ClientAnswer) -> (Tone, String) {
    let (tone, word) = match &one.answer {
        Answer::Trusts => (Tone::Good, "trusts it"),
        Answer::Refuses(_) => (Tone::Bad, "refuses it"),
        Answer::Failed(_) => (Tone::Doubt, "fails"),
        Answer::TimedOut => (Tone::Doubt, "gave no answer in time"),
        Answer::NotAsked(_) => (Tone::Doubt, "was not asked"),
        Answer::NotHere => (Tone::Faint, "is not here"),
    };
    let program = one.program.iter().map(|path| path.to_string_lossy());
    let program = program.map(|path| escape(&path).into_owned());
    let about: Vec<String> = program.chain(one.version.clone()).collect();
    let words = words(&one.answer).map_or_else(String::new, |words| format!(": {words}"));
    let name = asked_name(one.client);
    let line = format!("asked {name:<16} {word} ({}){words}", about.join(", "));
    (tone, line)
}

fn words(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::Refuses(words) | Answer::Failed(words) | Answer::NotAsked(words) => Some(words)
            .filter(|words| !words.is_empty())
            .map(String::as_str),
        Answer::Trusts | Answer::NotHere | Answer::TimedOut => None,
    }
}

fn asked_name(client: AskedClient) -> &'static str {
    client.client().map_or("Node.js", client_name)
}

#[derive(Serialize)]
pub(super) struct JsonAsked {
    client: &'static str,
    program: Option<String>,
    version: Option<String>,
    answer: &'static str,
    words: Option<String>,
    comparison: Option<&'static str>,
}

impl JsonAsked {
    fn of(one: &ClientAnswer, agreement: Agreement) -> Self {
        let program = one.program.as_ref();
        JsonAsked {
            client: one.client.as_str(),
            program: program.map(|path| path.to_string_lossy().into_owned()),
            version: one.version.clone(),
            answer: match one.answer {
                Answer::Trusts => "trusts",
                Answer::Refuses(_) => "refuses",
                Answer::Failed(_) => "fails",
                Answer::NotHere => "not-here",
                Answer::TimedOut => "timed-out",
                Answer::NotAsked(_) => "not-asked",
            },
            words: words(&one.answer).map(str::to_owned),
            comparison: match agreement {
                Agreement::Agrees => Some("agrees"),
                Agreement::Differs => Some("differs"),
                Agreement::Settles => Some("settles"),
                Agreement::Unknown => None,
            },
        }
    }
}
