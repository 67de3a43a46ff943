//! Parsers of values that several options share, and of types whose crates know nothing of clap.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use crate::wiring::foreign::ForeignVariable;
use trust_stores::{Fingerprint, JavaFormat, ParseError, Rule, Store};

/// One of a fixed list of values, by name. The types of this crate derive clap's `ValueEnum` instead; the
/// crates below it know nothing of command lines.
#[derive(Clone)]
pub(super) struct Choice<T: 'static> {
    all: &'static [T],
    value: fn(T) -> PossibleValue,
}

impl<T: Copy + Send + Sync + 'static> TypedValueParser for Choice<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, Error> {
        // A list in a variable may have blanks after its commas.
        let name = value.to_str().map_or(value, |text| text.trim().as_ref());
        let values = self.all.iter().map(|one| (self.value)(*one));
        let name = PossibleValuesParser::new(values.clone()).parse_ref(command, argument, name)?;
        let index = values.take_while(|one| !one.matches(&name, false)).count();
        Ok(self.all[index])
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.all.iter().map(|one| (self.value)(*one))))
    }
}

/// The stores that `--only` can name; the customer's chain is always written.
pub(super) fn stores() -> Choice<Store> {
    Choice {
        all: &[Store::Os, Store::Java, Store::Python],
        value: |store| {
            PossibleValue::new(store.name()).aliases(match store {
                Store::Os => &["openssl", "system"][..],
                Store::Java => &["jvm"],
                Store::Python => &["requests", "certifi"],
                Store::Custom => &[],
            })
        },
    }
}

/// The variables that are set only if the user wants it.
pub(super) fn requested_variables() -> Choice<&'static str> {
    Choice {
        all: ForeignVariable::ON_REQUEST,
        value: |name| PossibleValue::new(name),
    }
}

pub(super) fn rules() -> Choice<Rule> {
    Choice {
        all: &Rule::ALL,
        value: |rule| PossibleValue::new(rule.code()),
    }
}

pub(super) fn java_formats() -> Choice<JavaFormat> {
    Choice {
        all: &JavaFormat::ALL,
        value: |format| {
            let names: &[&str] = match format {
                JavaFormat::Pkcs12 => &["p12", "pfx"],
                JavaFormat::Pkcs12Mac => &["p12-mac"],
                JavaFormat::Pkcs12Encrypted => &["p12-encrypted"],
                JavaFormat::Jks => &[],
            };
            PossibleValue::new(format.name()).aliases(names).help(match format {
                JavaFormat::Pkcs12 => {
                    "No encryption and no MAC: every JDK loads it, with any password or none"
                }
                JavaFormat::Pkcs12Mac => "With a SHA-1 MAC, for BouncyCastle; every JDK reads it",
                JavaFormat::Pkcs12Encrypted => {
                    "AES-256, for policies that require encryption; without the password a JVM finds \
                     no CA in it and reports no error"
                }
                JavaFormat::Jks => "The old Java keystore",
            })
        },
    }
}

#[cfg(feature = "doctor")]
pub(super) fn starttls() -> Choice<trust_doctor::StartTls> {
    use trust_doctor::StartTls;
    Choice {
        all: &StartTls::ALL,
        value: |protocol| {
            PossibleValue::new(protocol.as_str()).aliases(match protocol {
                StartTls::Postgres => &["postgresql"][..],
                StartTls::Mysql => &["mariadb"],
                StartTls::Smtp | StartTls::Ldap => &[],
            })
        },
    }
}

/// A value of `--base`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BaseName {
    Mozilla,
    Auto,
    Os,
    None,
    Path(PathBuf),
}

/// Takes a keyword or a path. Completions offer the keywords.
///
/// A word that is neither is refused, because a misspelled `none` would add roots that nobody wants. A path
/// with a '/' need not exist: a base never keeps a pod from starting.
#[derive(Clone)]
pub(super) struct BaseNames;

const BASE_NAMES: [&str; 4] = ["mozilla", "auto", "os", "none"];

impl TypedValueParser for BaseNames {
    type Value = BaseName;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<BaseName, Error> {
        match value.to_str() {
            Some("mozilla") => Ok(BaseName::Mozilla),
            Some("auto") => Ok(BaseName::Auto),
            Some("os") => Ok(BaseName::Os),
            Some("none") => Ok(BaseName::None),
            _ if is_path(value) => Ok(BaseName::Path(value.into())),
            _ => Err(no_base(command, argument, value)),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(BASE_NAMES.into_iter().map(PossibleValue::new)))
    }
}

/// Whether `value` can only be a path, or is the name of a file in the working directory. No URL is a path.
fn is_path(value: &OsStr) -> bool {
    let is_url = value.to_str().is_some_and(|text| text.contains("://"));
    let has_slash = value.as_bytes().contains(&b'/');
    (has_slash && !is_url) || Path::new(value).exists()
}

/// What clap says of a value that is not in its list.
fn no_base(command: &Command, argument: Option<&Arg>, value: &OsStr) -> Error {
    let mut error = Error::new(ErrorKind::InvalidValue).with_cmd(command);
    let names = BASE_NAMES.map(String::from).to_vec();
    let argument = argument.map(ToString::to_string).unwrap_or_default();
    for (kind, context) in [
        (ContextKind::InvalidArg, ContextValue::String(argument)),
        (
            ContextKind::InvalidValue,
            ContextValue::String(value.to_string_lossy().into_owned()),
        ),
        (ContextKind::ValidValue, ContextValue::Strings(names)),
    ] {
        error.insert(kind, context);
    }
    error
}

/// One of a list, so with blanks around it.
pub(super) fn fingerprint(text: &str) -> Result<Fingerprint, ParseError> {
    text.trim().parse()
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(number) => Ok(Duration::from_secs(number.into())),
        Err(_) => Err(String::from("expected a whole number of seconds")),
    }
}

pub(super) fn milliseconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(number) => Ok(Duration::from_millis(number.into())),
        Err(_) => Err(String::from("expected a whole number of milliseconds")),
    }
}

#[cfg(feature = "doctor")]
pub(super) fn process(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| String::from("expected the number of a process"))
}

/// A number of bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "" | "B" => 1,
        "KiB" | "Ki" => 1 << 10,
        "MiB" | "Mi" => 1 << 20,
        _ => return Err(String::from("expected bytes, or a number with KiB or MiB")),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| String::from("expected a number such as 65536 or 64KiB"))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_take_bytes_and_binary_units() {
        assert_eq!(size("65536"), Ok(65536));
        assert_eq!(size("64KiB"), Ok(65536));
        assert_eq!(size("2MiB"), Ok(2 << 20));
        for wrong in ["", "KiB", "64kb", "-1", "1.5MiB", "99999999999999999999"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
