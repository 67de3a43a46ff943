//! `manifest.json`: what was read, kept, dropped and why; what was written. Its schema is
//! docs/manifest.schema.json.
//!
//! Everything in it follows from the inputs (no clock, no host name, no hash map's order), so that two
//! runs on the same input write the same bytes.

use std::cell::Cell;
use std::io::{self, Write as _};

use serde::ser::{Error as _, SerializeMap, SerializeSeq as _};
use serde::{Serialize, Serializer};

pub use super::records::trust_anchors_hash;

use super::records::{Each, JudgementRecord};
use crate::layout::{Digest, File, Link, Manifest, Tree};
use crate::read::Inputs;
use trust_stores::{BlockWriter, Fingerprint, Judgement, StoreSet, Timestamp, mozilla};

/// The number in `schemaVersion`. It grows when programs that read the old form could misread the new one.
const SCHEMA_VERSION: u32 = 1;

/// The manifest of a build that writes `tree`.
pub struct BuildManifest<'a> {
    /// What the rules found.
    pub judgement: &'a Judgement,
    /// What was read.
    pub inputs: &'a Inputs,
    /// The stores that are not written, because no certificate is left for them.
    pub empty_stores: StoreSet,
    /// What is written.
    pub tree: &'a Tree<'a>,
    /// The time of `--at`, if it was given.
    pub at: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tool {
    name: &'static str,
    version: &'static str,
    mozilla_roots: &'static str,
    mozilla_roots_date: String,
}

#[derive(Serialize)]
struct ArtifactRecord<'a> {
    path: &'a str,
    sha256: Fingerprint,
    size: u64,
    certificates: usize,
}

#[derive(Serialize)]
struct LinkRecord {
    path: &'static str,
    target: &'static str,
}

/// As JSON with two spaces of indentation and a final newline.
impl Manifest for BuildManifest<'_> {
    fn write(
        &self,
        out: &mut BlockWriter<'_>,
        wait: &mut dyn FnMut() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut serializer = serde_json::Serializer::pretty(&mut *out);
        let mut fields = serializer.serialize_map(None)?;
        fields.serialize_entry("schemaVersion", &SCHEMA_VERSION)?;
        fields.serialize_entry("tool", &Tool::this())?;
        if let Some(at) = self.at {
            fields.serialize_entry("at", &at.to_string())?;
        }
        JudgementRecord::new(self.judgement, self.inputs).serialize_into(&mut fields)?;
        if !self.empty_stores.is_empty() {
            fields.serialize_entry("emptyStores", &self.empty_stores)?;
        }
        let artifacts = Artifacts {
            files: &self.tree.files,
            wait: Cell::new(Some(wait)),
        };
        fields.serialize_entry("artifacts", &artifacts)?;
        let links = || {
            let links = self.tree.links.iter();
            links.map(|&Link { path, target }| LinkRecord { path, target })
        };
        fields.serialize_entry("links", &Each(links))?;
        SerializeMap::end(fields)?;
        out.write_all(b"\n")
    }
}

/// The record of each file. Waits before the first whose digest is not known yet: those of a hashed directory,
/// which are thousands and come first, are not waited for.
struct Artifacts<'a, 'w> {
    files: &'a [File<'a>],
    wait: Cell<Option<&'w mut dyn FnMut() -> io::Result<()>>>,
}

impl Serialize for Artifacts<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut records = serializer.serialize_seq(Some(self.files.len()))?;
        for file in self.files {
            if !file.content.has_digest()
                && let Some(wait) = self.wait.take()
            {
                wait().map_err(S::Error::custom)?;
            }
            records.serialize_element(&ArtifactRecord::new(file))?;
        }
        records.end()
    }
}

impl Tool {
    fn this() -> Self {
        Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            mozilla_roots: mozilla::VERSION,
            mozilla_roots_date: mozilla::DATE.date(),
        }
    }
}

impl<'a> ArtifactRecord<'a> {
    fn new(file: &'a File<'_>) -> Self {
        let Digest { size, sha256 } = file.content.digest();
        ArtifactRecord {
            path: &file.path,
            sha256,
            size,
            certificates: file.content.certificates(),
        }
    }
}
