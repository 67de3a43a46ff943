//! What a hostile server may send: the plain part of a handshake of TLS 1.2, or certificates in any
//! form, judged by the rules of each client.
#![no_main]

use std::io::{self, Read, Write};
use std::sync::Arc;

use trust_stores::{Certificate, DecodeOptions, Timestamp};
use trust_doctor::handshake::{Offers, plain_handshake};
use trust_doctor::path::PathBuilder;
use trust_doctor::{Client, Outcome, Rules};

/// A server that says what it says, whatever it hears.
struct Server<'a>(&'a [u8]);

impl Read for Server<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Server<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let host = "login.example.com";
    let at: Timestamp = "2026-11-21".parse().unwrap();
    let presented = plain_handshake(&mut Server(bytes), host, Offers::Everything);
    let presented = presented.unwrap_or_default();
    let sent = presented.chain.into_iter();
    let sent = sent.filter_map(|der| Certificate::from_der(der).ok());
    let found = trust_stores::decode(bytes, &DecodeOptions::default()).into_iter();
    let found = found.filter_map(|found| Some(found.content.ok()?.certificate));
    let known: Vec<Arc<Certificate>> = sent.map(Arc::new).chain(found).take(12).collect();
    let chain: Vec<Certificate> = known.iter().map(|one| Certificate::clone(one)).collect();
    let rules = Client::ALL.into_iter().map(Rules::of);
    for rules in rules.chain([Rules::strict(Client::Requests)]) {
        let judge = |anchors: &[Arc<Certificate>]| {
            PathBuilder { rules, anchors, chain: &chain, host, at }.judge()
        };
        assert!(matches!(judge(&[]), Outcome::Refused(_)), "trusted without an anchor");
        let _ = judge(known.last().map(std::slice::from_ref).unwrap_or_default());
        let _ = judge(&known);
    }
});
