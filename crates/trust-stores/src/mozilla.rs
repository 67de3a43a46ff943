//! Mozilla's roots, compiled into the program: those that Mozilla trusts for TLS servers, as full certificates.
//!
//! They need no parsing. What the parser finds in them is in a table that it wrote itself, and a test holds the
//! table to it.

use crate::bundle::StoreSet;
use crate::cert::roots;
use crate::formats::{Position, Section};
use crate::judge::{DecodedSource, SourceRole};
use crate::time::Timestamp;

/// The name of the set in messages.
pub const NAME: &str = "mozilla";

/// The version of the set, which is that of the crate that contains it.
pub const VERSION: &str = "webpki-root-certs 1.0.11";

/// When that version was published: 2026-10-23.
pub const DATE: Timestamp = Timestamp::from_unix(1_792_713_600);

/// How many roots the set has.
pub fn count() -> usize {
    roots::all().len()
}

/// The set, decoded. The DER is not copied out of the binary.
pub fn sections() -> Vec<Section> {
    roots::all()
        .map(|root| Section {
            position: Position::Whole,
            content: Ok(root.into()),
        })
        .collect()
}

/// The set as a base of `stores`.
pub fn source(stores: StoreSet) -> DecodedSource {
    DecodedSource {
        name: NAME.to_owned(),
        role: SourceRole::Base(stores),
        embedded: Some(DATE),
        sections: sections(),
    }
}

#[cfg(test)]
mod tests {
    use super::{DATE, VERSION, count};

    #[test]
    fn the_set_is_not_empty() {
        assert!(count() > 100);
    }

    #[test]
    fn the_date_is_as_its_comment_says() {
        assert_eq!(DATE.to_string(), "2026-10-23T00:00:00Z");
    }

    #[test]
    fn the_version_shown_is_the_version_built_in() {
        let (name, version) = VERSION.split_once(' ').unwrap();
        let package = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(include_str!("../../../Cargo.lock").contains(&package));
    }
}
