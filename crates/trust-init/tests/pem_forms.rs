//! PEM as people send it: each way to break a file of two certificates either still gives two,
//! or an error that names the cause. Never silently fewer.

#![allow(missing_docs, clippy::unwrap_used, clippy::format_collect)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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

/// Text in every encoding of Unicode that has NULs or marks.
fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let marked = format!("\u{feff}{text}");
    let utf32 = |text: &str, to_bytes: fn(u32) -> [u8; 4]| -> Vec<u8> {
        let characters = text.chars().map(u32::from);
        characters.flat_map(to_bytes).collect()
    };
    vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with a mark", marked.clone().into_bytes()),
        ("UTF-16 LE", utf16(text, u16::to_le_bytes)),
        ("UTF-16 LE with a mark", utf16(&marked, u16::to_le_bytes)),
        ("UTF-16 BE", utf16(text, u16::to_be_bytes)),
        ("UTF-16 BE with a mark", utf16(&marked, u16::to_be_bytes)),
        ("UTF-32 LE", utf32(text, u32::to_le_bytes)),
        ("UTF-32 BE with a mark", utf32(&marked, u32::to_be_bytes)),
    ]
}

#[test]
fn files_in_two_encodings_lose_neither_half() {
    let (first, second) = (pem("CERTIFICATE", &root(0)), pem("CERTIFICATE", &root(1)));
    let key = pem("RSA PRIVATE KEY", &[7; 48]);
    for (one, before) in encodings(&format!("# корень 根\n{first}")) {
        for (other, after) in encodings(&second) {
            for gap in ["", "\n", "#", "##\r\n", "\0"] {
                let joined = [&before[..], gap.as_bytes(), &after].concat();
                let found = std::panic::catch_unwind(|| certificates(&joined));
                let is_whole = found.is_ok_and(|found| found == [root(0), root(1)]);
                assert!(is_whole, "{one}, {gap:?}, {other}");
            }
        }
        for (other, after) in encodings(&key) {
            let found = problems(&[&before[..], b"#", &after].concat());
            assert_eq!(found[0].1, "private key: RSA PRIVATE KEY", "{one}, {other}");
        }
    }
}

#[test]
fn control_characters_are_text() {
    let (first, second) = (pem("CERTIFICATE", &root(0)), pem("CERTIFICATE", &root(1)));
    for byte in (0..=0x1f).chain([0x7f, 0x80, 0x9b, 0xff]) {
        for count in [1, 40, 5000] {
            let controls = vec![byte; count];
            for text in [
                [
                    b"subject=CN = ",
                    &controls[..],
                    b"\n",
                    first.as_bytes(),
                    second.as_bytes(),
                ]
                .concat(),
                [first.as_bytes(), &controls, b"\n", second.as_bytes()].concat(),
                [first.as_bytes(), &controls, second.as_bytes()].concat(),
                [first.as_bytes(), second.as_bytes(), &controls].concat(),
            ] {
                assert_eq!(
                    certificates(&text),
                    [root(0), root(1)],
                    "{count} of {byte:#x}"
                );
            }
        }
    }
}

#[test]
fn base64_without_markers_is_reported_however_it_is_laid_out() {
    let one = pem("CERTIFICATE", &root(0));
    let base64 = STANDARD.encode(root(1));
    let twice = STANDARD.encode(pem("CERTIFICATE", &root(1)));
    let in_lines = |text: &str, width: usize, prefix: &str, end: &str| -> String {
        let lines = text.as_bytes().chunks(width);
        let lines = lines.map(|line| format!("{prefix}{}{end}", String::from_utf8_lossy(line)));
        lines.collect()
    };
    for (about, text) in [("base64", &base64), ("base64 of PEM", &twice)] {
        for width in [
            4, 5, 7, 16, 19, 20, 31, 32, 60, 63, 64, 65, 76, 128, 1000, 100_000,
        ] {
            for (prefix, end) in [
                ("", "\n"),
                ("    ", "\r\n"),
                ("", "\r"),
                ("- ", "\n"),
                ("> ", "\n"),
                ("# ", "\n"),
                ("| ", "\n"),
                ("\"", "\",\n"),
                ("", "\\n"),
            ] {
                let lines = in_lines(text, width, prefix, end);
                let found = problems(format!("{one}{lines}").as_bytes());
                assert_eq!(
                    found.len(),
                    1,
                    "{about} at {width} behind {prefix:?}: {found:?}"
                );
            }
        }
        for (before, after) in [
            ("ca.crt: ", "\n"),
            ("{\"ca\":\"", "\"}"),
            ("<X509Certificate>", "</X509Certificate>"),
            ("CA_BASE64=", "\n"),
            (
                "-----BEGIN CERTIFICATE (1)-----\n",
                "\n-----END CERTIFICATE (1)-----\n",
            ),
        ] {
            let found = problems(format!("{one}{before}{text}{after}").as_bytes());
            assert_eq!(found.len(), 1, "{about} behind {before:?}: {found:?}");
            assert_eq!(
                problems(format!("{before}{text}{after}").as_bytes()).len(),
                1
            );
        }
    }
}

#[test]
fn binary_data_in_a_text_is_reported_by_what_it_is() {
    let one = pem("CERTIFICATE", &root(0)).into_bytes();
    let der = root(1);
    for (binary, words) in [
        (&der[..], "a certificate in DER"),
        (&der[..200], "a certificate in DER"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\0", "a Java keystore"),
        (b"PK\x03\x04\x14\0", "a compressed archive"),
        (b"\x1f\x8b\x08\0\0\0", "a compressed archive"),
        (b"\x30\x82\x01\x00\x02\x01\x03\x30\x82", "a PKCS#12 store"),
    ] {
        for bytes in [
            [&one[..], binary].concat(),
            [b"\n", binary, &one[..]].concat(),
        ] {
            let (place, message) = &problems(&bytes)[0];
            assert!(matches!(place, Position::Byte(_)), "{place}");
            assert!(message.contains(words), "{message}");
            assert!(decode(&bytes)[0].content.is_ok(), "{message}");
        }
    }
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
        (&request, begin, "in a section labeled CERTIFICATE REQUEST"),
        (&crl, begin, "in a section labeled X509 CRL"),
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
    let number = [0x41; 32];
    let pkcs8 = [
        &b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..],
        &number,
    ]
    .concat();
    let sec1 = [&b"\x30\x25\x02\x01\x01\x04\x20"[..], &number].concat();
    let pkcs1 = [
        &b"\x30\x81\x89\x02\x01\x00\x02\x81\x80"[..],
        &number.repeat(4),
        b"\x02\x01\x03",
    ]
    .concat();
    // PBES2, 1.2.840.113549.1.5.13
    let encrypted = [
        &b"\x30\x2f\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d\x04\x20"[..],
        &number,
    ]
    .concat();
    for (der, form) in [
        (&pkcs8[..], "PKCS#8"),
        (&sec1, "SEC 1"),
        (&pkcs1, "PKCS#1"),
        (&encrypted, "encrypted PKCS#8"),
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
    let all: String = (0..trust_stores::mozilla::count())
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
