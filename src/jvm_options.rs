//! The variables that a JVM takes options from: what they say of its truststore, and the same
//! options with another.
//!
//! A JVM reads `JAVA_TOOL_OPTIONS`, then the launcher `JDK_JAVA_OPTIONS`, then the command line,
//! then the JVM `_JAVA_OPTIONS`; of one property the last value wins. Options are divided by white
//! space, and quotes of either kind hold a value together.

use std::ops::Range;

use crate::formats::password::Password;

/// The variables, in the order in which a JVM reads them.
pub const VARIABLES: [&str; 3] = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"];

const TRUST_STORE: &str = "-Djavax.net.ssl.trustStore=";
const TRUST_STORE_PASSWORD: &str = "-Djavax.net.ssl.trustStorePassword=";
/// They are about the store named, and would be wrong of another.
const OF_THE_STORE: [&str; 3] = [
    TRUST_STORE_PASSWORD,
    "-Djavax.net.ssl.trustStoreType=",
    "-Djavax.net.ssl.trustStoreProvider=",
];

/// One variable's options.
#[derive(Clone, Debug)]
pub struct JvmOptions<'a> {
    text: &'a str,
    /// Where each option stands in the text, and what it is without its quotes.
    options: Vec<(Range<usize>, String)>,
}

impl<'a> JvmOptions<'a> {
    /// The options in the value of a variable.
    pub fn of(text: &'a str) -> Self {
        JvmOptions {
            text,
            options: split(text),
        }
    }

    fn value(&self, property: &str) -> Option<&str> {
        let mut values = self.options.iter().rev();
        values.find_map(|(_, option)| option.strip_prefix(property))
    }

    /// The truststore that they name. `NONE` names none.
    pub fn trust_store(&self) -> Option<&str> {
        self.value(TRUST_STORE)
            .filter(|store| !store.is_empty() && *store != "NONE")
    }

    /// Whether they set the property, to whatever.
    pub fn sets_trust_store(&self) -> bool {
        self.value(TRUST_STORE).is_some()
    }

    /// The password of that truststore.
    pub fn trust_store_password(&self) -> Option<Password> {
        self.value(TRUST_STORE_PASSWORD).map(Password::new)
    }

    /// The same options with `ours` in place of all that they say of a truststore; behind the
    /// others, if they name none.
    pub fn with_trust_store(&self, ours: &str) -> String {
        let is_theirs = |option: &str| {
            option.starts_with(TRUST_STORE)
                || (self.sets_trust_store() && OF_THE_STORE.iter().any(|p| option.starts_with(p)))
        };
        let mut kept: Vec<&str> = Vec::new();
        let mut place = None;
        for (range, option) in &self.options {
            if is_theirs(option) {
                place.get_or_insert(kept.len());
            } else {
                kept.push(&self.text[range.clone()]);
            }
        }
        kept.insert(place.unwrap_or(kept.len()), ours);
        kept.join(" ")
    }
}

/// Options that name a truststore. No trustStoreType: every JDK tells PKCS#12 from JKS, and a
/// store that the user names later on the command line may be of the other type.
pub fn trust_store(store: &str, password: Option<&str>) -> String {
    let store = if store.contains(char::is_whitespace) {
        format!("\"{store}\"")
    } else {
        store.to_owned()
    };
    let mut options = format!("{TRUST_STORE}{store}");
    if let Some(password) = password {
        options.push(' ');
        options.push_str(TRUST_STORE_PASSWORD);
        options.push_str(password);
    }
    options
}

fn split(text: &str) -> Vec<(Range<usize>, String)> {
    let mut options = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((start, first)) = characters.next() {
        if first.is_ascii_whitespace() {
            continue;
        }
        let mut option = String::new();
        let mut quote = None;
        let mut end = text.len();
        let mut next = Some((start, first));
        while let Some((at, character)) = next {
            match (quote, character) {
                (None, c) if c.is_ascii_whitespace() => {
                    end = at;
                    break;
                }
                (None, '"' | '\'') => quote = Some(character),
                (Some(open), c) if c == open => quote = None,
                _ => option.push(character),
            }
            next = characters.next();
        }
        options.push((start..end, option));
    }
    options
}

#[cfg(test)]
mod tests {
    use super::{JvmOptions, trust_store};

    #[test]
    fn the_store_is_found_behind_quotes() {
        for (text, store) in [
            ("-Djavax.net.ssl.trustStore=/a.p12", Some("/a.p12")),
            (
                "-Xmx1g '-Djavax.net.ssl.trustStore=/a b.p12' -Dx=1",
                Some("/a b.p12"),
            ),
            ("-Djavax.net.ssl.trustStore=\"/a b.p12\"", Some("/a b.p12")),
            (
                "-Djavax.net.ssl.trustStore=/a -Djavax.net.ssl.trustStore=/b",
                Some("/b"),
            ),
            ("\"-Dx= -Djavax.net.ssl.trustStore=/no\"", None),
            ("-Djavax.net.ssl.trustStore=NONE", None),
            ("-Djavax.net.ssl.trustStorePassword=x", None),
            ("", None),
        ] {
            assert_eq!(JvmOptions::of(text).trust_store(), store, "{text}");
        }
    }

    #[test]
    fn all_else_stays_as_it_was() {
        let ours = trust_store("/t.p12", None);
        for (before, after) in [
            ("", "-Djavax.net.ssl.trustStore=/t.p12"),
            (
                "-Xmx1g  -Dx='a b'",
                "-Xmx1g -Dx='a b' -Djavax.net.ssl.trustStore=/t.p12",
            ),
            (
                "-Djavax.net.ssl.trustStorePassword=p -Dx=\"1 2\" -Djavax.net.ssl.trustStore=/a \
                 -Djavax.net.ssl.trustStoreType=JKS -Dy",
                "-Djavax.net.ssl.trustStore=/t.p12 -Dx=\"1 2\" -Dy",
            ),
            (
                "-Djavax.net.ssl.trustStoreType=JKS",
                "-Djavax.net.ssl.trustStoreType=JKS -Djavax.net.ssl.trustStore=/t.p12",
            ),
        ] {
            assert_eq!(JvmOptions::of(before).with_trust_store(&ours), after);
        }
    }

    #[test]
    fn a_path_with_spaces_is_quoted() {
        assert_eq!(
            trust_store("/a b.p12", Some("changeit")),
            "-Djavax.net.ssl.trustStore=\"/a b.p12\" -Djavax.net.ssl.trustStorePassword=changeit"
        );
    }
}
