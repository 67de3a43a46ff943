//! What changed from one set of certificates to another.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{InspectFormat, InspectReport};
use crate::report::style::{Style, Tone};
use trust_stores::{Certificate, Fingerprint};

/// The certificates that only one of two sets contains.
#[derive(Debug, Default)]
pub struct Difference<'a> {
    pub(super) added: Vec<&'a Certificate>,
    pub(super) removed: Vec<&'a Certificate>,
    pub(super) renewed: Vec<Renewal<'a>>,
    /// Whether some sections of either set could not be read.
    is_partial: bool,
}

/// A certificate in place of another with the same subject.
#[derive(Debug)]
pub(super) struct Renewal<'a> {
    pub(super) old: &'a Certificate,
    pub(super) new: &'a Certificate,
}

impl Renewal<'_> {
    pub(super) fn has_same_key(&self) -> bool {
        self.old.public_key_info() == self.new.public_key_info()
    }
}

impl<'a> Difference<'a> {
    /// What `new` contains and `old` does not, and the other way round.
    pub fn between(old: &'a InspectReport<'a>, new: &'a InspectReport<'a>) -> Self {
        let mut difference = Difference {
            removed: only_in(old, new),
            is_partial: !old.is_complete() || !new.is_complete(),
            ..Difference::default()
        };
        for new in only_in(new, old) {
            let mut removed = difference.removed.iter();
            // Of several with this subject, the one with the same key is the one that was renewed.
            let same_key = removed.position(|old| {
                has_same_subject(old, new) && old.public_key_info() == new.public_key_info()
            });
            let mut removed = difference.removed.iter();
            let old = same_key.or_else(|| removed.position(|old| has_same_subject(old, new)));
            match old.map(|index| difference.removed.remove(index)) {
                Some(old) => difference.renewed.push(Renewal { old, new }),
                None => difference.added.push(new),
            }
        }
        difference
    }

    /// Whether both sets were read completely and contain the same certificates.
    pub fn is_none(&self) -> bool {
        !self.is_partial && self.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.renewed.is_empty()
    }

    /// The difference in the format asked for.
    pub fn text(&self, format: InspectFormat, style: Style) -> String {
        if format == InspectFormat::Json {
            return self.json();
        }
        let mut out = String::new();
        let mut put = |tone: Tone, word: &str, certificate: &Certificate, more: &str| {
            let word = style.paint(tone, word);
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "{word} {} {}, valid until {}{more}",
                certificate.fingerprint(),
                certificate.subject(),
                certificate.not_after().date(),
            );
        };
        for certificate in &self.added {
            put(Tone::Good, "added  ", certificate, "");
        }
        for certificate in &self.removed {
            put(Tone::Bad, "removed", certificate, "");
        }
        for renewal in &self.renewed {
            let key = if renewal.has_same_key() {
                "same key"
            } else {
                "new key"
            };
            let more = format!(", {key}, replaces {}", renewal.old.fingerprint());
            put(Tone::Doubt, "renewed", renewal.new, &more);
        }
        if self.is_empty() {
            out.push_str(if self.is_partial {
                "no difference in what could be read\n"
            } else {
                "no difference\n"
            });
        }
        out
    }
}

/// The certificates of `one` that `other` does not contain, by fingerprint.
fn only_in<'a>(one: &InspectReport<'a>, other: &InspectReport<'a>) -> Vec<&'a Certificate> {
    let all_of = |report: &InspectReport<'a>| -> BTreeMap<Fingerprint, &'a Certificate> {
        let certificates = report.certificates.iter();
        certificates
            .map(|one| (one.certificate.fingerprint(), one.certificate))
            .collect()
    };
    let others = all_of(other);
    let mut ours = all_of(one);
    ours.retain(|fingerprint, _| !others.contains_key(fingerprint));
    ours.into_values().collect()
}

fn has_same_subject(one: &Certificate, other: &Certificate) -> bool {
    one.subject().hash() == other.subject().hash()
}
