//! What a source without any section most likely is, for an error that helps.

use super::{Hint, Problem};

const EXPECTED: &str = "a CA file is PEM text with BEGIN CERTIFICATE lines, or DER, PKCS#7, PKCS#12, \
                        or a Java keystore";

/// Says what `bytes`, in which nothing was found, are; `text` is their text as ASCII.
pub(super) fn identify(bytes: &[u8], text: &[u8]) -> Problem {
    let trimmed = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii();
    let starts = |prefix: &[u8]| {
        trimmed
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let holds = |needle: &[u8]| memchr::memmem::find(trimmed, needle).is_some();
    if trimmed.is_empty() {
        Problem::Malformed {
            message: String::from("the file is empty"),
            hint: Some(Hint::FillFile),
        }
    } else if starts(b"<!doctype") || starts(b"<html") || starts(b"<?xml") {
        Problem::hinted(
            "a web page or XML document, not a certificate",
            "downloads often save the sign-in page instead of the file: fetch it again",
        )
    } else if let Some(program) = encrypted_by(trimmed) {
        Problem::hinted(
            format!("a file that {program} encrypted, not a certificate"),
            "decrypt it first: a password opens only PKCS#12 and Java keystores",
        )
    } else if is_archive(bytes) {
        Problem::hinted(
            "a compressed archive, not a certificate",
            "unpack it, and provide the certificate files",
        )
    } else if starts(b"ssh-") || starts(b"ecdsa-sha2-") {
        Problem::hinted(
            "an SSH public key, not a certificate",
            "ask for the CA certificate of the TLS server, in PEM",
        )
    } else if holds(b"{{") && holds(b"}}") {
        Problem::hinted(
            "a template that was not rendered",
            "render the chart or template first, and check the result",
        )
    } else {
        Problem::hinted("no certificate found, in any known format", EXPECTED)
    }
}

/// The program that encrypted a file, if it is one that no password of ours opens.
fn encrypted_by(text: &[u8]) -> Option<&'static str> {
    const STARTS: [(&[u8], &str); 4] = [
        (b"Salted__", "openssl enc"),
        // The same in base64.
        (b"U2FsdGVkX1", "openssl enc"),
        (b"age-encryption.org/", "age"),
        (b"$ANSIBLE_VAULT;", "ansible-vault"),
    ];
    let known = STARTS.iter().find(|(start, _)| text.starts_with(start));
    let sops = || memchr::memmem::find(text, b"ENC[AES256_GCM,").map(|_| "sops");
    known.map(|(_, program)| *program).or_else(sops)
}

/// Whether the whole file is a compressed archive.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(b"PK\x03\x04")
}

#[cfg(test)]
mod tests {
    use crate::formats::{DecodeOptions, Position, Problem, decode};

    fn complaint(bytes: &[u8]) -> String {
        let found = decode(bytes, &DecodeOptions::default());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].position, Position::Whole);
        match &found[0].content {
            Err(Problem::Malformed { message, .. }) => message.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_no_certificate_is_identified_by_its_content() {
        for (bytes, expected) in [
            (&b""[..], "the file is empty"),
            (b" \r\n\t", "the file is empty"),
            (b"\xef\xbb\xbf", "the file is empty"),
            (b"<!DOCTYPE html><html>", "a web page"),
            (b"\xfe\xed\xfe\xed\0\0\0\x02", "the Java keystore is cut"),
            (b"garbage", "no certificate found"),
            (b"\x1f\x8b\x08", "a compressed archive"),
            (b"Salted__\x01\x02", "a file that openssl enc encrypted"),
            (b"U2FsdGVkX18AAQ==\n", "a file that openssl enc encrypted"),
            (b"age-encryption.org/v1\n", "a file that age encrypted"),
            (b"$ANSIBLE_VAULT;1.1;AES256\n", "a file that ansible-vault"),
            (b"pem: ENC[AES256_GCM,data:x]", "a file that sops encrypted"),
            (b"{{ .Values.trust.pem }}", "a template"),
            (b"ssh-ed25519 AAAA", "an SSH public key"),
        ] {
            let message = complaint(bytes);
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
