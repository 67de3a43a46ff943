//! Text that is no certificate file and holds nothing of one: what platforms put next to certificates in a
//! directory (`type`, `namespace`, a password, a README).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{DecodeOptions, Position, Problem, SourceFormat, decode, embedded, pem, private_key};

/// Whether `bytes` are text in which no certificate, key or store can be, in any form that
/// [`decode`](crate::decode) knows or would name in a problem. Nothing is lost if such a file is not read.
///
/// Empty bytes are such text. Binary data, PEM markers of any kind, and base64 of DER or of PEM are not.
///
/// ```
/// use trust_stores::is_plain_text;
///
/// assert!(is_plain_text(b"ca-certificates\n"));
/// assert!(!is_plain_text(include_bytes!("../../examples/client-ca-chain.pem")));
/// ```
pub fn is_plain_text(bytes: &[u8]) -> bool {
    let is_text = |text: &str| !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    if !str::from_utf8(bytes).is_ok_and(is_text)
        || holds_encoded(bytes)
        || !private_key::in_text(bytes).is_empty()
    {
        return false;
    }
    let sections = decode(bytes, &DecodeOptions::default());
    matches!(
        &sections[..],
        [section] if section.position == Position::Whole
            && matches!(section.content, Err(Problem::Malformed { .. }))
    )
}

/// Whether `text` has base64 of a certificate, a keystore or text with a PEM marker, however its lines are
/// broken.
fn holds_encoded(text: &[u8]) -> bool {
    // Base64 is in lines of at least so many characters.
    const LINE: usize = 8;
    // Enough of each line and those after it to tell what begins there.
    const HEAD: usize = 1024;
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace();
    let dense: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !is_blank(&byte))
        .collect();
    if pem::BEGIN_IN_BASE64
        .iter()
        .any(|marker| memchr::memmem::find(&dense, marker).is_some())
    {
        return true;
    }
    let starts = (0..text.len()).filter(|&at| {
        let line = text.get(at..at + LINE);
        line.is_some_and(|line| line.iter().all(is_base64))
            && (at == 0 || !is_base64(&text[at - 1]))
    });
    let mut heads = starts.map(|at| {
        let run = text[at..].iter().filter(|byte| !is_blank(byte));
        let mut run: Vec<u8> = run
            .take_while(|byte| is_base64(byte))
            .take(HEAD)
            .copied()
            .collect();
        // Without its last group, which may need padding.
        run.truncate(run.len() / 4 * 4);
        STANDARD.decode(run).unwrap_or_default()
    });
    // A key in DER has 48 bytes or more, and a part of a token may well look like the first six of them.
    heads.any(|head| {
        head.len() >= 42
            && (SourceFormat::detect(&head) != SourceFormat::Pem
                || !embedded::find(&head).is_empty())
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::is_plain_text;

    const CHAIN: &[u8] = include_bytes!("../../examples/client-ca-chain.pem");

    #[test]
    fn what_platforms_put_next_to_certificates_is_plain_text() {
        for text in [
            "",
            " \r\n\t",
            "ca-certificates",
            "postgresql\n",
            "db.example.com",
            "O5AGkQSlB9Ah",
            "jksPassword=mystorepassword\n",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6Ik1JSUMifQ.eyJhdWQiOlsiaHR0cHM6Ly9rdWJlcm5ldGVzIl19.MEUCIQDx_k-3",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"a\" password=\"b\";",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  ca.crt\n",
            "# Notes\n\nMAINTENANCE OF THE MACHINES IS DONE BY MOST MEMBERS OF MY TEAM ON MONDAYS\n",
            "{{ with secret \"pki/cert/ca\" }}{{ .Data.certificate }}{{ end }}",
            "étage 3",
        ] {
            assert!(is_plain_text(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_certificate_or_a_key_is_not() {
        let base64 = STANDARD.encode(CHAIN);
        let der = crate::decode(CHAIN, &crate::DecodeOptions::default());
        let der = der[0].certificate().unwrap().der().to_vec();
        let narrow: Vec<String> = STANDARD
            .encode(&der)
            .as_bytes()
            .chunks(32)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        // RFC 8410, section 10.3: PKCS#8 of an Ed25519 key.
        let ed25519 = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        for bytes in [
            CHAIN.to_vec(),
            der.clone(),
            base64.clone().into_bytes(),
            format!("ca: \"{base64}\"").into_bytes(),
            STANDARD.encode(&CHAIN[1..]).into_bytes(),
            STANDARD.encode(&CHAIN[2..]).into_bytes(),
            format!("ca: \"{}\"", STANDARD.encode(&der)).into_bytes(),
            narrow.join("\n").into_bytes(),
            format!("- {}", narrow.join("\n  ")).into_bytes(),
            ed25519.into(),
            format!("password\n{ed25519}").into_bytes(),
            STANDARD
                .encode([&b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01"[..], &[0; 90]].concat())
                .into(),
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
                .into(),
            b"-----BEGIN CERTIFICATE-----".into(),
            b"PuTTY-User-Key-File-2: ssh-rsa".into(),
            format!("AGE-SECRET-KEY-1{}", "Q".repeat(58)).into_bytes(),
            br#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#
                .into(),
            b"\0\0".into(),
            b"\xff\xfet\0e\0x\0t\0".into(),
            b"caf\xe9".into(),
        ] {
            assert!(
                !is_plain_text(&bytes),
                "{:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}
