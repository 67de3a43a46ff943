//! Sources to be judged, and what to judge them by.

use crate::bundle::StoreSet;
use crate::cert::Fingerprint;
use crate::formats::Section;
use crate::policy::Policy;
use crate::time::{Days, Timestamp};

/// What to judge by.
#[derive(Clone, Copy, Debug)]
pub struct Criteria<'a> {
    /// The level of each rule.
    pub policy: &'a Policy,
    /// The moment that validity is judged at. This library never asks the clock.
    pub at: Timestamp,
    /// How long before the end of validity `expires-soon` applies.
    pub expires_soon: Days,
    /// Certificates that must not be trusted.
    pub blocked: &'a [Fingerprint],
}

impl<'a> Criteria<'a> {
    /// Criteria that warn 30 days before a certificate expires and block none.
    pub fn new(policy: &'a Policy, at: Timestamp) -> Self {
        Criteria {
            policy,
            at,
            expires_soon: Days::new(30),
            blocked: &[],
        }
    }
}

/// Whose a source is, and which stores its certificates go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceRole {
    /// Certificates to add, for every store. What is wrong with them can be denied.
    Customer,
    /// Certificates that clients trust already, for these stores. What is wrong with them is never more
    /// than a reason to drop one.
    Base(StoreSet),
}

impl SourceRole {
    /// Whether it is the customer's.
    pub fn is_customer(self) -> bool {
        self == SourceRole::Customer
    }

    /// The stores that its certificates go to.
    pub fn stores(self) -> StoreSet {
        match self {
            SourceRole::Customer => StoreSet::ALL,
            SourceRole::Base(stores) => stores,
        }
    }
}

/// A source to be judged.
#[derive(Debug)]
pub struct DecodedSource {
    /// As messages name the source. It must be printable: see [`escape`](crate::escape::escape).
    pub name: String,
    /// Whether it is the customer's or a base, and for which stores.
    pub role: SourceRole,
    /// For roots that are compiled into the program, when the set was published. Such a set ages (`roots-old`).
    pub embedded: Option<Timestamp>,
    /// What [`decode`](crate::decode) found in it.
    pub sections: Vec<Section>,
}

impl DecodedSource {
    /// A source of certificates to add to every store.
    pub fn customer(name: impl Into<String>, sections: Vec<Section>) -> Self {
        DecodedSource {
            name: name.into(),
            role: SourceRole::Customer,
            embedded: None,
            sections,
        }
    }

    /// A source of certificates that clients of these stores trust already.
    pub fn base(name: impl Into<String>, stores: StoreSet, sections: Vec<Section>) -> Self {
        DecodedSource {
            name: name.into(),
            role: SourceRole::Base(stores),
            embedded: None,
            sections,
        }
    }
}
