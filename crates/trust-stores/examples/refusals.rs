//! Says what each function of [`trust_stores::strictness`] makes of certificates: tests compare the answers
//! with those of the real programs, certificate by certificate.
//!
//! Certificates come on standard input, each with four bytes of length before its DER. Each gets one line of
//! four fields with tabs between them, for Java, for OpenSSL's parser, for its chains, and for its strict
//! chains; a field is empty where nothing is refused. What is no certificate at all gets `malformed` in each.

use std::io::{self, BufWriter, Read as _, Write as _};

use trust_stores::Certificate;
use trust_stores::strictness::{
    java_refusal, openssl_refusal, openssl_verify_refusal, x509_strict_refusal,
};

fn main() -> io::Result<()> {
    let mut records = Vec::new();
    io::stdin().read_to_end(&mut records)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut rest = &records[..];
    while let Some((length, body)) = rest.split_first_chunk::<4>() {
        let (der, next) = body.split_at(u32::from_be_bytes(*length) as usize);
        writeln!(out, "{}", refusals(der))?;
        rest = next;
    }
    out.flush()
}

fn refusals(der: &[u8]) -> String {
    let Ok(certificate) = Certificate::from_der(der.to_vec()) else {
        return ["malformed"; 4].join("\t");
    };
    let functions = [
        java_refusal,
        openssl_refusal,
        openssl_verify_refusal,
        x509_strict_refusal,
    ];
    functions
        .map(|refusal| refusal(&certificate).unwrap_or_default())
        .join("\t")
}
