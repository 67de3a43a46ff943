//! The core sets: certificates that are to be trusted, without order or double in the sources,
//! become a [`Bundle`]; one for each output, [`Stores`].

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{BitAnd, BitOr, Sub};

use serde::{Serialize, Serializer};

use crate::cert::{Certificate, Fingerprint};

/// One of the outputs that a certificate can stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    /// The OS bundle and the hashed directory.
    Os,
    /// The Java truststore.
    Java,
    /// The merged Python bundle.
    Python,
    /// The customer's certificates alone.
    Custom,
}

impl Store {
    /// Every store, in the order they are listed.
    pub const ALL: [Store; 4] = [Store::Os, Store::Java, Store::Python, Store::Custom];

    /// As `--only` and the manifest name it.
    pub fn name(self) -> &'static str {
        match self {
            Store::Os => "os",
            Store::Java => "java",
            Store::Python => "python",
            Store::Custom => "custom",
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of [`Store`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreSet(u8);

impl StoreSet {
    /// None of them.
    pub const NONE: StoreSet = StoreSet(0);
    /// Those that merge a base with the customer's certificates.
    pub const MERGED: StoreSet = StoreSet(0b0111);
    /// Those that are PEM files.
    pub const PEM: StoreSet = StoreSet(0b1101);
    /// All four.
    pub const ALL: StoreSet = StoreSet(0b1111);

    /// Whether `store` is in the set.
    pub fn contains(self, store: Store) -> bool {
        self.0 & StoreSet::from(store).0 != 0
    }

    /// Whether no store is.
    pub fn is_empty(self) -> bool {
        self == StoreSet::NONE
    }

    /// Its members, in the order of [`Store::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Store> {
        Store::ALL
            .into_iter()
            .filter(move |store| self.contains(*store))
    }
}

/// The names of its members, as messages list them.
impl fmt::Display for StoreSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, store) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", store.name())?;
        }
        Ok(())
    }
}

impl From<Store> for StoreSet {
    fn from(store: Store) -> Self {
        StoreSet(1 << store as u8)
    }
}

impl BitAnd for StoreSet {
    type Output = StoreSet;

    fn bitand(self, other: StoreSet) -> StoreSet {
        StoreSet(self.0 & other.0)
    }
}

impl Sub for StoreSet {
    type Output = StoreSet;

    fn sub(self, other: StoreSet) -> StoreSet {
        StoreSet(self.0 & !other.0)
    }
}

impl BitOr for StoreSet {
    type Output = StoreSet;

    fn bitor(self, other: StoreSet) -> StoreSet {
        StoreSet(self.0 | other.0)
    }
}

impl Serialize for StoreSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Store::name))
    }
}

/// Certificates of one output: at least one, none twice, in an order that only depends on them.
///
/// The order is by fingerprint, except that certificates of one subject stand together, at the
/// place of the first of them: those with a subjectKeyIdentifier before those without, and the
/// base's before the customer's. OpenSSL tries same-named candidates in file order, and one
/// without the identifier matches any: placed first, it makes a good chain fail.
#[derive(Clone, Debug)]
pub struct Bundle<'a>(Vec<&'a Certificate>);

/// A certificate on its way into a [`Bundle`].
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Whether a base has it, whoever else does.
    pub in_base: bool,
}

impl Member<'_> {
    /// Its place among those of one subject.
    pub(crate) fn rank(&self) -> (bool, bool, Fingerprint) {
        (
            self.certificate.subject_key_identifier().is_none(),
            !self.in_base,
            self.certificate.fingerprint(),
        )
    }
}

impl<'a> Bundle<'a> {
    /// The bundle of `members`, or `None` if there are none.
    pub fn new(members: impl IntoIterator<Item = Member<'a>>) -> Option<Self> {
        let mut members: Vec<Member<'a>> = members.into_iter().collect();
        // The base's copy of a certificate first, so that it is the one kept.
        members.sort_unstable_by_key(|m| (m.certificate.fingerprint(), !m.in_base));
        members.dedup_by_key(|m| m.certificate.fingerprint());
        let mut places: BTreeMap<_, Fingerprint> = BTreeMap::new();
        for member in &members {
            places
                .entry(member.certificate.subject().hash())
                .or_insert(member.certificate.fingerprint());
        }
        members.sort_by_cached_key(|member| {
            let place = places.get(&member.certificate.subject().hash()).copied();
            (place, member.rank())
        });
        if members.is_empty() {
            return None;
        }
        Some(Bundle(members.iter().map(|m| m.certificate).collect()))
    }

    /// The certificates, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a Certificate> + '_ {
        self.0.iter().copied()
    }

    /// How many there are: never 0.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// A bundle for each output: each has its own base and its own clients' limits. `None` is an
/// output that was not asked for or, for `custom`, a run without a customer's certificate.
#[derive(Clone, Debug)]
pub struct Stores<'a> {
    /// For the OS bundle and the hashed directory.
    pub os: Option<Bundle<'a>>,
    /// For the Java truststores.
    pub java: Option<Bundle<'a>>,
    /// For the Python bundle.
    pub python: Option<Bundle<'a>>,
    /// The customer's certificates alone.
    pub custom: Option<Bundle<'a>>,
}
