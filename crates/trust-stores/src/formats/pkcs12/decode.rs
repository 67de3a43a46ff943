//! Opens a store: finds its password, checks its MAC, and hands its safes to [`Bags`].

use std::borrow::Cow;

use super::bags::Bags;
use super::decrypt::EncryptedData;
use super::mac::MacData;
use crate::asn1::primitive::unsigned;
use crate::asn1::{BerElement, Fault, tag};
use crate::cert::{Oid, oid};
use crate::formats::derivation_budget::OverBudget;
use crate::formats::{
    DecodeOptions, Password, Position, Problem, Section, SourceFormat, check_end,
};

/// The certificates of the store that `bytes` start with, and its keys as problems.
pub(in crate::formats) fn decode(bytes: &[u8], options: &DecodeOptions) -> Vec<Section> {
    let (pfx, rest) = match BerElement::first(bytes) {
        Ok(found) => found,
        Err(fault) => {
            let problem = Problem::container(SourceFormat::Pkcs12, fault);
            return vec![Section::problem(Position::Whole, problem)];
        }
    };
    let sections = Store::read(pfx).and_then(|store| store.sections(options));
    let sections = sections.and_then(|sections| {
        let first = sections.first().map(|_| ());
        first.ok_or(Problem::EmptyStore(SourceFormat::Pkcs12))?;
        Ok(sections)
    });
    let sections =
        sections.unwrap_or_else(|problem| vec![Section::problem(Position::Whole, problem)]);
    check_end(sections, bytes, rest)
}

/// Whether a store hides its certificates from everyone without its password.
pub(in crate::formats) fn is_encrypted(bytes: &[u8]) -> bool {
    let store = BerElement::first(bytes).map(|(pfx, _)| Store::read(pfx));
    store.is_ok_and(|store| store.is_ok_and(|store| store.is_encrypted()))
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

/// A store that asks for more than is left of what key derivation may cost.
pub(super) fn too_much_work(over: OverBudget) -> Problem {
    match over {
        OverBudget::Store => Problem::hinted(
            "the PKCS#12 store needs more iterations of key derivation than any real one",
            "export it again with a common iteration count, such as 10,000",
        ),
        OverBudget::Run => Problem::hinted(
            "the PKCS#12 store needs more iterations of key derivation than are left for all stores of a run",
            "give the password with --ca-password-file, or export the stores again with a common iteration \
             count, such as 10,000",
        ),
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

    /// The passwords to try if none was given: keytool's, the empty one, and none, which PKCS#12's own
    /// derivation tells from the empty one.
    fn usual() -> [Self; 3] {
        [
            Candidate::new(&Password::default()),
            Candidate::new(&Password::new("")),
            Candidate {
                utf16: Vec::new(),
                utf8: Vec::new(),
            },
        ]
    }
}

/// `PFX`: the safes of a store, and the MAC over them.
struct Store<'a> {
    /// The encoding of the safes, which the MAC is over.
    authenticated: Cow<'a, [u8]>,
    mac: Option<BerElement<'a>>,
    /// The fields that hold nothing which a reader needs.
    unread: Vec<BerElement<'a>>,
}

impl<'a> Store<'a> {
    fn read(pfx: BerElement<'a>) -> Result<Self, Problem> {
        let fields = pfx.sequence().map_err(faulty)?;
        let [version, auth_safe, more @ ..] = &fields[..] else {
            return Err(damaged());
        };
        let ContentInfo {
            kind,
            content,
            unread,
        } = ContentInfo::read(*auth_safe).ok_or_else(damaged)?;
        if kind == oid::SIGNED_DATA {
            return Err(Problem::hinted(
                "the PKCS#12 store is protected by a signature instead of a password, which neither \
                 OpenSSL nor Java reads",
                "export the store again with a password, or export the certificates as PEM",
            ));
        }
        let content = content.ok_or_else(damaged)?;
        Ok(Store {
            authenticated: content.octets().map_err(faulty)?,
            mac: more.first().copied(),
            unread: [&[*version], more, &unread].concat(),
        })
    }

    /// Its safes, which are BER in an encoding of their own.
    fn safes(&self) -> Result<Vec<ContentInfo<'_>>, Problem> {
        let safes = BerElement::whole(&self.authenticated).and_then(|safes| safes.sequence());
        let safes = safes.map_err(faulty)?.into_iter().map(ContentInfo::read);
        safes.collect::<Option<_>>().ok_or_else(damaged)
    }

    fn is_encrypted(&self) -> bool {
        self.safes().is_ok_and(|safes| {
            let mut kinds = safes.iter().map(|safe| safe.kind);
            kinds.any(|kind| kind == oid::ENCRYPTED_DATA)
        })
    }

    /// What it holds, opened with the password of `options` or, without one, the usual ones.
    fn sections(&self, options: &DecodeOptions) -> Result<Vec<Section>, Problem> {
        if let Some(password) = &options.password {
            return self.open(&Candidate::new(password), options);
        }
        let safes = self.safes()?;
        if !safes.iter().any(|safe| safe.kind == oid::ENCRYPTED_DATA) {
            // A MAC proves nothing without a password to check it with.
            return self.bags(None, options);
        }
        // Only PKCS#12's own derivation tells no password from the empty one.
        let is_utf8 = |safe: &ContentInfo<'_>| {
            let data = safe.content.and_then(EncryptedData::read);
            data.is_none_or(|data| data.algorithm.id == oid::PBES2)
        };
        let mac = self.mac.and_then(MacData::read);
        let is_one = mac.is_none_or(|mac| mac.is_pbmac1()) && safes.iter().all(is_utf8);
        for candidate in Candidate::usual().iter().take(if is_one { 2 } else { 3 }) {
            match self.open(candidate, options) {
                Err(WRONG_PASSWORD) => {}
                outcome => return outcome,
            }
        }
        Err(Problem::NeedsPassword)
    }

    fn open(
        &self,
        candidate: &Candidate,
        options: &DecodeOptions,
    ) -> Result<Vec<Section>, Problem> {
        if let Some(mac) = self.mac {
            let mac = MacData::read(mac).ok_or_else(damaged)?;
            if !mac.verifies(&self.authenticated, candidate, &options.budget)? {
                return Err(WRONG_PASSWORD);
            }
        }
        self.bags(Some(candidate), options)
    }

    /// The bags of every safe, decrypted if necessary.
    fn bags(
        &self,
        candidate: Option<&Candidate>,
        options: &DecodeOptions,
    ) -> Result<Vec<Section>, Problem> {
        let mut bags = Bags::new(options.key_entries);
        bags.search(&self.unread);
        for safe in self.safes()? {
            bags.search(&safe.unread);
            let content = safe.content.ok_or_else(damaged)?;
            match safe.kind {
                oid::DATA => bags.add(&content.octets().map_err(faulty)?)?,
                oid::ENCRYPTED_DATA => {
                    let candidate = candidate.ok_or(Problem::NeedsPassword)?;
                    let data = EncryptedData::read(content).ok_or_else(damaged)?;
                    bags.search(&data.unread);
                    let plain = data.decrypt(candidate, &options.budget)?;
                    // Under a wrong password the padding can be right by chance, the bags cannot.
                    if BerElement::whole(&plain)
                        .and_then(|bags| bags.sequence())
                        .is_err()
                    {
                        return Err(WRONG_PASSWORD);
                    }
                    bags.add(&plain)?;
                }
                other => return Err(unknown_algorithm(other)),
            }
        }
        Ok(bags.sections())
    }
}

/// `ContentInfo`: what something is, and the content within its `[0] EXPLICIT`.
struct ContentInfo<'a> {
    kind: Oid<'a>,
    content: Option<BerElement<'a>>,
    /// The fields that it should not have.
    unread: Vec<BerElement<'a>>,
}

impl<'a> ContentInfo<'a> {
    fn read(element: BerElement<'a>) -> Option<Self> {
        let fields = element.sequence().ok()?;
        let (kind, rest) = fields.split_first()?;
        let mut content = Vec::new();
        if let Some(explicit) = rest.first() {
            content = explicit.children().ok()?;
        }
        let mut unread = rest.get(1..).unwrap_or_default().to_vec();
        unread.extend(content.iter().skip(1));
        Some(ContentInfo {
            kind: kind.identifier()?,
            content: content.first().copied(),
            unread,
        })
    }
}

/// What a fault in the encoding means for the store.
fn faulty(fault: Fault) -> Problem {
    Problem::container(SourceFormat::Pkcs12, fault)
}

/// A count of iterations: at least 1, and no more than the format's signed integers hold.
pub(super) fn iterations_of(element: BerElement<'_>) -> Result<u32, Problem> {
    let count = Some(element.content).filter(|_| element.tag == tag::INTEGER);
    match count.and_then(unsigned) {
        None | Some(0) => Err(damaged()),
        Some(count @ 1..=0x7fff_ffff) => Ok(count),
        Some(_) => Err(too_much_work(OverBudget::Store)),
    }
}
