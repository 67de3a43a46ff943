//! The callbacks of a handshake: they record what the server presents and asks for, and accept
//! any chain. Judging comes later, once for each client.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme, sign};
use trust_stores::cert::Name;

/// What was seen of a server so far.
#[derive(Debug)]
pub(super) struct Observer {
    algorithms: WebPkiSupportedAlgorithms,
    chain: Mutex<Vec<Vec<u8>>>,
    requests_certificate: AtomicBool,
    accepted_cas: Mutex<Vec<Name>>,
}

impl Observer {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Observer {
            algorithms,
            chain: Mutex::default(),
            requests_certificate: AtomicBool::default(),
            accepted_cas: Mutex::default(),
        }
    }

    pub(super) fn chain(&self) -> Vec<Vec<u8>> {
        let chain = self.chain.lock();
        chain.map(|chain| chain.clone()).unwrap_or_default()
    }

    pub(super) fn requests_certificate(&self) -> bool {
        self.requests_certificate.load(Ordering::Relaxed)
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
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
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
