//! Opens a store: finds its password, checks its MAC, and hands its safes to [`Bags`].

use super::bags::Bags;
use super::decrypt::{Budget, decrypt};
use super::mac::MacHash;
use crate::asn1::primitive::unsigned;
use crate::asn1::{self, Element, Fault, tag};
use crate::cert::{Oid, oid};
use crate::formats::{DecodeOptions, Password, Position, Problem, Section, Sections, SourceFormat};

/// The certificates of the store `bytes`, and its keys as problems.
pub(in crate::formats) fn decode(bytes: &[u8], options: &DecodeOptions) -> Vec<Section> {
    let sections = asn1::to_definite(bytes)
        .map_err(|fault| Problem::container(SourceFormat::Pkcs12, fault))
        .and_then(|der| Store::read(&der)?.sections(options));
    let problem = match sections {
        Ok(sections) if !sections.is_empty() => return sections.into(),
        Ok(_) => Problem::EmptyStore(SourceFormat::Pkcs12),
        Err(problem) => problem,
    };
    vec![Section::problem(Position::Whole, problem)]
}

/// Whether a store hides its certificates from everyone without its password.
pub(in crate::formats) fn is_encrypted(bytes: &[u8]) -> bool {
    asn1::to_definite(bytes).is_ok_and(|der| {
        let store = Store::read(&der);
        store.is_ok_and(|store| store.is_encrypted())
    })
}

/// A store that is not what PKCS#12 says.
pub(super) fn damaged() -> Problem {
    Problem::container(SourceFormat::Pkcs12, Fault::Broken)
}

pub(super) const WRONG_PASSWORD: Problem = Problem::WrongPassword(SourceFormat::Pkcs12);

pub(super) fn unknown_algorithm(id: Oid<'_>) -> Problem {
    Problem::hinted(
        format!("the PKCS#12 store is encrypted with an unsupported algorithm ({id})"),
        "extract the certificates as PEM: openssl pkcs12 -in FILE -nokeys -out ca.pem",
    )
}

/// A store that asks for more rounds of key derivation, or more memory, than any real one.
pub(super) fn too_much_work() -> Problem {
    Problem::hinted(
        "the PKCS#12 store needs more rounds of key derivation than any real one",
        "export it again with a common iteration count, such as 10,000",
    )
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
    fn read(der: &'a [u8]) -> Result<Self, Problem> {
        let pfx = Element::whole(der).and_then(|pfx| pfx.sequence());
        let pfx = pfx.ok_or_else(damaged)?;
        let (auth_safe, mac) = match pfx[..] {
            [_version, auth_safe] => (auth_safe, None),
            [_version, auth_safe, mac] => (auth_safe, Some(mac)),
            _ => return Err(damaged()),
        };
        let auth_safe = ContentInfo::read(auth_safe).ok_or_else(damaged)?;
        if auth_safe.kind == oid::SIGNED_DATA {
            return Err(Problem::hinted(
                "the PKCS#12 store is protected by a signature instead of a password",
                "export the store again with a password, or export the certificates as PEM",
            ));
        }
        let authenticated = auth_safe
            .content
            .and_then(|data| data.octets())
            .ok_or_else(damaged)?;
        let safes = Element::whole(authenticated)
            .and_then(|safes| safes.sequence())
            .and_then(|safes| safes.into_iter().map(ContentInfo::read).collect())
            .ok_or_else(damaged)?;
        Ok(Store {
            authenticated,
            safes,
            mac: mac.map(MacData::read).transpose()?,
        })
    }

    fn is_encrypted(&self) -> bool {
        self.safes
            .iter()
            .any(|safe| safe.kind == oid::ENCRYPTED_DATA)
    }

    /// What it holds, opened with the password of `options` or, without one, the usual ones.
    fn sections(&self, options: &DecodeOptions) -> Result<Sections, Problem> {
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
                Err(WRONG_PASSWORD) => {}
                outcome => return outcome,
            }
        }
        Err(Problem::NeedsPassword)
    }

    fn open(
        &self,
        candidate: &Candidate,
        budget: &mut Budget,
        options: &DecodeOptions,
    ) -> Result<Sections, Problem> {
        if let Some(mac) = &self.mac
            && !mac.verifies(self.authenticated, candidate, budget)?
        {
            return Err(WRONG_PASSWORD);
        }
        self.bags(Some(candidate), budget, options)
    }

    /// The bags of every safe, decrypted if necessary.
    fn bags(
        &self,
        candidate: Option<&Candidate>,
        budget: &mut Budget,
        options: &DecodeOptions,
    ) -> Result<Sections, Problem> {
        let mut bags = Bags::new(options.key_entries);
        for safe in &self.safes {
            let content = safe.content.ok_or_else(damaged)?;
            match safe.kind {
                oid::DATA => bags.add(content.octets().ok_or_else(damaged)?)?,
                oid::ENCRYPTED_DATA => {
                    let candidate = candidate.ok_or(Problem::NeedsPassword)?;
                    let plain = decrypt(content, candidate, budget)?;
                    // Under a wrong password the padding can be right by chance, the bags cannot.
                    let plain = asn1::to_definite(&plain).map_err(|_| WRONG_PASSWORD)?;
                    bags.add(&plain)?;
                }
                other => return Err(unknown_algorithm(other)),
            }
        }
        Ok(bags.sections)
    }
}

/// `ContentInfo`: what something is, and the content within its `[0] EXPLICIT`.
struct ContentInfo<'a> {
    kind: Oid<'a>,
    content: Option<Element<'a>>,
}

impl<'a> ContentInfo<'a> {
    fn read(element: Element<'a>) -> Option<Self> {
        let fields = element.sequence()?;
        let (kind, rest) = fields.split_first()?;
        let content = match rest.first() {
            Some(explicit) => Some(Element::whole(explicit.content)?),
            None => None,
        };
        Some(ContentInfo {
            kind: kind.identifier()?,
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
    fn read(element: Element<'a>) -> Result<Self, Problem> {
        let fields = element.sequence().ok_or_else(damaged)?;
        let (info, salt, iterations) = match fields[..] {
            [info, salt] => (info, salt, 1),
            [info, salt, iterations] => (info, salt, iterations_of(iterations)?),
            _ => return Err(damaged()),
        };
        let read = || {
            let [algorithm, digest] = info.sequence()?.try_into().ok()?;
            let hash = MacHash::of(algorithm.sequence()?.first()?.identifier()?);
            Some((hash, digest.octets()?, salt.octets()?))
        };
        let (hash, digest, salt) = read().ok_or_else(damaged)?;
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
    ) -> Result<bool, Problem> {
        let Some(hash) = self.hash else {
            return Ok(true);
        };
        budget.spend(self.iterations, 1)?;
        let mac = hash.mac(&candidate.utf16, self.salt, self.iterations, content);
        Ok(mac == self.digest)
    }
}

/// A count of iterations: at least 1, and no more than the format's signed integers hold.
pub(super) fn iterations_of(element: Element<'_>) -> Result<u32, Problem> {
    let count = Some(element.content).filter(|_| element.tag == tag::INTEGER);
    match count.and_then(unsigned) {
        None | Some(0) => Err(damaged()),
        Some(count @ 1..=0x7fff_ffff) => Ok(count),
        Some(_) => Err(too_much_work()),
    }
}
