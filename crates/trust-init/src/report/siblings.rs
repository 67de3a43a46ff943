//! What to give instead of a directory that holds more than certificates.

use std::collections::BTreeSet;

use crate::read::Inputs;
use trust_stores::{Certificate, JudgedSection, Judgement, Level, Verdict};

/// The most files that a hint names.
const MAX_NAMED: usize = 3;

/// Hints for what is refused in a directory: which of its files to name. One for each directory.
pub struct Siblings<'a> {
    inputs: &'a Inputs,
    judgement: &'a Judgement,
    hinted: BTreeSet<&'a str>,
}

impl<'a> Siblings<'a> {
    /// Hints for the refusals of `judgement`, on what was read.
    pub fn new(inputs: &'a Inputs, judgement: &'a Judgement) -> Self {
        Siblings {
            inputs,
            judgement,
            hinted: BTreeSet::new(),
        }
    }

    /// The hint for what is refused at `origin`, if it is in a directory for which there was none so far.
    pub fn hint(&mut self, origin: &str) -> Option<String> {
        let mut refused = self.judgement.sections.iter();
        let refused =
            refused.find(|entry| entry.origin == origin && entry.certificate.is_none())?;
        let directory = self.directory(refused.source)?;
        if !self.hinted.insert(directory) {
            return None;
        }
        let files: Vec<String> = self.files_to_name(directory);
        Some(if files.is_empty() {
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
        })
    }

    fn directory(&self, source: usize) -> Option<&'a str> {
        self.inputs.sources.get(source)?.directory.as_deref()
    }

    /// The files of a directory that have only certificates of CAs.
    fn files_to_name(&self, directory: &str) -> Vec<String> {
        let sources = self.judgement.sources.iter().enumerate();
        let usable = sources.filter(|(index, _)| {
            let mut entries = self
                .judgement
                .sections
                .iter()
                .filter(|e| e.source == *index)
                .peekable();
            self.directory(*index) == Some(directory)
                && entries.peek().is_some()
                && entries.all(is_ca_certificate)
        });
        usable
            .map(|(_, source)| format!("--ca {}", source.name))
            .take(MAX_NAMED)
            .collect()
    }
}

fn is_ca_certificate(entry: &JudgedSection) -> bool {
    let is_taken = matches!(entry.verdict, Verdict::Kept | Verdict::Merged);
    is_taken
        && entry
            .findings
            .iter()
            .all(|finding| finding.level < Level::Drop)
        && entry.certificate.as_ref().is_some_and(Certificate::is_ca)
}
