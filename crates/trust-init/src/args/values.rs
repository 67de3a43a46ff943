//! Parsers of values whose types know nothing of clap.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};

use trust_stores::{JavaFormat, Rule, Store};

/// One of a fixed list of values, by name. clap's `ValueEnum` does this for the types of this crate; the
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
        let names = self.all.iter().map(|one| (self.value)(*one));
        let index = PossibleValuesParser::new(names.clone())
            .parse_ref(command, argument, name)
            .map(|name| names.take_while(|one| one.get_name() != name).count())?;
        Ok(self.all[index])
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.all.iter().map(|one| (self.value)(*one))))
    }
}

/// A base: a keyword, or any path.
#[derive(Clone)]
pub(super) struct Bases;

impl TypedValueParser for Bases {
    type Value = PathBuf;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<PathBuf, Error> {
        PathBufValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            ["mozilla", "auto", "none"]
                .map(PossibleValue::new)
                .into_iter(),
        ))
    }
}

pub(super) fn stores() -> Choice<Store> {
    Choice {
        all: &[Store::Os, Store::Java, Store::Python],
        value: |store| PossibleValue::new(store.name()),
    }
}

pub(super) fn rules() -> Choice<Rule> {
    Choice {
        all: &Rule::ALL,
        value: |rule| PossibleValue::new(rule.code()).help(rule.description()),
    }
}

pub(super) fn java_forms() -> Choice<JavaFormat> {
    Choice {
        all: &JavaFormat::ALL,
        value: |form| {
            PossibleValue::new(form.name()).help(match form {
                JavaFormat::Pkcs12 => {
                    "No encryption, no MAC: every JDK loads it, with any password or none"
                }
                JavaFormat::Pkcs12Mac => "With a SHA-1 MAC, for BouncyCastle; every JDK reads it",
                JavaFormat::Pkcs12Encrypted => {
                    "AES-256, for policies that require encryption. Without the password a JVM \
                     silently finds no CA in it"
                }
                JavaFormat::Jks => "The old Java keystore",
            })
        },
    }
}

#[cfg(feature = "doctor")]
pub(super) fn starttls() -> Choice<crate::doctor::target::StartTls> {
    use crate::doctor::target::StartTls;
    Choice {
        all: &StartTls::ALL,
        value: |protocol| PossibleValue::new(protocol.name()),
    }
}
