//! Object identifiers, and those that certificates are read by.

use std::fmt;

/// An object identifier as it is in DER, without its tag and length. It may be damaged: nothing is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Oid<'a>(pub(crate) &'a [u8]);

impl<'a> Oid<'a> {
    /// The contents octets.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

/// In decimal with dots, such as `2.5.29.19`; in hex if a number in it is damaged or above 2^128.
impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(numbers) = numbers(self.0) else {
            return f.write_str(&crate::hex::encode(self.0));
        };
        for (index, number) in numbers.iter().enumerate() {
            // The first two share a number (X.690, 8.19.4).
            let first = (number / 40).min(2);
            match index {
                0 => write!(f, "{first}.{}", number - 40 * first)?,
                _ => write!(f, ".{number}")?,
            }
        }
        Ok(())
    }
}

fn numbers(content: &[u8]) -> Option<Vec<u128>> {
    let mut numbers = Vec::with_capacity(content.len());
    let mut number: u128 = 0;
    for byte in content {
        number = number.checked_mul(128)? | u128::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let is_whole = content.last().is_some_and(|last| last & 0x80 == 0);
    is_whole.then_some(numbers)
}

/// Declares constants and says each of them in dotted form.
macro_rules! oids {
    ($($(#[$meta:meta])* $name:ident = $dotted:literal, $bytes:expr;)*) => {
        $(
            $(#[$meta])*
            #[doc = concat!("(`", $dotted, "`)")]
            pub const $name: Oid<'static> = Oid($bytes);
        )*

        #[cfg(test)]
        const ALL: &[(&str, Oid<'static>)] = &[$(($dotted, $name)),*];
    };
}

oids! {
    /// Attribute of names: commonName
    COMMON_NAME = "2.5.4.3", &[0x55, 4, 3];
    /// Attribute of names: organizationName
    ORGANIZATION = "2.5.4.10", &[0x55, 4, 10];
    /// Attribute of names: organizationalUnitName
    ORGANIZATIONAL_UNIT = "2.5.4.11", &[0x55, 4, 11];

    /// Extension: which key this certificate has
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14", &[0x55, 0x1d, 14];
    /// Extension: what the key may do
    KEY_USAGE = "2.5.29.15", &[0x55, 0x1d, 15];
    /// Extension: the names that the certificate is for
    SUBJECT_ALTERNATIVE_NAME = "2.5.29.17", &[0x55, 0x1d, 17];
    /// Extension: other names of the issuer
    ISSUER_ALTERNATIVE_NAME = "2.5.29.18", &[0x55, 0x1d, 18];
    /// Extension: whether it is a CA's, and how many CAs may follow
    BASIC_CONSTRAINTS = "2.5.29.19", &[0x55, 0x1d, 19];
    /// Extension: the names that a CA may vouch for
    NAME_CONSTRAINTS = "2.5.29.30", &[0x55, 0x1d, 30];
    /// Extension: where revocation lists are
    CRL_DISTRIBUTION_POINTS = "2.5.29.31", &[0x55, 0x1d, 31];
    /// Extension: under which policies it was issued
    CERTIFICATE_POLICIES = "2.5.29.32", &[0x55, 0x1d, 32];
    /// Extension: which policies of two domains are equal
    POLICY_MAPPINGS = "2.5.29.33", &[0x55, 0x1d, 33];
    /// Extension: which key signed this certificate
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35", &[0x55, 0x1d, 35];
    /// Extension: limits on policies below a CA
    POLICY_CONSTRAINTS = "2.5.29.36", &[0x55, 0x1d, 36];
    /// Extension: the purposes that the certificate is for
    EXTENDED_KEY_USAGE = "2.5.29.37", &[0x55, 0x1d, 37];
    /// Extension: where changes of revocation lists are
    FRESHEST_CRL = "2.5.29.46", &[0x55, 0x1d, 46];
    /// Extension: how far down anyPolicy counts
    INHIBIT_ANY_POLICY = "2.5.29.54", &[0x55, 0x1d, 54];
    /// Extension: where to ask about the certificate
    AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1", &[0x2b, 6, 1, 5, 5, 7, 1, 1];
    /// Extension of Netscape's: what the certificate is for
    NETSCAPE_CERT_TYPE = "2.16.840.1.113730.1.1", b"\x60\x86\x48\x01\x86\xf8\x42\x01\x01";
    /// Access method: the certificate of the issuer
    CA_ISSUERS = "1.3.6.1.5.5.7.48.2", &[0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    /// Purpose: TLS servers
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1", &[0x2b, 6, 1, 5, 5, 7, 3, 1];
    /// Purpose: any
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0", &[0x55, 0x1d, 37, 0];

    /// Key: RSA
    RSA = "1.2.840.113549.1.1.1", b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
    /// Key and signature: RSA with the padding of PSS
    RSA_PSS = "1.2.840.113549.1.1.10", b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
    /// Key: DSA
    DSA = "1.2.840.10040.4.1", &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
    /// Key: elliptic curve
    EC = "1.2.840.10045.2.1", &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    /// Key and signature: Ed25519
    ED25519 = "1.3.101.112", &[0x2b, 0x65, 0x70];
    /// Key and signature: Ed448
    ED448 = "1.3.101.113", &[0x2b, 0x65, 0x71];

    /// Curve: P-192
    P192 = "1.2.840.10045.3.1.1", &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1];
    /// Curve: P-256
    P256 = "1.2.840.10045.3.1.7", &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    /// Curve: P-384
    P384 = "1.3.132.0.34", &[0x2b, 0x81, 4, 0, 0x22];
    /// Curve: P-521
    P521 = "1.3.132.0.35", &[0x2b, 0x81, 4, 0, 0x23];
    /// Curve: secp256k1
    SECP256K1 = "1.3.132.0.10", &[0x2b, 0x81, 4, 0, 0x0a];
}

#[cfg(test)]
mod tests {
    use super::{ALL, Oid};

    #[test]
    fn constants_are_what_their_documentation_says() {
        for (dotted, oid) in ALL {
            assert_eq!(oid.to_string(), *dotted);
        }
    }

    #[test]
    fn large_and_damaged_numbers() {
        assert_eq!(Oid(&[0x88, 0x37, 3]).to_string(), "2.999.3");
        for damaged in [&[][..], &[0x55, 0x84], &[0xff; 30]] {
            assert_eq!(Oid(damaged).to_string(), crate::hex::encode(damaged));
        }
    }
}
