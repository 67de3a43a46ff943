//! What the objects hold: the stores as values under keys, each with its paths in the mounted tree.
//!
//! The hashed directory is left out. It would need a key for each of its files, and double the size.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::layout::{self, File, StoreForms};
use trust_stores::{Bundle, JavaFormat, Stores, pem};

const BUNDLE: &str = "ca-bundle.pem";
const CUSTOM_CHAIN: &str = "client-ca-chain.pem";

/// Which stores an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectRole {
    /// The Java truststore.
    Java,
    /// One PEM bundle for all PEM clients.
    Pem,
    /// The OS bundle.
    Os,
    /// The Python bundle.
    Python,
}

impl ObjectRole {
    /// The end of the object's name.
    pub fn suffix(self) -> &'static str {
        match self {
            ObjectRole::Java => "java",
            ObjectRole::Pem => "pem",
            ObjectRole::Os => "os",
            ObjectRole::Python => "python",
        }
    }
}

/// The content of one object.
#[derive(Debug)]
pub struct ObjectContent {
    /// Which stores it has.
    pub role: ObjectRole,
    /// Its keys and values.
    pub entries: Vec<Entry>,
}

/// How a value is written in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is: ASCII text.
    Text,
    /// In base64: binary data.
    Base64,
}

/// A value under a key.
#[derive(Debug)]
pub struct Entry {
    /// The key: `[-._a-zA-Z0-9]+`.
    pub key: &'static str,
    /// The value, in its encoding.
    pub text: String,
    /// The encoding.
    pub encoding: Encoding,
    /// The size in bytes of the mounted file.
    pub size: usize,
    /// How many certificates it holds.
    pub certificates: usize,
    /// Its paths in the mounted tree.
    pub paths: Vec<&'static str>,
}

/// Whether the OS bundle and the Python bundle are one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bundles {
    /// One bundle is both. It lacks the comments of a build's Python bundle: they take 40 KB, and both
    /// bundles would not fit into one object.
    Shared,
    /// Each has an object of its own, because each has a base of its own.
    Separate,
}

/// Distributes `stores` and the wiring `trust_env` among objects.
pub fn contents(
    stores: &Stores<'_>,
    forms: StoreForms<'_>,
    bundles: Bundles,
    trust_env: String,
) -> Result<Vec<ObjectContent>, Error> {
    let mut objects = Vec::new();
    if let Some(bundle) = &stores.java {
        let store = layout::java_store(layout::java_truststore(forms.java), bundle, forms)?;
        let cacerts = forms.layout.cacerts();
        // In place of a JDK's own cacerts it must be plain: an encrypted store there yields no anchors.
        let is_plain = forms.java == JavaFormat::Pkcs12;
        let cacerts = (is_plain && stores.os.is_some()).then_some(cacerts);
        objects.push(ObjectContent {
            role: ObjectRole::Java,
            entries: vec![Entry::binary(&store, forms.java, cacerts)],
        });
    }
    let os_paths = forms.layout.bundle_paths();
    let python_paths = vec![layout::PYTHON_BUNDLE];
    let merged = match (&stores.os, &stores.python) {
        (None, None) => Vec::new(),
        (Some(os), None) => vec![(ObjectRole::Pem, os, os_paths)],
        (None, Some(python)) => vec![(ObjectRole::Pem, python, python_paths)],
        (Some(os), Some(python)) => match bundles {
            Bundles::Shared => vec![(ObjectRole::Pem, os, [os_paths, python_paths].concat())],
            Bundles::Separate => vec![
                (ObjectRole::Os, os, os_paths),
                (ObjectRole::Python, python, python_paths),
            ],
        },
    };
    objects.extend(
        merged
            .into_iter()
            .map(|(role, bundle, paths)| ObjectContent {
                role,
                entries: vec![Entry::pem(BUNDLE, bundle, paths)],
            }),
    );
    // The chain and trust.env are small: they go with the first PEM bundle, or else the Java truststore.
    let is_pem = |object: &ObjectContent| object.role != ObjectRole::Java;
    let index = objects.iter().position(is_pem).unwrap_or_default();
    if let Some(object) = objects.get_mut(index) {
        if let Some(bundle) = &stores.custom {
            let paths = vec![layout::CUSTOM_CHAIN];
            object.entries.push(Entry::pem(CUSTOM_CHAIN, bundle, paths));
        }
        let paths = vec![layout::TRUST_ENV];
        object
            .entries
            .push(Entry::text(layout::TRUST_ENV, trust_env, 0, paths));
    }
    Ok(objects)
}

impl Entry {
    fn text(
        key: &'static str,
        text: String,
        certificates: usize,
        paths: Vec<&'static str>,
    ) -> Self {
        Entry {
            key,
            size: text.len(),
            text,
            encoding: Encoding::Text,
            certificates,
            paths,
        }
    }

    fn pem(key: &'static str, bundle: &Bundle<'_>, paths: Vec<&'static str>) -> Self {
        // PEM is ASCII.
        let text = String::from_utf8(pem::encode(bundle)).unwrap_or_else(|error| {
            let pem = error.as_bytes();
            String::from_utf8_lossy(pem).into_owned()
        });
        Entry::text(key, text, bundle.count(), paths)
    }

    fn binary(store: &File<'_>, form: JavaFormat, also_at: Option<&'static str>) -> Self {
        let path = layout::java_truststore(form);
        let key = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let bytes = store.content.bytes();
        Entry {
            key,
            text: STANDARD.encode(&bytes),
            encoding: Encoding::Base64,
            size: bytes.len(),
            certificates: store.content.certificates(),
            paths: [path].into_iter().chain(also_at).collect(),
        }
    }
}
