//! PEM as people send it: each way to break a file of two certificates either still gives two,
//! or an error that names the cause. Never fewer in silence.

#![allow(missing_docs, clippy::unwrap_used, clippy::format_collect)]

mod common;

use common::{REJECTS_SERVERS, TRUSTS_EMAIL, TRUSTS_SERVERS, pem, root, trusted, two};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use trust_stores::{DecodeOptions, Position, Problem, Section};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

fn decode(bytes: &[u8]) -> Vec<Section> {
    trust_stores::decode(bytes, &DecodeOptions::default())
}

/// The certificates in `bytes`, as DER; fails the test if there is anything else.
#[track_caller]
fn certificates(bytes: &[u8]) -> Vec<Vec<u8>> {
    decode(bytes)
        .into_iter()
        .map(|found| match found.content {
            Ok(taken) => taken.certificate.der().to_vec(),
            Err(problem) => panic!("{}: {problem:?}", found.position),
        })
        .collect()
}

/// What is wrong in `bytes`, with its place; fails the test if nothing is.
#[track_caller]
fn problems(bytes: &[u8]) -> Vec<(Position, String)> {
    let problems: Vec<_> = decode(bytes)
        .into_iter()
        .filter_map(|found| {
            let problem = found.content.err()?;
            let message = match problem {
                Problem::Malformed { message, .. } => message,
                Problem::PrivateKey { kind, .. } => format!("private key: {kind}"),
                other => other.to_string(),
            };
            Some((found.position, message))
        })
        .collect();
    assert!(!problems.is_empty(), "nothing is wrong");
    problems
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn layout_never_costs_a_certificate() {
    let two = two();
    let both = [root(0), root(1)];
    let texts = [line_forms(&two), marker_forms(&two)].concat();
    let texts = texts
        .into_iter()
        .map(|(form, text)| (form, text.into_bytes()));
    for (form, bytes) in texts.chain(byte_forms(&two, &both)) {
        let found = std::panic::catch_unwind(|| certificates(&bytes));
        assert!(found.ok().as_ref() == Some(&both.to_vec()), "{form}");
    }
}

/// Two certificates with other line breaks and blanks.
fn line_forms(two: &str) -> Vec<(&'static str, String)> {
    let json = two.lines().map(|line| format!("\"{line}\",\n"));
    let spaced = two.lines().map(|line| format!("{line} \n"));
    vec![
        ("as it should be", two.to_owned()),
        ("CR LF", two.replace('\n', "\r\n")),
        ("CR alone", two.replace('\n', "\r")),
        ("no final newline", two.trim_end().to_owned()),
        ("indented, as in YAML", two.replace('\n', "\n    ")),
        ("tabs", two.replace('\n', "\t\n\t")),
        ("blank lines in the body", two.replace('\n', "\n\n")),
        ("no padding", two.replace('=', "")),
        (
            "one long line",
            two.replace(BEGIN, &format!("{BEGIN}#"))
                .replace('\n', "")
                .replace('#', "\n")
                .replace(END, &format!("\n{END}\n")),
        ),
        ("spaces for newlines", two.replace('\n', " ")),
        ("newlines escaped, as in JSON", two.replace('\n', "\\n")),
        ("CR LF escaped", two.replace('\n', "\\r\\n")),
        ("continued lines of a shell", two.replace('\n', "\\\n")),
        ("quoted as mail", two.replace('\n', "\n> ")),
        ("strings of a JSON array", json.collect()),
        ("trailing spaces", spaced.collect()),
        ("no-break spaces", two.replace('\n', "\n\u{a0}")),
        ("zero-width spaces", two.replace('\n', "\u{200b}\n")),
    ]
}

/// Two certificates with other markers, or other text around them.
fn marker_forms(two: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "comments",
            two.replace(BEGIN, &format!("# My CA, 2026\n\n{BEGIN}")),
        ),
        ("UTF-8 byte-order mark", format!("\u{feff}{two}")),
        ("glued markers", two.replace("-----\n-----", "----------")),
        (
            "X509 CERTIFICATE",
            two.replace("CERTIFICATE", "X509 CERTIFICATE"),
        ),
        (
            "text before BEGIN",
            two.replace(BEGIN, &format!("ca.pem: {BEGIN}")),
        ),
        (
            "text behind END",
            two.replace(END, &format!("{END} that was it")),
        ),
        ("six hyphens", two.replace(BEGIN, &format!("-{BEGIN}-"))),
        (
            "TRUSTED CERTIFICATE, nothing set",
            trusted(0, b"") + &trusted(1, TRUSTS_SERVERS),
        ),
        (
            "words of markers in a sentence",
            format!("copy from BEGIN CERTIFICATE to END CERTIFICATE, both included\n{two}"),
        ),
    ]
}

/// Two certificates in other encodings.
fn byte_forms(two: &str, both: &[Vec<u8>; 2]) -> Vec<(&'static str, Vec<u8>)> {
    let marked = format!("\u{feff}{two}");
    vec![
        ("UTF-16 LE", utf16(&marked, u16::to_le_bytes)),
        ("UTF-16 BE", utf16(&marked, u16::to_be_bytes)),
        ("UTF-16 LE without mark", utf16(two, u16::to_le_bytes)),
        ("UTF-16 BE without mark", utf16(two, u16::to_be_bytes)),
        ("DER, one after the other", both.concat()),
        (
            "DER with a final newline",
            [both.concat(), b"\n".to_vec()].concat(),
        ),
    ]
}

#[test]
fn what_is_lost_is_reported_with_its_line() {
    let one = pem("CERTIFICATE", &root(0));
    let lines: Vec<&str> = one.lines().collect();
    let last = lines.len();
    // A good certificate first, so that the damaged one begins at a line that must be counted.
    let damaged = |lines: &[&str]| format!("{one}{}\n", lines.join("\n"));
    let begin = last + 1;
    let without_begin = damaged(&lines[1..]);
    let without_end = damaged(&lines[..last - 1]);
    let short_end =
        one.clone() + &one.replace("-----END CERTIFICATE-----", "-----END CERTIFICATE---");
    let short_begin =
        one.clone() + &one.replace("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE----");
    let dashes = one.clone() + &one.replace("-----", "—–—");
    let lower =
        one.clone() + &one.replace("-----BEGIN CERTIFICATE-----", "-----begin certificate-----");
    let no_hyphens = one.clone() + &one.replace("-----", "");
    let garbage = one.clone() + &one.replacen("MII", "M*I", 1);
    let cut = damaged(&[&lines[..3], &lines[last - 1..]].concat());
    let empty = format!("{one}{}\n{}\n", lines[0], lines[last - 1]);
    let request = one.clone() + &one.replace("CERTIFICATE", "CERTIFICATE REQUEST");
    let crl = one.clone() + &one.replace("CERTIFICATE", "X509 CRL");
    let pkcs7 = one.clone() + &one.replace("CERTIFICATE", "PKCS7");
    let mismatch = one.clone() + &one.replace("BEGIN CERTIFICATE", "BEGIN X509 CERTIFICATE");
    let mut trailing = root(0);
    trailing.extend(b"\x05\x00");
    let trailing = one.clone() + &pem("CERTIFICATE", &trailing);
    let binary = [one.as_bytes(), &[0x80, 1, 0xc3, 2].repeat(16)].concat();
    let aux = one.clone() + &trusted(1, b"\x30\x80");
    let binary = (&binary[..], begin, "binary data outside");
    let texts = [
        (&without_begin, begin, "outside the BEGIN and END"),
        (&without_end, begin, "has no END line"),
        (&short_end, begin, "has no END line"),
        (&short_begin, begin, "damaged marker line"),
        (&dashes, begin, "damaged marker line"),
        (&lower, begin, "damaged marker line"),
        (&no_hyphens, begin, "damaged marker line"),
        (&garbage, begin, "'*' at line"),
        (&cut, begin, "cut short or damaged"),
        (&empty, begin, "nothing between"),
        (&request, begin, "certificate request"),
        (&crl, begin, "a revocation list (CRL)"),
        (&pkcs7, begin, "PKCS#7"),
        (&mismatch, begin, "is closed by"),
        (&trailing, begin, "2 bytes follow"),
        (&aux, begin, "trust settings"),
    ];
    let texts = texts.map(|(text, line, words)| (text.as_bytes(), line, words));
    for (text, line, words) in texts.into_iter().chain([binary]) {
        let (place, message) = &problems(text)[0];
        assert_eq!(*place, Position::Line(line), "{message}");
        assert!(message.contains(words), "{message}");
        // The good one is not lost with it.
        assert!(decode(text)[0].content.is_ok(), "{message}");
    }
}

#[test]
fn a_lost_line_is_one_fault_not_two() {
    let one = pem("CERTIFICATE", &root(0));
    let body: String = one
        .lines()
        .skip(1)
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(problems(body.as_bytes()).len(), 1);
    let bare: String = one.lines().filter(|line| !line.contains('-')).collect();
    assert_eq!(problems(bare.as_bytes()).len(), 1);
    let unfinished = one.replace("-----END CERTIFICATE-----\n", "");
    let found = decode((unfinished + &one).as_bytes());
    assert_eq!(found.len(), 2);
    assert!(found[0].content.is_err() && found[1].content.is_ok());
}

#[test]
fn private_keys_are_known_by_any_label_and_in_der() {
    let secret = [7; 48];
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
    ] {
        let whole = pem(label, &secret);
        let cut = whole.split("-----END").next().unwrap().to_owned();
        let dashes = whole.replace("-----", "—");
        for text in [&whole, &cut, &dashes] {
            let found = problems((two() + text).as_bytes());
            assert_eq!(found[0].1, format!("private key: {label}"));
        }
    }
    let pkcs8 = b"\x30\x13\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x07\x04\x05AAAAA";
    let sec1 = b"\x30\x0a\x02\x01\x01\x04\x05AAAAA";
    let pkcs1 = b"\x30\x06\x02\x01\x00\x02\x01\x05";
    let encrypted = b"\x30\x0c\x30\x05\x06\x03\x2b\x65\x70\x04\x03AAA";
    for (der, form) in [
        (&pkcs8[..], "PKCS#8"),
        (sec1, "SEC 1"),
        (pkcs1, "PKCS#1"),
        (encrypted, "encrypted PKCS#8"),
    ] {
        for bytes in [der.to_vec(), pem("CERTIFICATE", der).into_bytes()] {
            let found = problems(&bytes);
            assert_eq!(found[0].1, format!("private key: {form} DER"));
        }
    }
}

#[test]
fn trust_settings_are_read_and_left_off() {
    for (settings, distrusted) in [
        (&b""[..], false),
        (TRUSTS_SERVERS, false),
        (REJECTS_SERVERS, true),
        (TRUSTS_EMAIL, true),
    ] {
        let found = decode(trusted(0, settings).as_bytes());
        let taken = found[0].content.as_ref().unwrap();
        assert_eq!(taken.certificate.der(), root(0));
        assert_eq!(taken.distrust.is_some(), distrusted, "{settings:02x?}");
    }
}

#[test]
fn a_strict_reader_agrees_on_clean_files() {
    let all: String = (0..trust_init::read::roots::count())
        .map(|index| pem("CERTIFICATE", &root(index)))
        .collect();
    let strict: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(all.as_bytes())
        .map(|certificate| certificate.unwrap().to_vec())
        .collect();
    assert_eq!(certificates(all.as_bytes()), strict);
}

#[test]
fn a_file_cut_at_any_byte_loses_nothing_in_silence() {
    let two = two();
    for end in 0..two.len() {
        let found = decode(&two.as_bytes()[..end]);
        let taken = found.iter().filter(|found| found.content.is_ok()).count();
        let begun = two[..end].matches("-----BEGIN CERTIFICATE-----").count();
        assert!(found.len() >= begun.max(1), "cut at {end}");
        let ended = two[..end].matches("-----END CERTIFICATE-----").count();
        assert_eq!(taken, ended, "cut at {end}");
    }
    let der = [root(0), root(1)].concat();
    for end in 0..der.len() {
        let taken = decode(&der[..end])
            .iter()
            .filter(|found| found.content.is_ok())
            .count();
        assert_eq!(taken, usize::from(end >= root(0).len()), "cut at {end}");
        let faults = decode(&der[..end]).len() - taken;
        assert_eq!(faults, usize::from(end != root(0).len()), "cut at {end}");
    }
}
