//! The callbacks of a handshake: they record what the server presents and asks for, and accept
//! any chain. Judging comes later, once for each client.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme, sign,
};
use trust_stores::Certificate;
use trust_stores::cert::Name;

use super::TlsVersion;
use super::scheme::{self, SCHEMES};
use crate::signature::Signature;

/// What was seen of a server so far.
#[derive(Debug, Default)]
pub(super) struct Observer {
    chain: Mutex<Vec<Vec<u8>>>,
    requests_certificate: AtomicBool,
    is_signed: AtomicBool,
    accepted_cas: Mutex<Vec<Name>>,
}

impl Observer {
    pub(super) fn chain(&self) -> Vec<Vec<u8>> {
        let chain = self.chain.lock();
        chain.map(|chain| chain.clone()).unwrap_or_default()
    }

    pub(super) fn requests_certificate(&self) -> bool {
        self.requests_certificate.load(Ordering::Relaxed)
    }

    /// Whether the key of its certificate signed the handshake.
    pub(super) fn is_signed(&self) -> bool {
        self.is_signed.load(Ordering::Relaxed)
    }

    fn signed_by(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
        version: TlsVersion,
    ) -> Result<HandshakeSignatureValid, Error> {
        let valid = verify(message, certificate, signed, version)?;
        self.is_signed.store(true, Ordering::Relaxed);
        Ok(valid)
    }

    pub(super) fn accepted_cas(&self) -> Vec<Name> {
        let names = self.accepted_cas.lock();
        names.map(|names| names.clone()).unwrap_or_default()
    }
}

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut chain) = self.chain.lock() {
            let sent = std::iter::once(own).chain(others);
            *chain = sent.map(|certificate| certificate.to_vec()).collect();
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed_by(message, certificate, signed, TlsVersion::Tls12)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed_by(message, certificate, signed, TlsVersion::Tls13)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        SCHEMES.to_vec()
    }
}

impl ResolvesClientCert for Observer {
    fn resolve(&self, cas: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<sign::CertifiedKey>> {
        self.requests_certificate.store(true, Ordering::Relaxed);
        if let Ok(mut names) = self.accepted_cas.lock() {
            *names = cas.iter().copied().filter_map(Name::from_der).collect();
        }
        None
    }

    fn has_certs(&self) -> bool {
        // Otherwise `resolve` is not called.
        true
    }
}

/// Whether the server has the key of its certificate. rustls would ask webpki, which knows fewer keys and
/// reads fewer certificates than clients do.
fn verify(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    version: TlsVersion,
) -> Result<HandshakeSignatureValid, Error> {
    let leaf = Certificate::from_der(certificate.to_vec())
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    match scheme::verify(message, &leaf, signed.scheme, signed.signature(), version) {
        Signature::Good => Ok(HandshakeSignatureValid::assertion()),
        Signature::Bad => Err(Error::InvalidCertificate(CertificateError::BadSignature)),
        // Said as what we do not support; clients may.
        Signature::Unknown => Err(Error::PeerIncompatible(
            PeerIncompatible::NoSignatureSchemesInCommon,
        )),
    }
}
