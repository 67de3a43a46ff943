//! What the objects hold: the stores as values under keys, each with its places in the tree that the
//! mount yields. Left out is the hashed directory: a key for each file of it, and twice the bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;
use crate::layout::{self, File, OsLayout};
use trust_stores::{Bundle, JavaFormat, Password, Stores, pem};

const BUNDLE: &str = "ca-bundle.pem";
const CUSTOM_CHAIN: &str = "client-ca-chain.pem";

/// One object's share.
#[derive(Debug)]
pub struct Part {
    /// What its name ends with.
    pub suffix: &'static str,
    /// What it holds.
    pub entries: Vec<Entry>,
}

/// A value under a key.
#[derive(Debug)]
pub struct Entry {
    /// The key: `[-._a-zA-Z0-9]+`.
    pub key: &'static str,
    /// The value; of bytes that are no text, in base64.
    pub text: String,
    /// Whether it is in base64.
    pub is_base64: bool,
    /// How many bytes the value has where it is mounted.
    pub size: usize,
    /// How many certificates it holds.
    pub certificates: usize,
    /// Where it stands in the tree that is mounted.
    pub paths: Vec<&'static str>,
}

/// In which form the stores are put into objects.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// Where the OS bundle stands.
    pub layout: OsLayout,
    /// The Java truststore's form.
    pub java: JavaFormat,
    /// Its password.
    pub password: &'a Password,
    /// Whether the OS bundle and Python's each have an object of their own, since each has a base of
    /// its own. Else one bundle is both, and they differ from those of a build by the comments in
    /// Python's: those are 40 KB, and both would not fit into one object.
    pub is_apart: bool,
}

/// `stores` and the wiring `trust_env`, by object.
pub fn parts(stores: &Stores<'_>, form: Form<'_>, trust_env: String) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    if let Some(bundle) = &stores.java {
        let store = layout::java_store(
            layout::java_truststore(form.java),
            bundle,
            form.java,
            form.password,
        )?;
        let cacerts = form.layout.cacerts();
        // Where a JDK's own stands it has to be plain: an encrypted one there gives no anchors.
        let is_plain = form.java == JavaFormat::Pkcs12;
        let cacerts = (is_plain && stores.os.is_some()).then_some(cacerts);
        parts.push(Part {
            suffix: "java",
            entries: vec![Entry::binary(&store, form.java, cacerts)],
        });
    }
    let os_paths = || form.layout.bundle_paths();
    match (&stores.os, &stores.python) {
        (None, None) => {}
        (Some(os), None) => parts.push(Part::merged("pem", os, os_paths())),
        (None, Some(python)) => {
            parts.push(Part::merged("pem", python, vec![layout::PYTHON_BUNDLE]));
        }
        (Some(os), Some(python)) if form.is_apart => {
            parts.push(Part::merged("os", os, os_paths()));
            parts.push(Part::merged("python", python, vec![layout::PYTHON_BUNDLE]));
        }
        (Some(os), Some(_)) => {
            let mut paths = os_paths();
            paths.push(layout::PYTHON_BUNDLE);
            parts.push(Part::merged("pem", os, paths));
        }
    }
    // Both are small: with the first that is PEM, else with the Java truststore.
    let is_pem = |part: &Part| part.suffix != "java";
    let place = parts.iter().position(is_pem).unwrap_or_default();
    if let Some(part) = parts.get_mut(place) {
        if let Some(bundle) = &stores.custom {
            let paths = vec![layout::CUSTOM_CHAIN];
            part.entries.push(Entry::pem(CUSTOM_CHAIN, bundle, paths));
        }
        let paths = vec![layout::TRUST_ENV];
        part.entries
            .push(Entry::text(layout::TRUST_ENV, trust_env, 0, paths));
    }
    Ok(parts)
}

impl Part {
    fn merged(suffix: &'static str, bundle: &Bundle<'_>, paths: Vec<&'static str>) -> Self {
        Part {
            suffix,
            entries: vec![Entry::pem(BUNDLE, bundle, paths)],
        }
    }
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
            is_base64: false,
            certificates,
            paths,
        }
    }

    fn pem(key: &'static str, bundle: &Bundle<'_>, paths: Vec<&'static str>) -> Self {
        let pem = pem::encode(bundle);
        // It is ASCII.
        let text = String::from_utf8_lossy(&pem).into_owned();
        Entry::text(key, text, bundle.count(), paths)
    }

    fn binary(store: &File, form: JavaFormat, also_at: Option<&'static str>) -> Self {
        let path = layout::java_truststore(form);
        let key = path.rsplit_once('/').map_or(path, |(_, name)| name);
        Entry {
            key,
            text: STANDARD.encode(&**store.content),
            is_base64: true,
            size: store.content.len(),
            certificates: store.certificates,
            paths: [path].into_iter().chain(also_at).collect(),
        }
    }
}
