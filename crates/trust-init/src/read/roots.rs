//! The embedded Mozilla roots: those that Mozilla trusts for TLS servers, as full certificates.

use trust_stores::{Certificate, Position, Section, Timestamp};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// The name of the set in `--base` and in the manifest.
pub const NAME: &str = "mozilla";

/// The version of the set, which is that of the crate that contains it.
pub const VERSION: &str = "webpki-root-certs 1.0.11";

/// When that version was published: 2026-10-23.
pub const DATE: Timestamp = Timestamp::from_unix(1_792_713_600);

/// How many roots the set has.
pub fn count() -> usize {
    TLS_SERVER_ROOT_CERTS.len()
}

/// The set, decoded. The DER is not copied out of the binary.
pub fn sections() -> Vec<Section> {
    TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|root| Section {
            position: Position::Whole,
            content: Certificate::from_der(&root[..])
                .map(Into::into)
                .map_err(Into::into),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{DATE, VERSION, count, sections};

    #[test]
    fn every_root_is_a_certificate() {
        assert!(count() > 100);
        assert!(sections().iter().all(|section| section.content.is_ok()));
    }

    #[test]
    fn the_date_is_as_its_comment_says() {
        assert_eq!(DATE.to_string(), "2026-10-23T00:00:00Z");
    }

    #[test]
    fn the_version_shown_is_the_version_built_in() {
        let (name, version) = VERSION.split_once(' ').unwrap();
        let package = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(include_str!("../../../../Cargo.lock").contains(&package));
    }
}
