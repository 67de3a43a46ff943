//! A store in: its certificates, and its keys as problems. A private key is never decrypted.
//!
//! Written here and not left to p12-keystore, which decrypts every key that it meets, fails as a
//! whole where one bag is odd, and passes unknown bags over in silence.

use der::asn1::{AnyRef, BmpString, ObjectIdentifier, OctetStringRef};
use der::{Decode, Tag, Tagged as _};
use pkcs5::pbes2;
use pkcs12::kdf::Pkcs12KeyType;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::cipher;
use super::{
    CERT_BAG, DATA, ENCRYPTED_DATA, FRIENDLY_NAME, SHA_1, SHA_256, TRUSTED_KEY_USAGE,
    X509_CERTIFICATE, derive_key, hmac,
};
use crate::asn1::{self, Fault};
use crate::formats::Password;
use crate::formats::der::{self as certificates, distrusts};
use crate::formats::{
    DecodeOptions, DecodedCertificate, Distrust, KeyEntries, Position, Problem, Section,
    SourceFormat, children, elements, octets,
};

const SIGNED_DATA: ObjectIdentifier = crate::formats::pkcs7::SIGNED_DATA;
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const SHA_224: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.4");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CRL_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.4");
const SECRET_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.5");
const SAFE_CONTENTS_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");

/// How deep safe contents may lie within each other.
const MAX_NESTING: usize = 4;

/// How many rounds of a hash all key derivations of one store may take together: under a second.
/// The largest counts in use ask for about half of it (600,000 of PBKDF2-HMAC-SHA-256).
const MAX_WORK: u64 = 2_500_000;

/// The memory that scrypt may take.
const MAX_SCRYPT_MEMORY: u64 = 32 << 20;

/// The certificates of the store `bytes`, and its keys as problems.
pub(in crate::formats) fn decode(bytes: &[u8], unlock: &DecodeOptions) -> Vec<Section> {
    let found = asn1::definite(bytes)
        .map_err(Fail::from)
        .and_then(|der| store(&der, unlock));
    match found {
        Ok(found) if found.is_empty() => {
            let problem = Problem::hinted(
                "a PKCS#12 store without any certificate",
                "see what is in it with: openssl pkcs12 -info -nokeys -in FILE",
            );
            vec![Section::problem(Position::Whole, problem)]
        }
        Ok(found) => found,
        Err(fail) => vec![Section::problem(Position::Whole, fail.into())],
    }
}

/// Why a store as a whole cannot be read.
enum Fail {
    Broken,
    TooDeep,
    /// Another file's structure.
    Other(&'static str),
    NeedsPassword,
    WrongPassword,
    /// An algorithm that is not known here.
    Algorithm(ObjectIdentifier),
    /// More rounds, or more memory, than any real store asks for.
    TooMuchWork,
}

impl From<der::Error> for Fail {
    fn from(_: der::Error) -> Self {
        Fail::Broken
    }
}

impl From<Fault> for Fail {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Broken => Fail::Broken,
            Fault::TooDeep => Fail::TooDeep,
        }
    }
}

impl From<Fail> for Problem {
    fn from(fail: Fail) -> Self {
        const AGAIN: &str = "copy the file again in binary mode, and compare its size";
        match fail {
            Fail::Broken => Problem::hinted("a PKCS#12 store that is cut short or damaged", AGAIN),
            Fail::TooDeep => {
                Problem::hinted("a PKCS#12 store nested deeper than any real one", AGAIN)
            }
            Fail::Other(what) => Problem::hinted(
                what,
                "export the store again with a password, or the certificates as PEM",
            ),
            Fail::NeedsPassword => Problem::NeedsPassword,
            Fail::WrongPassword => Problem::WrongPassword(SourceFormat::Pkcs12),
            Fail::Algorithm(id) => Problem::hinted(
                format!("the PKCS#12 store is encrypted with an algorithm not known here ({id})"),
                "take the certificates out as PEM: openssl pkcs12 -in FILE -nokeys -out ca.pem",
            ),
            Fail::TooMuchWork => Problem::hinted(
                "the PKCS#12 store asks for more rounds of key derivation than any real one",
                "export it again with a usual iteration count, such as 10,000",
            ),
        }
    }
}

/// What key derivation may still cost.
struct Work(u64);

impl Work {
    /// Pays for `iterations` of a derivation, each of `rounds` of a hash.
    fn spend(&mut self, iterations: u32, rounds: u64) -> Result<(), Fail> {
        let cost = u64::from(iterations).saturating_mul(rounds);
        self.0 = self.0.checked_sub(cost).ok_or(Fail::TooMuchWork)?;
        Ok(())
    }
}

/// A password in the two encodings that PKCS#12 derives keys from.
struct Candidate {
    /// UTF-16, big-endian, with its terminating NUL.
    utf16: Vec<u8>,
    utf8: Vec<u8>,
}

impl Candidate {
    fn new(password: &Password) -> Self {
        Candidate {
            utf16: password.bmp_string(),
            utf8: password.utf8().to_vec(),
        }
    }

    /// The passwords to try where none was given: none, the empty one (which tools encode in two
    /// ways) and keytool's.
    fn usual() -> [Self; 3] {
        [
            Candidate {
                utf16: Vec::new(),
                utf8: Vec::new(),
            },
            Candidate::new(&Password::new("")),
            Candidate::new(&Password::default()),
        ]
    }
}

fn store(der: &[u8], unlock: &DecodeOptions) -> Result<Vec<Section>, Fail> {
    let pfx = children(AnyRef::from_der(der)?)?;
    let (auth_safe, mac_data) = match pfx[..] {
        [_version, auth_safe] => (auth_safe, None),
        [_version, auth_safe, mac_data] => (auth_safe, Some(mac_data)),
        _ => return Err(Fail::Broken),
    };
    let (kind, content) = content_info(auth_safe)?;
    if kind == SIGNED_DATA {
        return Err(Fail::Other(
            "a PKCS#12 store protected by a signature instead of a password",
        ));
    }
    let content = octets(content.ok_or(Fail::Broken)?)?;
    let safes = children(AnyRef::from_der(content)?)?;
    let mut work = Work(MAX_WORK);
    let mac = mac_data.map(Integrity::read).transpose()?;
    let mut open = |candidate: &Candidate| -> Result<Vec<Section>, Fail> {
        if let Some(mac) = &mac
            && !mac.is_right(content, candidate, &mut work)?
        {
            return Err(Fail::WrongPassword);
        }
        bags_of(&safes, Some(candidate), &mut work, unlock)
    };
    if let Some(password) = &unlock.password {
        return open(&Candidate::new(password));
    }
    if !has_encrypted(&safes) {
        // A MAC proves nothing to one who has no password to check it with.
        return bags_of(&safes, None, &mut work, unlock);
    }
    for candidate in Candidate::usual() {
        match open(&candidate) {
            Err(Fail::WrongPassword) => {}
            outcome => return outcome,
        }
    }
    Err(Fail::NeedsPassword)
}

fn has_encrypted(safes: &[AnyRef<'_>]) -> bool {
    let mut safes = safes.iter().map(|safe| content_info(*safe));
    safes.any(|safe| safe.is_ok_and(|(kind, _)| kind == ENCRYPTED_DATA))
}

/// Whether a store hides its certificates from who has no password.
pub(in crate::formats) fn is_encrypted(bytes: &[u8]) -> bool {
    let read = |der: &[u8]| -> Result<bool, Fail> {
        let pfx = children(AnyRef::from_der(der)?)?;
        let (_, content) = content_info(*pfx.get(1).ok_or(Fail::Broken)?)?;
        let content = octets(content.ok_or(Fail::Broken)?)?;
        Ok(has_encrypted(&children(AnyRef::from_der(content)?)?))
    };
    let der = asn1::definite(bytes).map_err(Fail::from);
    der.and_then(|der| read(&der)).unwrap_or(false)
}

/// `ContentInfo`: what it is, and the content within its `[0] EXPLICIT`.
fn content_info(any: AnyRef<'_>) -> der::Result<(ObjectIdentifier, Option<AnyRef<'_>>)> {
    let fields = children(any)?;
    let [kind, content @ ..] = &fields[..] else {
        return Err(Tag::Sequence.value_error().into());
    };
    let content = content
        .first()
        .map(|explicit| AnyRef::from_der(explicit.value()))
        .transpose()?;
    Ok((kind.decode_as()?, content))
}

/// The MAC over a store, and what it takes to check it.
struct Integrity<'a> {
    algorithm: ObjectIdentifier,
    digest: &'a [u8],
    salt: &'a [u8],
    iterations: u32,
}

impl<'a> Integrity<'a> {
    /// `MacData`: `SEQUENCE { DigestInfo, salt, iterations DEFAULT 1 }`.
    fn read(mac_data: AnyRef<'a>) -> Result<Self, Fail> {
        let fields = children(mac_data)?;
        let (info, salt, iterations) = match fields[..] {
            [info, salt] => (info, salt, 1),
            [info, salt, iterations] => (info, salt, iterations_of(iterations)?),
            _ => return Err(Fail::Broken),
        };
        let [algorithm, digest] = children(info)?[..] else {
            return Err(Fail::Broken);
        };
        let algorithm = children(algorithm)?
            .first()
            .ok_or(Fail::Broken)?
            .decode_as()?;
        Ok(Integrity {
            algorithm,
            digest: octets(digest)?,
            salt: octets(salt)?,
            iterations,
        })
    }

    /// Whether `candidate` gives this MAC. One of another algorithm (PBMAC1, RFC 9579) is not
    /// checked: that the content decrypts must do.
    fn is_right(
        &self,
        content: &[u8],
        candidate: &Candidate,
        work: &mut Work,
    ) -> Result<bool, Fail> {
        macro_rules! mac {
            ($hash:ty, $length:literal) => {{
                work.spend(self.iterations, 1)?;
                let key = derive_key::<$hash>(
                    &candidate.utf16,
                    self.salt,
                    Pkcs12KeyType::Mac,
                    self.iterations,
                    $length,
                );
                hmac::<hmac::Hmac<$hash>>(&key, content)
            }};
        }
        let mac = match self.algorithm {
            SHA_1 => mac!(Sha1, 20),
            SHA_224 => mac!(Sha224, 28),
            SHA_256 => mac!(Sha256, 32),
            SHA_384 => mac!(Sha384, 48),
            SHA_512 => mac!(Sha512, 64),
            _ => return Ok(true),
        };
        Ok(mac.as_deref() == Some(self.digest))
    }
}

/// A count of iterations: at least 1, and no more than the format's signed integers hold.
fn iterations_of(any: AnyRef<'_>) -> Result<u32, Fail> {
    // More than 32 bits is no damage, but as hostile as the largest of them.
    let count = any.decode_as::<u32>().unwrap_or(u32::MAX);
    match count {
        0 => Err(Fail::Broken),
        1..=0x7fff_ffff => Ok(count),
        _ => Err(Fail::TooMuchWork),
    }
}

/// The bags of every safe, decrypted where need be.
fn bags_of(
    safes: &[AnyRef<'_>],
    candidate: Option<&Candidate>,
    work: &mut Work,
    unlock: &DecodeOptions,
) -> Result<Vec<Section>, Fail> {
    let mut bags = Bags {
        found: Vec::new(),
        seen: 0,
        key_entries: unlock.key_entries,
    };
    for safe in safes {
        let (kind, content) = content_info(*safe)?;
        let content = content.ok_or(Fail::Broken)?;
        match kind {
            DATA => bags.safe_contents(octets(content)?, 0)?,
            ENCRYPTED_DATA => {
                let candidate = candidate.ok_or(Fail::NeedsPassword)?;
                let plain = decrypt(content, candidate, work)?;
                // Under a wrong password the padding can be right by chance, the bags cannot.
                let plain = asn1::definite(&plain).map_err(|_| Fail::WrongPassword)?;
                bags.safe_contents(&plain, 0)?;
            }
            other => return Err(Fail::Algorithm(other)),
        }
    }
    Ok(bags.found)
}

/// `EncryptedData`, decrypted.
fn decrypt(data: AnyRef<'_>, candidate: &Candidate, work: &mut Work) -> Result<Vec<u8>, Fail> {
    let [_version, info, ..] = children(data)?[..] else {
        return Err(Fail::Broken);
    };
    let [_kind, algorithm, content] = children(info)?[..] else {
        return Err(Fail::Broken);
    };
    // [0] IMPLICIT OCTET STRING; in pieces where the writer streamed it.
    let joined;
    let content = if content.tag().is_constructed() {
        let pieces = elements(content.value())?;
        joined = pieces.iter().map(|piece| piece.value()).collect::<Vec<_>>();
        joined.concat()
    } else {
        content.value().to_vec()
    };
    let algorithm = children(algorithm)?;
    let [id, parameters] = algorithm[..] else {
        return Err(Fail::Broken);
    };
    let id: ObjectIdentifier = id.decode_as()?;
    if id == PBES2 {
        return decrypt_pbes2(parameters, &content, candidate, work);
    }
    let Some(scheme) = cipher::Scheme::of(id) else {
        return Err(Fail::Algorithm(id));
    };
    let [salt, iterations] = children(parameters)?[..] else {
        return Err(Fail::Broken);
    };
    let (salt, iterations) = (octets(salt)?, iterations_of(iterations)?);
    work.spend(iterations, scheme.rounds())?;
    scheme
        .decrypt(&candidate.utf16, salt, iterations, &content)
        .ok_or(Fail::WrongPassword)
}

/// The cipher that PBES2's parameters name.
fn scheme_of(parameters: AnyRef<'_>) -> Option<ObjectIdentifier> {
    let fields = children(parameters).ok()?;
    let scheme = children(*fields.get(1)?).ok()?;
    scheme.first()?.decode_as().ok()
}

fn decrypt_pbes2(
    parameters: AnyRef<'_>,
    content: &[u8],
    candidate: &Candidate,
    work: &mut Work,
) -> Result<Vec<u8>, Fail> {
    let unknown = || Fail::Algorithm(scheme_of(parameters).unwrap_or(PBES2));
    let parameters: pbes2::Parameters = parameters.decode_as().map_err(|_| unknown())?;
    match &parameters.kdf {
        pbes2::Kdf::Pbkdf2(kdf) => {
            if kdf.iteration_count == 0 {
                return Err(Fail::Broken);
            }
            // HMAC hashes twice, and two blocks of SHA-1 make a key of 32 bytes.
            let blocks = if kdf.prf == pbes2::Pbkdf2Prf::HmacWithSha1 {
                2
            } else {
                1
            };
            work.spend(kdf.iteration_count, 2 * blocks)?;
        }
        pbes2::Kdf::Scrypt(kdf) => {
            let memory = kdf
                .cost_parameter
                .saturating_mul(u64::from(kdf.block_size))
                .saturating_mul(128);
            if memory > MAX_SCRYPT_MEMORY || kdf.parallelization > 4 {
                return Err(Fail::TooMuchWork);
            }
            // As many rounds of SHA-256 as a kilobyte of it costs, and more.
            let rounds = u32::try_from(memory >> 10).unwrap_or(u32::MAX);
            work.spend(rounds, 8 * u64::from(kdf.parallelization))?;
        }
        _ => return Err(Fail::Algorithm(PBES2)),
    }
    parameters
        .decrypt(&candidate.utf8, content)
        .map_err(|_| Fail::WrongPassword)
}

/// Gathers what bags hold.
struct Bags {
    found: Vec<Section>,
    seen: usize,
    key_entries: KeyEntries,
}

impl Bags {
    fn safe_contents(&mut self, der: &[u8], depth: usize) -> Result<(), Fail> {
        if depth > MAX_NESTING {
            return Err(Fail::TooDeep);
        }
        for bag in children(AnyRef::from_der(der)?)? {
            let fields = children(bag)?;
            let [id, value, attributes @ ..] = &fields[..] else {
                return Err(Fail::Broken);
            };
            let id: ObjectIdentifier = id.decode_as()?;
            if id == SAFE_CONTENTS_BAG {
                self.safe_contents(value.value(), depth + 1)?;
                continue;
            }
            self.seen += 1;
            let attributes = attributes.first().copied();
            let alias = attribute(attributes, FRIENDLY_NAME).and_then(|name| {
                let name: BmpString = name.first()?.decode_as().ok()?;
                Some(name.to_string()).filter(|name| !name.is_empty())
            });
            let place = alias.map_or(Position::Entry(self.seen), |alias| {
                let short: String = alias.chars().take(crate::formats::LONGEST_ALIAS).collect();
                Position::Alias(short.into())
            });
            let content = match id {
                CERT_BAG => certificate(value.value(), attributes),
                KEY_BAG | SHROUDED_KEY_BAG | SECRET_BAG if self.key_entries == KeyEntries::Skip => {
                    continue;
                }
                KEY_BAG | SHROUDED_KEY_BAG => {
                    Err(Problem::key_entry("a key entry of a PKCS#12 store"))
                }
                SECRET_BAG => Err(Problem::key_entry("a secret key of a PKCS#12 store")),
                CRL_BAG => Err(Problem::revocation_list()),
                other => Err(Problem::malformed(format!("a bag of unknown type {other}"))),
            };
            self.found.push(Section {
                position: place,
                content,
            });
        }
        Ok(())
    }
}

/// `CertBag`: `SEQUENCE { type, [0] EXPLICIT OCTET STRING }`.
fn certificate(bag: &[u8], attributes: Option<AnyRef<'_>>) -> Result<DecodedCertificate, Problem> {
    let broken = |_| Problem::malformed("a certificate bag that is damaged");
    let fields = AnyRef::from_der(bag).and_then(children).map_err(broken)?;
    let [kind, value] = fields[..] else {
        return Err(Problem::malformed("a certificate bag that is damaged"));
    };
    if kind.decode_as() != Ok(X509_CERTIFICATE) {
        return Err(Problem::malformed("a certificate that is not X.509"));
    }
    let der = <&OctetStringRef>::from_der(value.value()).map_err(broken)?;
    let usages: Option<Vec<ObjectIdentifier>> = attribute(attributes, TRUSTED_KEY_USAGE)
        .map(|values| values.iter().filter_map(|v| v.decode_as().ok()).collect());
    let trusted_by_java = usages.is_some();
    Ok(DecodedCertificate {
        certificate: certificates::certificate(der.as_bytes())?,
        distrust: usages
            .filter(|usages| distrusts(usages))
            .map(|_| Distrust::OtherUsesInStore),
        trusted_by_java,
    })
}

/// The values of one attribute of a bag: `SET OF SEQUENCE { id, SET OF value }`.
fn attribute(attributes: Option<AnyRef<'_>>, id: ObjectIdentifier) -> Option<Vec<AnyRef<'_>>> {
    elements(attributes?.value())
        .ok()?
        .into_iter()
        .filter_map(|attribute| children(attribute).ok())
        .find_map(|fields| match fields[..] {
            [name, values] if name.decode_as() == Ok(id) => elements(values.value()).ok(),
            _ => None,
        })
}
