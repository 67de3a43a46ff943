//! What a server says before anything is encrypted: in TLS 1.2 all up to `ServerHelloDone`, in TLS 1.3
//! only its hello.

use rustls::SignatureScheme;
use trust_stores::Certificate;
use trust_stores::cert::Name;

use super::scheme::{self, SCHEMES};
use super::suites::{CipherSuite, Group};
use super::{HandshakeFailure, TlsVersion};
use crate::signature::Signature;

// Record types.
const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;

// Types of handshake messages.
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const CERTIFICATE_STATUS: u8 = 22;

// Extensions of a ServerHello (RFC 8446, RFC 5746).
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// Larger than any flight: a server may not fill the memory.
const MAX_MESSAGES: usize = 1 << 20;

/// The first flight of a server, as far as it is readable.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// Messages that are not complete yet.
    pending: Vec<u8>,
    /// How much came in all.
    length: usize,
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) version: Option<TlsVersion>,
    pub(super) suite: Option<CipherSuite>,
    pub(super) group: Option<Group>,
    /// The number of the scheme (RFC 8446, section 4.2.3) by which it signed its part of the keys.
    pub(super) signature_scheme: Option<u16>,
    /// The random bytes of its hello.
    server_random: Vec<u8>,
    /// Its part of the keys, as it signed them, and the signature.
    signed: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether its hello has the extension of RFC 5746.
    pub(super) has_renegotiation_info: bool,
    /// Whether it asks for a client certificate.
    pub(super) requests_certificate: bool,
    /// By which CAs that may be issued.
    pub(super) accepted_cas: Vec<Name>,
    /// The alert with which it ended.
    pub(super) failure: Option<HandshakeFailure>,
}

impl Flight {
    /// From a copy of what came, to the first record that is encrypted, or cut off.
    pub(super) fn of(mut bytes: &[u8]) -> Self {
        let mut flight = Flight::default();
        while let Some((header, rest)) = bytes.split_at_checked(5) {
            let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
            let Some((record, rest)) = rest.split_at_checked(length) else {
                break;
            };
            if !flight.take(header[0], record) {
                break;
            }
            bytes = rest;
        }
        flight
    }

    /// Reads one more record; whether another is to be expected.
    pub(super) fn take(&mut self, kind: u8, record: &[u8]) -> bool {
        match kind {
            HANDSHAKE => {}
            ALERT => {
                let description = record.get(1).copied();
                self.failure = description.map(|number| HandshakeFailure::Alert(alert(number)));
                return false;
            }
            _ => return false,
        }
        self.length += record.len();
        self.pending.extend(record);
        let pending = std::mem::take(&mut self.pending);
        let mut left = pending.as_slice();
        while let Some((kind, body, rest)) = message(left) {
            if !self.message(kind, body) {
                return false;
            }
            left = rest;
        }
        self.pending = left.to_vec();
        self.length < MAX_MESSAGES
    }

    /// Reads one message; whether another is to be expected.
    fn message(&mut self, kind: u8, body: &[u8]) -> bool {
        match kind {
            SERVER_HELLO => {
                // Where it is cut off, what came before that counts.
                let _ = self.hello(body);
                // What follows in TLS 1.3 is encrypted, or answers our next hello.
                self.version < Some(TlsVersion::Tls13)
            }
            CERTIFICATE => {
                self.chain = certificates(body);
                true
            }
            SERVER_KEY_EXCHANGE => {
                let _ = self.key_exchange(body);
                true
            }
            CERTIFICATE_REQUEST => {
                self.requests_certificate = true;
                let names = accepted_cas(body, self.version);
                self.accepted_cas = names.unwrap_or_default();
                true
            }
            CERTIFICATE_STATUS => true,
            _ => false,
        }
    }

    fn hello(&mut self, body: &[u8]) -> Option<()> {
        let mut fields = Fields(body);
        self.version = version(fields.take(2)?);
        self.server_random = fields.take(32)?.to_vec();
        fields.sized(1)?;
        self.suite = Some(CipherSuite(fields.number()?));
        fields.take(1)?;
        let mut extensions = Fields(fields.sized(2)?);
        loop {
            let (kind, content) = (extensions.number()?, extensions.sized(2)?);
            match kind {
                SUPPORTED_VERSIONS => self.version = version(content).or(self.version),
                // The group comes first, with or without a key behind it.
                KEY_SHARE => self.group = Fields(content).number().map(Group::Named),
                RENEGOTIATION_INFO => self.has_renegotiation_info = true,
                _ => {}
            }
        }
    }

    /// The parameters of ECDHE (RFC 8422, section 5.4) or DHE (RFC 5246, section 7.4.3), and the
    /// scheme of the signature on them.
    fn key_exchange(&mut self, body: &[u8]) -> Option<()> {
        const NAMED_CURVE: u8 = 3;
        let mut fields = Fields(body);
        let suite = self.suite?.name()?;
        if suite.starts_with("ECDHE") {
            if fields.take(1)? != [NAMED_CURVE] {
                return None;
            }
            self.group = Some(Group::Named(fields.number()?));
            fields.sized(1)?;
        } else if suite.starts_with("DHE") {
            let prime = fields.sized(2)?;
            self.group = Some(Group::DiffieHellman(bits(prime)));
            fields.sized(2)?;
            fields.sized(2)?;
        } else {
            return None;
        }
        let parameters = &body[..body.len() - fields.0.len()];
        if self.version == Some(TlsVersion::Tls12) {
            self.signature_scheme = Some(fields.number()?);
            self.signed = Some((parameters.to_vec(), fields.sized(2)?.to_vec()));
        }
        Some(())
    }

    /// Whether the key of its certificate made its signature on its part of the keys, which covers
    /// the random bytes of both hellos (RFC 5246, section 7.4.3); nothing if that is not known.
    pub(super) fn is_signed(&self, client_random: &[u8]) -> Option<bool> {
        let leaf = Certificate::from_der(self.chain.first()?.clone()).ok()?;
        let scheme = SignatureScheme::from(self.signature_scheme?);
        if !SCHEMES.contains(&scheme) {
            return None;
        }
        let (parameters, signature) = self.signed.as_ref()?;
        let message = [client_random, &self.server_random, parameters].concat();
        match scheme::verify(&message, &leaf, scheme, signature, TlsVersion::Tls12) {
            Signature::Good => Some(true),
            Signature::Bad => Some(false),
            Signature::Unknown => None,
        }
    }
}

/// The length of a number in bits.
fn bits(number: &[u8]) -> u16 {
    let leading = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[leading..];
    let zeros = number.first().map_or(0, |byte| byte.leading_zeros());
    let bits = number.len() * 8 - zeros as usize;
    u16::try_from(bits).unwrap_or(u16::MAX)
}

fn version(number: &[u8]) -> Option<TlsVersion> {
    match number {
        [3, 0] => Some(TlsVersion::Ssl3),
        [3, 1] => Some(TlsVersion::Tls10),
        [3, 2] => Some(TlsVersion::Tls11),
        [3, 3] => Some(TlsVersion::Tls12),
        [3, 4] => Some(TlsVersion::Tls13),
        _ => None,
    }
}

/// The name of an alert, as rustls spells it.
fn alert(number: u8) -> String {
    format!("{:?}", rustls::AlertDescription::from(number))
}

/// The first message: its type, its body, and what follows.
fn message(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let mut fields = Fields(rest);
    let body = fields.sized(3)?;
    Some((*kind, body, fields.0))
}

/// The list of a Certificate message (RFC 5246, section 7.4.2).
fn certificates(body: &[u8]) -> Vec<Vec<u8>> {
    let mut list = Fields(body.get(3..).unwrap_or_default());
    std::iter::from_fn(|| list.sized(3).map(<[u8]>::to_vec)).collect()
}

/// The names in a `CertificateRequest` (RFC 5246, section 7.4.4), up to the first that cannot be read.
fn accepted_cas(body: &[u8], version: Option<TlsVersion>) -> Option<Vec<Name>> {
    let mut fields = Fields(body);
    fields.sized(1)?;
    if version == Some(TlsVersion::Tls12) {
        fields.sized(2)?;
    }
    let mut names = Fields(fields.sized(2)?);
    let names = std::iter::from_fn(|| names.sized(2)).map_while(Name::from_der);
    Some(names.collect())
}

/// The fields of a message, read from its start.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    fn number(&mut self) -> Option<u16> {
        let field = self.take(2)?;
        Some(u16::from_be_bytes([field[0], field[1]]))
    }

    /// A field after its length, which takes this many bytes.
    fn sized(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let length = self.take(bytes)?.iter();
        self.take(length.fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }
}
