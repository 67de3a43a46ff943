//! The variables that a JVM takes options from: which truststore they name, and how to name another.
//!
//! The JVM reads `JAVA_TOOL_OPTIONS`, then its launcher reads `JDK_JAVA_OPTIONS` and the command line,
//! then the JVM reads `_JAVA_OPTIONS`; the last value of a property wins. Options are separated by white
//! space, and quotes of either kind keep a value together. They are bytes, because an option may be in
//! any encoding.
//!
//! This is written by hand because crates that split command lines (`shell-words`, `shlex`) follow POSIX
//! shells, where a backslash escapes. To a JVM it is an ordinary character. Also, options that are not
//! ours must keep every byte, quotes included.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use trust_stores::Password;

/// The variables, in the order in which a JVM reads them.
pub const VARIABLES: [&str; 3] = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"];

/// In place of a variable's name: the command line of a running JVM, which `doctor` reads.
pub const COMMAND_LINE: &str = "the command line";

/// In place of a variable's name: what Spark's entrypoint puts on the command line of the JVM it starts,
/// which is one option from each of `SPARK_JAVA_OPT_0`, `SPARK_JAVA_OPT_1` and so on.
pub const SPARK_OPTIONS: &str = "SPARK_JAVA_OPT_*";

/// All sources of options, in the order in which a JVM reads them.
const SOURCES: [&str; 5] = [
    VARIABLES[0],
    VARIABLES[1],
    SPARK_OPTIONS,
    COMMAND_LINE,
    VARIABLES[2],
];

const TRUST_STORE: &str = "-Djavax.net.ssl.trustStore=";
const TRUST_STORE_PASSWORD: &str = "-Djavax.net.ssl.trustStorePassword=";
/// The options that describe a truststore. They are replaced together: the type and the password of one
/// store are wrong for another.
const TRUST_STORE_OPTIONS: [&str; 4] = [
    TRUST_STORE,
    TRUST_STORE_PASSWORD,
    "-Djavax.net.ssl.trustStoreType=",
    "-Djavax.net.ssl.trustStoreProvider=",
];

/// The options of a JVM, from all its sources.
#[derive(Clone, Debug, Default)]
pub struct JvmOptions {
    /// In the order in which the JVM reads them.
    variables: Vec<Options>,
}

/// The options of one variable.
#[derive(Clone, Debug)]
struct Options {
    name: &'static str,
    text: Vec<u8>,
    /// The range of each option in the text, and the option without its quotes.
    parts: Vec<(Range<usize>, Vec<u8>)>,
}

/// The truststore that the options name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustStore {
    /// None: the JVM uses the JDK's own.
    Unset,
    /// `NONE`, set in this variable: a store that is not a file, such as a token.
    NoFile(&'static str),
    /// A file.
    File {
        /// The variable that decides.
        variable: &'static str,
        /// Its path.
        path: PathBuf,
        /// Its password, if the options give one.
        password: Option<Password>,
    },
}

impl JvmOptions {
    /// Reads the options from the environment `variables`.
    pub fn of(variables: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let options = SOURCES.into_iter().filter_map(|name| {
            let text = variables(name)?.into_vec();
            let parts = split(&text);
            Some(Options { name, text, parts })
        });
        JvmOptions {
            variables: options.collect(),
        }
    }

    /// The last value of a property, and the variable that sets it.
    fn value(&self, property: &str) -> Option<(&'static str, &[u8])> {
        self.variables.iter().rev().find_map(|variable| {
            let mut options = variable.parts.iter().rev();
            let value = options.find_map(|(_, option)| option.strip_prefix(property.as_bytes()))?;
            Some((variable.name, value))
        })
    }

    /// The truststore that a JVM with these options uses.
    pub fn trust_store(&self) -> TrustStore {
        match self.value(TRUST_STORE) {
            None | Some((_, b"")) => TrustStore::Unset,
            Some((variable, b"NONE")) => TrustStore::NoFile(variable),
            Some((variable, path)) => TrustStore::File {
                variable,
                path: OsStr::from_bytes(path).into(),
                password: self.trust_store_password(),
            },
        }
    }

    /// The truststore password in the options, whichever store is used.
    pub fn trust_store_password(&self) -> Option<Password> {
        let (_, password) = self.value(TRUST_STORE_PASSWORD)?;
        Some(Password::new(String::from_utf8_lossy(password)))
    }

    /// The options on the command line, which no JVM finds in its environment.
    #[cfg(feature = "doctor")]
    pub fn on_command_line(&self) -> impl Iterator<Item = &OsStr> {
        let sources = self.variables.iter();
        sources
            .filter(|options| matches!(options.name, SPARK_OPTIONS | COMMAND_LINE))
            .flat_map(|options| &options.parts)
            .map(|(_, option)| OsStr::from_bytes(option))
    }

    /// What each source of options says of TLS and proxies, without users and passwords; other
    /// options are only counted.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let shown = self.variables.iter().map(|variable| {
            let options = variable.parts.iter().map(|(_, option)| option.as_slice());
            let about: Vec<String> = options.filter_map(shown_option).collect();
            let others = match variable.parts.len() - about.len() {
                0 => String::new(),
                others => format!(" (and {others} others)"),
            };
            (variable.name, format!("{}{others}", about.join(" ")))
        });
        shown.collect()
    }

    /// What a property is set to.
    pub fn property(&self, property: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.value(&format!("-D{property}="))?;
        Some(String::from_utf8_lossy(value))
    }

    /// Whether a property is set at all.
    pub fn sets(&self, property: &str) -> bool {
        self.value(&format!("-D{property}=")).is_some()
    }

    /// The variables to set so that a JVM uses the truststore that `replacement` names. It goes into
    /// `JAVA_TOOL_OPTIONS`, in place of the options for another store or at the end. All other options are
    /// unchanged.
    pub fn with_trust_store(&self, replacement: &str) -> Vec<(&'static str, OsString)> {
        let mut changed = Vec::new();
        for name in VARIABLES {
            let existing = self.variables.iter().find(|options| options.name == name);
            let (mut kept, index) = existing
                .map(Options::without_trust_store)
                .unwrap_or_default();
            if name == VARIABLES[0] {
                kept.insert(index.unwrap_or(kept.len()), replacement.as_bytes());
            } else if index.is_none() {
                continue;
            }
            changed.push((name, OsString::from_vec(kept.join(&b' '))));
        }
        changed
    }
}

impl Options {
    /// The options without those that describe a truststore, and the index of the first of those.
    fn without_trust_store(&self) -> (Vec<&[u8]>, Option<usize>) {
        let mut kept = Vec::new();
        let mut place = None;
        for (range, option) in &self.parts {
            let mut properties = TRUST_STORE_OPTIONS.iter();
            if properties.any(|property| option.starts_with(property.as_bytes())) {
                place.get_or_insert(kept.len());
            } else {
                kept.push(&self.text[range.clone()]);
            }
        }
        (kept, place)
    }
}

/// The options that name a truststore. There is no trustStoreType: every JDK recognizes PKCS#12 and JKS,
/// and a store that the user names later on the command line may be of the other type.
pub fn trust_store_options(store: &str, password: Option<&str>) -> String {
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

/// Joins the words of a command line, each an option, into one text that splits into them again.
pub fn quoted<'a>(words: impl Iterator<Item = &'a [u8]>) -> OsString {
    let words: Vec<Vec<u8>> = words.map(|word| [b"\"", word, b"\""].concat()).collect();
    OsString::from_vec(words.join(&b' '))
}

/// An option about TLS or a proxy, without what may be a secret; nothing for any other.
fn shown_option(option: &[u8]) -> Option<String> {
    const SHOWN: [&str; 4] = [
        "-Djavax.net.ssl.",
        "-Dhttps.",
        "-Dhttp.",
        "-Djava.security.properties",
    ];
    let option = String::from_utf8_lossy(option);
    if !SHOWN.iter().any(|start| option.starts_with(start)) {
        return None;
    }
    let (name, value) = option.split_once('=').unwrap_or((&option, ""));
    let lower = name.to_lowercase();
    let is_secret = lower.contains("password") || lower.contains("user") || value.contains('@');
    let value = if is_secret { "***" } else { value };
    Some(format!("{name}={value}"))
}

fn split(text: &[u8]) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut options = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        let mut option = Vec::new();
        let mut quote = None;
        while let Some(&byte) = text.get(at) {
            match quote {
                None if byte.is_ascii_whitespace() => break,
                None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                Some(open) if byte == open => quote = None,
                _ => option.push(byte),
            }
            at += 1;
        }
        options.push((start..at, option));
    }
    options
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    use std::path::PathBuf;

    use super::{JvmOptions, TrustStore, VARIABLES, trust_store_options};

    fn of(values: [&[u8]; 3]) -> JvmOptions {
        JvmOptions::of(&|name| {
            let index = VARIABLES.iter().position(|known| *known == name)?;
            (!values[index].is_empty()).then(|| OsString::from_vec(values[index].to_vec()))
        })
    }

    #[test]
    fn what_is_shown_holds_no_password() {
        let options: &[u8] = b"-Xmx1g '-Djavax.net.ssl.trustStorePassword=a secret' \
            -Djavax.net.ssl.trustStore=/t.p12 -Dhttp.proxyUser=secret -Dapp.token=secret";
        let shown = of([options, b"", b""]).shown();
        let expected = "-Djavax.net.ssl.trustStorePassword=*** -Djavax.net.ssl.trustStore=/t.p12 \
                        -Dhttp.proxyUser=*** (and 2 others)";
        assert_eq!(shown, [(VARIABLES[0], String::from(expected))]);
    }

    fn file(options: &JvmOptions) -> Option<PathBuf> {
        match options.trust_store() {
            TrustStore::File { path, .. } => Some(path),
            _ => None,
        }
    }

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
        ] {
            let found = file(&of([text.as_bytes(), b"", b""]));
            assert_eq!(found, store.map(PathBuf::from), "{text}");
        }
    }

    #[test]
    fn the_three_variables_are_read_as_one() {
        let all = of([
            b"-Djavax.net.ssl.trustStore=/a -Djavax.net.ssl.trustStorePassword=first",
            b"-Djavax.net.ssl.trustStore=/b",
            b"-Djavax.net.ssl.trustStorePassword=last",
        ]);
        let TrustStore::File {
            variable,
            path,
            password,
        } = all.trust_store()
        else {
            panic!("a file is named");
        };
        assert_eq!((variable, path), (VARIABLES[1], PathBuf::from("/b")));
        assert_eq!(password, Some(super::Password::new("last")));
    }

    #[test]
    fn all_else_stays_as_it_was() {
        let ours = trust_store_options("/t.p12", None);
        let said = |values| -> Vec<String> {
            let set = of(values).with_trust_store(&ours);
            set.into_iter()
                .map(|(name, value)| format!("{name}={}", value.to_string_lossy()))
                .collect()
        };
        let plain = "JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=/t.p12";
        assert_eq!(said([b"", b"", b""]), [plain]);
        assert_eq!(
            said([b"-Xmx1g  -Dx='a b'", b"-Dy", b""]),
            ["JAVA_TOOL_OPTIONS=-Xmx1g -Dx='a b' -Djavax.net.ssl.trustStore=/t.p12"]
        );
        // The type in another variable describes the replaced store.
        assert_eq!(
            said([
                b"-Dx=\"1 2\" -Djavax.net.ssl.trustStore=/a -Dy",
                b"-Xms1g -Djavax.net.ssl.trustStoreType=JCEKS",
                b"-Djavax.net.ssl.trustStorePassword=p",
            ]),
            [
                "JAVA_TOOL_OPTIONS=-Dx=\"1 2\" -Djavax.net.ssl.trustStore=/t.p12 -Dy",
                "JDK_JAVA_OPTIONS=-Xms1g",
                "_JAVA_OPTIONS=",
            ]
        );
        let odd = of([b"-Xmx1g -Duser.x=caf\xe9", b"", b""]).with_trust_store(&ours);
        assert!(
            odd[0]
                .1
                .clone()
                .into_vec()
                .starts_with(b"-Xmx1g -Duser.x=caf\xe9 -D")
        );
    }

    #[test]
    fn a_path_with_spaces_is_quoted() {
        assert_eq!(
            trust_store_options("/a b.p12", Some("changeit")),
            "-Djavax.net.ssl.trustStore=\"/a b.p12\" -Djavax.net.ssl.trustStorePassword=changeit"
        );
    }
}
