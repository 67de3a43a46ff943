//! What a program printed, made fit to be shown: it is text from anyone.

use trust_stores::escape::escape;

use super::Answer;

/// So much of a program's words is shown.
const LONGEST: usize = 300;

/// What our probes print before each of their lines.
const MARK: &str = "trust-init: ";

/// In front of a value that is a secret, in a JVM's options and elsewhere.
const SECRET_NAMES: [&str; 3] = ["assword=", "ASSWORD=", "uthorization: "];

/// The answer and the version in the output of a probe, if it gave them.
#[derive(Debug, Default)]
pub(super) struct ProbeWords<'a> {
    /// What follows `version`.
    pub(super) version: Option<&'a str>,
    /// Its answer: a word, and the words of the program.
    pub(super) answer: Option<(&'a str, &'a str)>,
}

impl<'a> ProbeWords<'a> {
    /// Reads the lines of a probe among whatever else the program printed. The last answer counts.
    pub(super) fn of(stdout: &'a str) -> Self {
        let mut read = ProbeWords::default();
        for line in stdout.lines().filter_map(|line| line.strip_prefix(MARK)) {
            match line.split_once(' ').unwrap_or((line, "")) {
                ("version", words) => read.version = Some(words),
                answer => read.answer = Some(answer),
            }
        }
        read
    }

    /// The answer as data.
    pub(super) fn answer(&self, clean: impl Fn(&str) -> String) -> Option<Answer> {
        Some(match self.answer? {
            ("trusts", _) => Answer::Trusts,
            ("refuses", words) => Answer::Refuses(clean(words)),
            ("fails", words) => Answer::Failed(clean(words)),
            ("absent", _) => Answer::NotHere,
            _ => return None,
        })
    }
}

/// One printable line of limited length, without credentials.
pub(super) fn clean(text: &str, secrets: &[String]) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for secret in secrets {
        text = text.replace(secret, "…");
    }
    let text = without_named_secrets(&without_user_info(&text));
    let escaped = escape(&text);
    let mut shown: String = escaped.chars().take(LONGEST).collect();
    if shown.len() < escaped.len() {
        shown.push('…');
    }
    shown
}

/// The text without what is between `//` and `@` in a URL.
fn without_user_info(text: &str) -> String {
    let mut parts = text.split("//");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("//");
        let end = part.find(['/', ' ', '"', '\'']).unwrap_or(part.len());
        match part[..end].rfind('@') {
            Some(at) => {
                out.push('…');
                out.push_str(&part[at..]);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// The text without the words that follow the name of a secret.
fn without_named_secrets(text: &str) -> String {
    let is_secret = |word: &str| {
        SECRET_NAMES
            .iter()
            .find_map(|name| word.find(name).map(|at| at + name.trim_end().len()))
    };
    let mut hides_next = 0_u8;
    let words = text.split(' ').map(|word| {
        if hides_next > 0 {
            hides_next -= 1;
            return String::from("…");
        }
        if word.ends_with("uthorization:") {
            // The scheme and its value.
            hides_next = 2;
            return word.to_owned();
        }
        is_secret(word).map_or_else(|| word.to_owned(), |end| format!("{}…", &word[..end]))
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, ProbeWords, clean};
    use crate::ask::Answer;

    #[test]
    fn the_last_answer_among_other_lines_counts() {
        let text = "hello\ntrust-init: version 3.11\ntrust-init: fails a\nx trust-init: refuses b\n\
                    trust-init: trusts \nbye";
        let read = ProbeWords::of(text);
        assert_eq!(read.version, Some("3.11"));
        assert_eq!(read.answer(str::to_owned), Some(Answer::Trusts));
        for none in ["", "trusts", "trust-init: perhaps"] {
            assert_eq!(ProbeWords::of(none).answer(str::to_owned), None, "{none}");
        }
    }

    #[test]
    fn words_are_one_printable_line() {
        let shown = clean("a\n\tb \u{1b}[31mred\u{202e}", &[]);
        assert_eq!(shown, "a b \\u{1b}[31mred\\u{202e}");
        assert_eq!(clean(&"x".repeat(10_000), &[]).chars().count(), LONGEST + 1);
    }

    #[test]
    fn credentials_are_not_shown() {
        let secrets = [String::from("s3cret"), String::from("bWU6czNjcmV0")];
        for text in [
            "proxy http://me:s3cret@proxy:3128/ failed",
            "proxy http://me:other@proxy:3128 failed, s3cret",
            "Picked up JAVA_TOOL_OPTIONS: -Djavax.net.ssl.keyStorePassword=other -Dx=1",
            "Proxy-Authorization: Basic other and more",
            "PGPASSWORD=other",
            "basic bWU6czNjcmV0",
        ] {
            let shown = clean(text, &secrets);
            for secret in ["s3cret", "other", "bWU6czNjcmV0"] {
                assert!(!shown.contains(secret), "{text}: {shown}");
            }
        }
        assert_eq!(clean("no//secret a@b", &[]), "no//secret a@b");
    }
}
