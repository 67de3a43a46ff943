//! Opens a store: finds its password, checks its MAC, and hands its safes to [`Bags`].

use der::asn1::ObjectIdentifier;

use super::bags::Bags;
use super::decrypt::{Budget, decrypt};
use super::mac::MacHash;
use super::{DATA, ENCRYPTED_DATA, SIGNED_DATA};
use crate::asn1::primitive::unsigned;
use crate::asn1::{self, Element, Fault, tag};
use crate::formats::{
    DecodeOptions, Password, Position, Problem, Section, SourceFormat, children, object_identifier,
    octets,
};

/// The certificates of the store `bytes`, and its keys as problems.
pub(in crate::formats) fn decode(bytes: &[u8], options: &DecodeOptions) -> Vec<Section> {
    let sections = asn1::definite(bytes)
        .map_err(Failure::from)
        .and_then(|der| Store::read(&der)?.sections(options));
    let problem = match sections {
        Ok(sections) if !sections.is_empty() => return sections,
        Ok(_) => Problem::hinted(
            "the PKCS#12 store holds no certificate",
            "see what is in it with: openssl pkcs12 -info -nokeys -in FILE",
        ),
        Err(failure) => failure.into(),
    };
    vec![Section::problem(Position::Whole, problem)]
}

/// Whether a store hides its certificates from everyone without its password.
pub(in crate::formats) fn is_encrypted(bytes: &[u8]) -> bool {
    asn1::definite(bytes).is_ok_and(|der| {
        let store = Store::read(&der);
        store.is_ok_and(|store| store.is_encrypted())
    })
}

/// Why a store as a whole cannot be read.
#[derive(Debug)]
pub(super) enum Failure {
    Damaged,
    TooDeep,
    /// Its integrity is protected by a signature.
    Signed,
    NeedsPassword,
    WrongPassword,
    UnknownAlgorithm(ObjectIdentifier),
    /// It asks for more rounds of key derivation, or more memory, than any real store.
    TooMuchWork,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Broken => Failure::Damaged,
            Fault::TooDeep => Failure::TooDeep,
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        const COPY: &str = "copy the file again in binary mode, and compare its size";
        match failure {
            Failure::Damaged => Problem::hinted("the PKCS#12 store is cut short or damaged", COPY),
            Failure::TooDeep => Problem::hinted(
                "the PKCS#12 store is nested more deeply than any real one",
                COPY,
            ),
            Failure::Signed => Problem::hinted(
                "the PKCS#12 store is protected by a signature instead of a password",
                "export the store again with a password, or export the certificates as PEM",
            ),
            Failure::NeedsPassword => Problem::NeedsPassword,
            Failure::WrongPassword => Problem::WrongPassword(SourceFormat::Pkcs12),
            Failure::UnknownAlgorithm(id) => Problem::hinted(
                format!("the PKCS#12 store is encrypted with an unsupported algorithm ({id})"),
                "extract the certificates as PEM: openssl pkcs12 -in FILE -nokeys -out ca.pem",
            ),
            Failure::TooMuchWork => Problem::hinted(
                "the PKCS#12 store needs more rounds of key derivation than any real one",
                "export it again with a common iteration count, such as 10,000",
            ),
        }
    }
}

/// A password in the two encodings that PKCS#12 derives keys from.
pub(super) struct Candidate {
    /// UTF-16, big-endian, with its terminating NUL.
    pub(super) utf16: Vec<u8>,
    pub(super) utf8: Vec<u8>,
}

impl Candidate {
    fn new(password: &Password) -> Self {
        Candidate {
            utf16: password.bmp_string(),
            utf8: password.utf8().to_vec(),
        }
    }

    /// The passwords to try if none was given: none, the empty one (which tools encode in two ways),
    /// and keytool's.
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

/// `PFX`: the safes of a store, and the MAC over them.
struct Store<'a> {
    /// The encoding of the safes, which the MAC is over.
    authenticated: &'a [u8],
    safes: Vec<ContentInfo<'a>>,
    mac: Option<MacData<'a>>,
}

impl<'a> Store<'a> {
    fn read(der: &'a [u8]) -> Result<Self, Failure> {
        let pfx = Element::whole(der)
            .and_then(children)
            .ok_or(Failure::Damaged)?;
        let (auth_safe, mac) = match pfx[..] {
            [_version, auth_safe] => (auth_safe, None),
            [_version, auth_safe, mac] => (auth_safe, Some(mac)),
            _ => return Err(Failure::Damaged),
        };
        let auth_safe = ContentInfo::read(auth_safe).ok_or(Failure::Damaged)?;
        if auth_safe.kind == SIGNED_DATA {
            return Err(Failure::Signed);
        }
        let authenticated = auth_safe.content.and_then(octets).ok_or(Failure::Damaged)?;
        let safes = Element::whole(authenticated)
            .and_then(children)
            .and_then(|safes| safes.into_iter().map(ContentInfo::read).collect())
            .ok_or(Failure::Damaged)?;
        Ok(Store {
            authenticated,
            safes,
            mac: mac.map(MacData::read).transpose()?,
        })
    }

    fn is_encrypted(&self) -> bool {
        self.safes.iter().any(|safe| safe.kind == ENCRYPTED_DATA)
    }

    /// What it holds, opened with the password of `options` or, without one, the usual ones.
    fn sections(&self, options: &DecodeOptions) -> Result<Vec<Section>, Failure> {
        let mut budget = Budget::default();
        if let Some(password) = &options.password {
            return self.open(&Candidate::new(password), &mut budget, options);
        }
        if !self.is_encrypted() {
            // A MAC proves nothing without a password to check it with.
            return self.bags(None, &mut budget, options);
        }
        for candidate in Candidate::usual() {
            match self.open(&candidate, &mut budget, options) {
                Err(Failure::WrongPassword) => {}
                outcome => return outcome,
            }
        }
        Err(Failure::NeedsPassword)
    }

    fn open(
        &self,
        candidate: &Candidate,
        budget: &mut Budget,
        options: &DecodeOptions,
    ) -> Result<Vec<Section>, Failure> {
        if let Some(mac) = &self.mac
            && !mac.verifies(self.authenticated, candidate, budget)?
        {
            return Err(Failure::WrongPassword);
        }
        self.bags(Some(candidate), budget, options)
    }

    /// The bags of every safe, decrypted if necessary.
    fn bags(
        &self,
        candidate: Option<&Candidate>,
        budget: &mut Budget,
        options: &DecodeOptions,
    ) -> Result<Vec<Section>, Failure> {
        let mut bags = Bags::new(options.key_entries);
        for safe in &self.safes {
            let content = safe.content.ok_or(Failure::Damaged)?;
            match safe.kind {
                DATA => bags.add(octets(content).ok_or(Failure::Damaged)?)?,
                ENCRYPTED_DATA => {
                    let candidate = candidate.ok_or(Failure::NeedsPassword)?;
                    let plain = decrypt(content, candidate, budget)?;
                    // Under a wrong password the padding can be right by chance, the bags cannot.
                    let plain = asn1::definite(&plain).map_err(|_| Failure::WrongPassword)?;
                    bags.add(&plain)?;
                }
                other => return Err(Failure::UnknownAlgorithm(other)),
            }
        }
        Ok(bags.sections)
    }
}

/// `ContentInfo`: what something is, and the content within its `[0] EXPLICIT`.
struct ContentInfo<'a> {
    kind: ObjectIdentifier,
    content: Option<Element<'a>>,
}

impl<'a> ContentInfo<'a> {
    fn read(element: Element<'a>) -> Option<Self> {
        let fields = children(element)?;
        let (kind, rest) = fields.split_first()?;
        let content = match rest.first() {
            Some(explicit) => Some(Element::whole(explicit.content)?),
            None => None,
        };
        Some(ContentInfo {
            kind: object_identifier(*kind)?,
            content,
        })
    }
}

/// `MacData`: the MAC over a store, and what it takes to check it.
struct MacData<'a> {
    /// `None` for another algorithm than HMAC with a known hash.
    hash: Option<MacHash>,
    digest: &'a [u8],
    salt: &'a [u8],
    iterations: u32,
}

impl<'a> MacData<'a> {
    /// `SEQUENCE { DigestInfo, salt, iterations DEFAULT 1 }`.
    fn read(element: Element<'a>) -> Result<Self, Failure> {
        let fields = children(element).ok_or(Failure::Damaged)?;
        let (info, salt, iterations) = match fields[..] {
            [info, salt] => (info, salt, 1),
            [info, salt, iterations] => (info, salt, iterations_of(iterations)?),
            _ => return Err(Failure::Damaged),
        };
        let read = || {
            let [algorithm, digest] = children(info)?.try_into().ok()?;
            let hash = MacHash::of(object_identifier(*children(algorithm)?.first()?)?);
            Some((hash, octets(digest)?, octets(salt)?))
        };
        let (hash, digest, salt) = read().ok_or(Failure::Damaged)?;
        Ok(MacData {
            hash,
            digest,
            salt,
            iterations,
        })
    }

    /// Whether `candidate` gives this MAC. One of an unknown algorithm (PBMAC1, RFC 9579) is not
    /// checked: that the content decrypts is proof enough.
    fn verifies(
        &self,
        content: &[u8],
        candidate: &Candidate,
        budget: &mut Budget,
    ) -> Result<bool, Failure> {
        let Some(hash) = self.hash else {
            return Ok(true);
        };
        budget.spend(self.iterations, 1)?;
        let mac = hash.mac(&candidate.utf16, self.salt, self.iterations, content);
        Ok(mac == self.digest)
    }
}

/// A count of iterations: at least 1, and no more than the format's signed integers hold.
pub(super) fn iterations_of(element: Element<'_>) -> Result<u32, Failure> {
    let count = Some(element.content).filter(|_| element.tag == tag::INTEGER);
    match count.and_then(unsigned) {
        None | Some(0) => Err(Failure::Damaged),
        Some(count @ 1..=0x7fff_ffff) => Ok(count),
        Some(_) => Err(Failure::TooMuchWork),
    }
}
