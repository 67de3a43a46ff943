//! What to give instead of a directory that holds more than certificates.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::Inputs;
use trust_stores::{Certificate, JudgedSection, Judgement, Level, Rule, Verdict};

/// The most files that a hint names.
const MAX_NAMED: usize = 3;

/// Hints for what is refused in a directory: which of its files to name. One for each directory.
pub struct Siblings<'a> {
    inputs: &'a Inputs,
    /// The files of each directory that have only certificates of CAs, as options.
    files: BTreeMap<&'a str, Vec<String>>,
    hinted: BTreeSet<&'a str>,
}

impl<'a> Siblings<'a> {
    /// Hints for the refusals of `judgement`, on what was read.
    pub fn new(inputs: &'a Inputs, judgement: &'a Judgement) -> Self {
        let mut siblings = Siblings {
            inputs,
            files: BTreeMap::new(),
            hinted: BTreeSet::new(),
        };
        let mut is_usable: BTreeMap<usize, bool> = BTreeMap::new();
        for entry in &judgement.sections {
            if siblings.directory(entry.source).is_some() {
                *is_usable.entry(entry.source).or_insert(true) &= is_ca_certificate(entry);
            }
        }
        // A store that a password next to it opens would stay closed if it were named alone.
        let opens_alone = |source: &usize| inputs.sources[*source].passwords.is_empty();
        let usable = is_usable.into_iter().filter(|(_, is_usable)| *is_usable);
        for (source, _) in usable.filter(|(source, _)| opens_alone(source)) {
            if let Some(directory) = siblings.directory(source) {
                let option = format!("--ca {}", judgement.sources[source].name);
                siblings.files.entry(directory).or_default().push(option);
            }
        }
        siblings
    }

    /// The hints for a finding that refuses `entry`, whose own are `own`.
    pub fn hints(&mut self, entry: &JudgedSection, rule: Rule, own: Vec<String>) -> Vec<String> {
        let directory = self.directory(entry.source);
        let Some(directory) = directory.filter(|_| entry.certificate.is_none()) else {
            return own;
        };
        let is_first = self.hinted.insert(directory);
        let files = self.files.get(directory).map_or(&[][..], Vec::as_slice);
        let files = &files[..files.len().min(MAX_NAMED)];
        // Whoever mounted a Secret whole has not shared its key: what counts is which file to name.
        let (mut hints, is_replaced) = match rule {
            Rule::PrivateKey if !files.is_empty() => (Vec::new(), true),
            _ => (own, false),
        };
        if !is_first {
            return hints;
        }
        hints.push(if files.is_empty() {
            format!(
                "name the file of {directory} that has the CA's certificates, instead of the directory; in a \
                 pod, list its key under the volume's items"
            )
        } else {
            format!(
                "of this directory, name only what has the CA's certificates: {}; in a pod, list it under the \
                 volume's items",
                files.join(" ")
            )
        });
        if is_replaced {
            let shared = "if these files were ever sent to someone, treat the key as compromised; one in a \
                          mounted Secret has not leaked";
            hints.push(shared.to_owned());
        }
        hints
    }

    fn directory(&self, source: usize) -> Option<&'a str> {
        self.inputs.sources.get(source)?.directory.as_deref()
    }
}

fn is_ca_certificate(entry: &JudgedSection) -> bool {
    let is_taken = matches!(entry.verdict, Verdict::Kept | Verdict::Merged);
    let mut findings = entry.findings.iter();
    is_taken
        && findings.all(|finding| finding.level < Level::Drop)
        && entry.certificate.as_deref().is_some_and(Certificate::is_ca)
}
