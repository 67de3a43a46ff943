//! Object identifiers, and those that certificates are read by.

use std::fmt;

use der::asn1::ObjectIdentifier;

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
        // The longest registered ones have about twenty bytes.
        const LONGEST: usize = 64;
        if let Some((start, 1..)) = self
            .0
            .split_at_checked(LONGEST)
            .map(|(start, rest)| (start, rest.len()))
        {
            return write!(f, "{}…", crate::hex::encode(start));
        }
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

/// Declares constants by their dotted form, which is also in their documentation.
macro_rules! oids {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $dotted:literal;)*) => {
        $(
            $(#[$meta])*
            #[doc = concat!("(`", $dotted, "`)")]
            $vis const $name: Oid<'static> = {
                const ID: &ObjectIdentifier = &ObjectIdentifier::new_unwrap($dotted);
                Oid(ID.as_bytes())
            };
        )*

        #[cfg(test)]
        const ALL: &[(&str, Oid<'static>)] = &[$(($dotted, $name)),*];
    };
}

oids! {
    /// Attribute of names: commonName
    pub COMMON_NAME = "2.5.4.3";
    /// Attribute of names: organizationName
    pub ORGANIZATION = "2.5.4.10";
    /// Attribute of names: organizationalUnitName
    pub ORGANIZATIONAL_UNIT = "2.5.4.11";

    /// Attribute of names: emailAddress
    pub EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

    /// Extension: which key this certificate has
    pub SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    /// Extension: what the key may do
    pub KEY_USAGE = "2.5.29.15";
    /// Extension: the names that the certificate is for
    pub SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    /// Extension: other names of the issuer
    pub ISSUER_ALTERNATIVE_NAME = "2.5.29.18";
    /// Extension: whether it is a CA's, and how many CAs may follow
    pub BASIC_CONSTRAINTS = "2.5.29.19";
    /// Extension: the names that a CA may vouch for
    pub NAME_CONSTRAINTS = "2.5.29.30";
    /// Extension: where revocation lists are
    pub CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// Extension: under which policies it was issued
    pub CERTIFICATE_POLICIES = "2.5.29.32";
    /// Extension: which policies of two domains are equal
    pub POLICY_MAPPINGS = "2.5.29.33";
    /// Extension: which key signed this certificate
    pub AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    /// Extension: limits on policies below a CA
    pub POLICY_CONSTRAINTS = "2.5.29.36";
    /// Extension: the purposes that the certificate is for
    pub EXTENDED_KEY_USAGE = "2.5.29.37";
    /// Extension: where changes of revocation lists are
    pub FRESHEST_CRL = "2.5.29.46";
    /// Extension: how far down anyPolicy counts
    pub INHIBIT_ANY_POLICY = "2.5.29.54";
    /// Extension: where to ask about the certificate
    pub AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// Extension: addresses that the certificate is for
    pub IP_ADDRESS_BLOCKS = "1.3.6.1.5.5.7.1.7";
    /// Extension: autonomous systems that the certificate is for
    pub AUTONOMOUS_SYSTEMS = "1.3.6.1.5.5.7.1.8";
    /// Extension of Netscape's: what the certificate is for
    pub NETSCAPE_CERT_TYPE = "2.16.840.1.113730.1.1";
    /// Access method: the certificate of the issuer
    pub CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    /// Purpose: TLS servers
    pub SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// Purpose: TLS servers with strong ciphers, as Microsoft called it
    pub MICROSOFT_SERVER_GATED = "1.3.6.1.4.1.311.10.3.3";
    /// Purpose: TLS servers with strong ciphers, as Netscape called it
    pub NETSCAPE_SERVER_GATED = "2.16.840.1.113730.4.1";
    /// Purpose: any
    pub ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";

    /// Key: RSA
    pub RSA = "1.2.840.113549.1.1.1";
    /// Key and signature: RSA with the padding of PSS
    pub RSA_PSS = "1.2.840.113549.1.1.10";
    /// Key: DSA
    pub DSA = "1.2.840.10040.4.1";
    /// Key: elliptic curve
    pub EC = "1.2.840.10045.2.1";
    /// Key and signature: Ed25519
    pub ED25519 = "1.3.101.112";
    /// Key and signature: Ed448
    pub ED448 = "1.3.101.113";

    /// Curve: P-192
    pub P192 = "1.2.840.10045.3.1.1";
    /// Curve: P-224
    pub P224 = "1.3.132.0.33";
    /// Curve: P-256
    pub P256 = "1.2.840.10045.3.1.7";
    /// Curve: P-384
    pub P384 = "1.3.132.0.34";
    /// Curve: P-521
    pub P521 = "1.3.132.0.35";
    /// Curve: secp256k1
    pub SECP256K1 = "1.3.132.0.10";
    /// Curve: brainpoolP256r1
    pub BRAINPOOL_P256R1 = "1.3.36.3.3.2.8.1.1.7";
    /// Curve: brainpoolP384r1
    pub BRAINPOOL_P384R1 = "1.3.36.3.3.2.8.1.1.11";
    /// Curve: brainpoolP512r1
    pub BRAINPOOL_P512R1 = "1.3.36.3.3.2.8.1.1.13";

    /// Mask generation function of PSS: MGF1
    pub(crate) MGF1 = "1.2.840.113549.1.1.8";

    /// Hash: SHA-1
    pub(crate) SHA_1 = "1.3.14.3.2.26";
    /// Hash: SHA-224
    pub(crate) SHA_224 = "2.16.840.1.101.3.4.2.4";
    /// Hash: SHA-256
    pub(crate) SHA_256 = "2.16.840.1.101.3.4.2.1";
    /// Hash: SHA-384
    pub(crate) SHA_384 = "2.16.840.1.101.3.4.2.2";
    /// Hash: SHA-512
    pub(crate) SHA_512 = "2.16.840.1.101.3.4.2.3";

    /// Hash: SHA-512/224
    pub(crate) SHA_512_224 = "2.16.840.1.101.3.4.2.5";
    /// Hash: SHA-512/256
    pub(crate) SHA_512_256 = "2.16.840.1.101.3.4.2.6";
    /// HMAC with SHA-1
    pub(crate) HMAC_WITH_SHA_1 = "1.2.840.113549.2.7";
    /// HMAC with SHA-224
    pub(crate) HMAC_WITH_SHA_224 = "1.2.840.113549.2.8";
    /// HMAC with SHA-256
    pub(crate) HMAC_WITH_SHA_256 = "1.2.840.113549.2.9";
    /// HMAC with SHA-384
    pub(crate) HMAC_WITH_SHA_384 = "1.2.840.113549.2.10";
    /// HMAC with SHA-512
    pub(crate) HMAC_WITH_SHA_512 = "1.2.840.113549.2.11";
    /// HMAC with SHA-512/224
    pub(crate) HMAC_WITH_SHA_512_224 = "1.2.840.113549.2.12";
    /// HMAC with SHA-512/256
    pub(crate) HMAC_WITH_SHA_512_256 = "1.2.840.113549.2.13";

    /// PKCS#7: octets
    pub(crate) DATA = "1.2.840.113549.1.7.1";
    /// PKCS#7: signatures and certificates
    pub(crate) SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// PKCS#7: encrypted with a password
    pub(crate) ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
    /// PKCS#5: key derivation by PBKDF2
    pub(crate) PBKDF2 = "1.2.840.113549.1.5.12";
    /// PKCS#5: encryption by PBES2
    pub(crate) PBES2 = "1.2.840.113549.1.5.13";
    /// PKCS#5: a MAC with a key by PBKDF2
    pub(crate) PBMAC1 = "1.2.840.113549.1.5.14";
    /// Key derivation by scrypt
    pub(crate) SCRYPT = "1.3.6.1.4.1.11591.4.11";
    /// Cipher: AES-128 in CBC mode
    pub(crate) AES_128_CBC = "2.16.840.1.101.3.4.1.2";
    /// Cipher: AES-192 in CBC mode
    pub(crate) AES_192_CBC = "2.16.840.1.101.3.4.1.22";
    /// Cipher: AES-256 in CBC mode
    pub(crate) AES_256_CBC = "2.16.840.1.101.3.4.1.42";
    /// Cipher: triple DES in CBC mode
    pub(crate) DES_EDE3_CBC = "1.2.840.113549.3.7";

    /// PKCS#12, bag: a private key
    pub(crate) KEY_BAG = "1.2.840.113549.1.12.10.1.1";
    /// PKCS#12, bag: an encrypted private key
    pub(crate) SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2";
    /// PKCS#12, bag: a certificate
    pub(crate) CERT_BAG = "1.2.840.113549.1.12.10.1.3";
    /// PKCS#12, bag: a revocation list
    pub(crate) CRL_BAG = "1.2.840.113549.1.12.10.1.4";
    /// PKCS#12, bag: a secret
    pub(crate) SECRET_BAG = "1.2.840.113549.1.12.10.1.5";
    /// PKCS#12, bag: more bags
    pub(crate) SAFE_CONTENTS_BAG = "1.2.840.113549.1.12.10.1.6";
    /// PKCS#12: the type of a certificate bag that holds X.509
    pub(crate) X509_CERTIFICATE = "1.2.840.113549.1.9.22.1";
    /// PKCS#12, attribute of bags: the name of the entry
    pub(crate) FRIENDLY_NAME = "1.2.840.113549.1.9.20";
    /// PKCS#12, attribute of bags: Oracle's mark of a trusted certificate; its values are what it is trusted for
    pub(crate) TRUSTED_KEY_USAGE = "2.16.840.1.113894.746875.1.1";
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
