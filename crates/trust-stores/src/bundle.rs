//! Sets of certificates to trust: a [`Bundle`] has an order and no certificate twice; [`Stores`] is one bundle
//! for each store.

use std::collections::HashMap;
use std::fmt;
use std::iter;
use std::ops::{BitAnd, BitOr, Range, Sub};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::cert::{Certificate, Fingerprint, NameHash};

/// A store that a certificate can be in.
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
    /// Every store, in the order that lists have.
    pub const ALL: [Store; 4] = [Store::Os, Store::Java, Store::Python, Store::Custom];

    /// Its name: `os`, `java`, `python` or `custom`.
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

/// Certificates of one store: at least one, none twice, in an order that depends only on them.
///
/// The order is by fingerprint, except that certificates of one subject are together, at the place of the
/// first of them: those with a subjectKeyIdentifier before those without, and a base's before those that are
/// added. OpenSSL tries candidates with the same name in file order, and one without the identifier matches
/// any certificate: if it is first, it makes a good chain fail.
///
/// A clone shares them.
#[derive(Clone, Debug)]
pub struct Bundle<'a> {
    /// Its own, and perhaps those of others.
    certificates: Arc<[&'a Certificate]>,
    own: Range<usize>,
}

impl<'a> Bundle<'a> {
    /// The bundle of these certificates, or `None` if there are none.
    pub fn new(certificates: impl IntoIterator<Item = &'a Certificate>) -> Option<Self> {
        Bundle::merged([], certificates)
    }

    /// The bundle of what clients trust already, the `base`, and what is `added` to it; `None` if both are
    /// empty. A certificate of both counts as the base's.
    pub fn merged(
        base: impl IntoIterator<Item = &'a Certificate>,
        added: impl IntoIterator<Item = &'a Certificate>,
    ) -> Option<Self> {
        let base = base
            .into_iter()
            .map(|one| Member::new(one, Precedence::Base));
        let added = added
            .into_iter()
            .map(|one| Member::new(one, Precedence::Added));
        let mut members: Vec<_> = base.chain(added).collect();
        Member::sort(&mut members);
        members.dedup_by_key(|member| member.place);
        if Member::join_namesakes(&mut members) {
            Member::sort(&mut members);
        }
        let certificates = members.into_iter().map(|member| member.certificate);
        let certificates: Arc<[_]> = certificates.collect();
        let own = 0..certificates.len();
        (!own.is_empty()).then_some(Bundle { certificates, own })
    }

    /// A bundle for each run of certificates with one `key`. They are in order already, and none is there twice.
    /// All stay in one list, because the bundles are those of thousands of files.
    pub(crate) fn runs<K: PartialEq>(
        sorted: Arc<[&'a Certificate]>,
        key: impl Fn(&Certificate) -> K,
    ) -> impl Iterator<Item = Self> {
        let mut start = 0;
        iter::from_fn(move || {
            let (first, others) = sorted.get(start..)?.split_first()?;
            let alike = others.iter().take_while(|one| key(one) == key(first));
            let own = start..start + 1 + alike.count();
            start = own.end;
            Some(Bundle {
                certificates: Arc::clone(&sorted),
                own,
            })
        })
    }

    /// The certificates, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a Certificate> + '_ {
        self.certificates[self.own.clone()].iter().copied()
    }

    /// How many certificates there are: never 0.
    pub fn count(&self) -> usize {
        self.own.len()
    }
}

/// A certificate with what it is sorted by, so that sorting does not look into each again and again.
struct Member<'a> {
    /// Its fingerprint, or that of the first with its subject.
    place: Fingerprint,
    of: Precedence,
    certificate: &'a Certificate,
}

impl<'a> Member<'a> {
    fn new(certificate: &'a Certificate, of: Precedence) -> Self {
        Member {
            place: certificate.fingerprint(),
            of,
            certificate,
        }
    }

    /// One function for both times: a sort of another type is 10 kB of code.
    fn sort(members: &mut [Member<'a>]) {
        members.sort_unstable_by(|one, other| {
            let by_place = one.place.cmp(&other.place);
            by_place.then_with(|| one.rank().cmp(&other.rank()))
        });
    }

    fn rank(&self) -> (bool, Precedence, Fingerprint) {
        self.of.rank(self.certificate)
    }

    /// Gives those of one subject the place of the first. Returns whether any two are of one.
    fn join_namesakes(members: &mut [Member<'a>]) -> bool {
        let mut places: HashMap<NameHash, Fingerprint> = HashMap::with_capacity(members.len());
        for member in members.iter_mut() {
            let hash = member.certificate.subject().hash();
            member.place = *places.entry(hash).or_insert(member.place);
        }
        places.len() < members.len()
    }
}

/// Where a certificate of a bundle comes from, which decides between those of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precedence {
    Base,
    Added,
}

impl Precedence {
    /// Sorts `certificate` among those of its subject.
    pub(crate) fn rank(self, certificate: &Certificate) -> (bool, Precedence, Fingerprint) {
        (
            certificate.subject_key_identifier().is_none(),
            self,
            certificate.fingerprint(),
        )
    }
}

/// A bundle for each store: each has its own base and the limits of its own clients. `None` is a store that
/// was not asked for, or has no certificate.
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

#[cfg(test)]
mod tests {
    use super::{Bundle, Store, StoreSet};
    use crate::cert::{Certificate, Fingerprint};
    use crate::testing::{namesake, namesake_without_identifier, root};

    fn order(bundle: &Bundle<'_>) -> Vec<Fingerprint> {
        bundle.iter().map(Certificate::fingerprint).collect()
    }

    #[test]
    fn a_bundle_is_sorted_by_fingerprint_and_has_no_certificate_twice() {
        assert!(Bundle::new([]).is_none());
        let roots: Vec<_> = (0..9).map(root).collect();
        let bundle = Bundle::new(roots.iter().rev().chain(&roots)).unwrap();
        assert_eq!(bundle.count(), 9);
        assert!(order(&bundle).is_sorted());
        let merged = Bundle::merged(&roots[..5], &roots[3..]).unwrap();
        assert_eq!(order(&merged), order(&bundle));
    }

    #[test]
    fn of_one_subject_those_with_an_identifier_come_first_and_the_bases_before_the_added() {
        let base = [2, 1].map(|last| namesake(0, last));
        let added = [4, 3].map(|last| namesake(0, last));
        let without = [
            namesake_without_identifier(0, 1),
            namesake_without_identifier(0, 2),
        ];
        let others: Vec<_> = (1..9).map(root).collect();
        let base_all = base.iter().chain(&without[..1]).chain(&others);
        let bundle = Bundle::merged(base_all, added.iter().chain(&without[1..])).unwrap();
        let sorted = |certificates: &[Certificate]| {
            let mut fingerprints: Vec<_> =
                certificates.iter().map(Certificate::fingerprint).collect();
            fingerprints.sort_unstable();
            fingerprints
        };
        let expected = [
            sorted(&base),
            sorted(&added),
            sorted(&without[..1]),
            sorted(&without[1..]),
        ]
        .concat();
        let order = order(&bundle);
        let start = order.iter().position(|one| *one == expected[0]).unwrap();
        assert_eq!(order[start..start + expected.len()], expected);
        // They are where the first of them by fingerprint belongs.
        let first = expected.iter().min().unwrap();
        assert!(order[..start].iter().all(|other| other < first));
        assert!(
            order[start + expected.len()..]
                .iter()
                .all(|other| other > first)
        );
    }

    #[test]
    fn sets_of_stores_are_sets() {
        let (os, java) = (StoreSet::from(Store::Os), StoreSet::from(Store::Java));
        assert_eq!((os | java) - os, java);
        assert_eq!((os | java) & java, java);
        assert_eq!(
            StoreSet::MERGED & StoreSet::PEM,
            StoreSet::ALL - java - Store::Custom.into()
        );
        assert!((os & java).is_empty() && !os.is_empty());
        assert!(os.contains(Store::Os) && !os.contains(Store::Java));
        assert_eq!(StoreSet::ALL.to_string(), "os, java, python, custom");
        assert_eq!(StoreSet::NONE.to_string(), "");
        assert_eq!(
            serde_json::to_string(&(java | os)).unwrap(),
            r#"["os","java"]"#
        );
        assert_eq!(Store::Python.to_string(), "python");
    }
}
