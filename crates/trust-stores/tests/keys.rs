//! Every private key in tests/vectors/keys, as its program wrote it and as people then paste it, is found next
//! to a certificate and alone, and no message has a piece of it. And nothing else is a key.

// The long functions are tables.
#![allow(missing_docs, clippy::unwrap_used, clippy::too_many_lines)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use trust_stores::{DecodeOptions, Password, Problem, Section, decode, hex};

const CHAIN: &[u8] = include_bytes!("../examples/client-ca-chain.pem");

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors")
}

/// The content of each key, and what it is called, by the name of its file.
fn keys() -> BTreeMap<String, (Vec<u8>, String)> {
    let folder = vectors().join("keys");
    let forms = fs::read(folder.join("forms.json")).unwrap();
    let forms: BTreeMap<String, String> = serde_json::from_slice(&forms).unwrap();
    assert!(forms.len() >= 60);
    forms
        .into_iter()
        .map(|(name, form)| {
            let content = fs::read(folder.join(&name)).unwrap();
            (name, (content, form))
        })
        .collect()
}

fn sections(bytes: &[u8]) -> Vec<Section> {
    decode(bytes, &DecodeOptions::default())
}

/// What the keys found in `bytes` are called.
fn found(bytes: &[u8]) -> Vec<String> {
    called(sections(bytes))
}

/// What they are called in a store that opens with the password of those in tests/vectors/keys.
fn found_in_store(bytes: &[u8]) -> Vec<String> {
    let options = DecodeOptions {
        password: Some(Password::new("throwaway")),
        ..DecodeOptions::default()
    };
    called(decode(bytes, &options))
}

fn called(sections: Vec<Section>) -> Vec<String> {
    sections
        .into_iter()
        .filter_map(|section| match section.content {
            Err(Problem::PrivateKey { kind, .. }) => Some(kind),
            _ => None,
        })
        .collect()
}

fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
}

fn lines(text: &str, width: usize, before: &str, after: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let lines = characters.chunks(width);
    let lines: Vec<String> = lines
        .map(|line| format!("{before}{}{after}", line.iter().collect::<String>()))
        .collect();
    lines.concat()
}

/// Whether the key is not at the beginning of this file.
fn is_store(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| extension == "p12" || extension == "p7b")
}

/// Binary as text, in the ways in which it is pasted.
fn pasted(binary: &[u8]) -> Vec<(String, String)> {
    let base64 = STANDARD.encode(binary);
    let url = URL_SAFE_NO_PAD.encode(binary);
    let digits = hex::encode(binary);
    let mut all: Vec<(String, String)> = [4, 32, 48, 64, 76]
        .into_iter()
        .map(|width| {
            (
                format!("base64 at {width}"),
                lines(&base64, width, "", "\n"),
            )
        })
        .collect();
    for (about, text) in [
        ("base64 in one line", base64.clone()),
        ("base64url", url.clone()),
        ("base64url at 64", lines(&url, 64, "", "\n")),
        ("a YAML value", format!("tls.key: {base64}\n")),
        (
            "a YAML value in quotes",
            format!("  tls.key: \"{base64}\"\n"),
        ),
        (
            "an environment variable",
            format!("export TLS_KEY={base64}\n"),
        ),
        (
            "a data URL",
            format!("data:application/octet-stream;base64,{base64}\n"),
        ),
        ("a YAML list", format!("- {base64}\n")),
        ("a list of lines", lines(&base64, 64, "- ", "\n")),
        (
            "a program's string",
            lines(&base64, 64, "    \"", "\\n\" +\n"),
        ),
        (
            "a JSON string",
            format!("{{\"key\":\"{}\"}}", lines(&base64, 64, "", "\\n")),
        ),
        (
            "a JSON string in JSON",
            format!(
                "{{\\\"key\\\":\\\"{}\\\"}}",
                lines(&base64, 64, "", "\\\\n")
            ),
        ),
        ("a comment", lines(&base64, 64, "# ", "\n")),
        ("a comment of a program", lines(&base64, 64, "// ", "\n")),
        ("mail", lines(&base64, 64, "> ", "\r\n")),
        ("indented CRLF", lines(&base64, 64, "    ", "\r\n")),
        ("CR", lines(&base64, 64, "", "\r")),
        ("spaces", lines(&base64, 64, "", " ")),
        (
            "after prose",
            format!("here is the key you asked for: {base64}"),
        ),
        ("after a name", format!("this is my server key\n{base64}")),
        ("XML", format!("<Value>{base64}</Value>")),
        ("CSV", format!("CN=server,\"{base64}\",2026-01-01")),
        ("base64 of base64", STANDARD.encode(base64.as_bytes())),
        (
            "base64 of base64 in lines",
            lines(&STANDARD.encode(lines(&base64, 76, "", "\n")), 76, "", "\n"),
        ),
        ("cut", base64[..base64.len().min(64)].to_owned()),
        ("xxd -p", lines(&digits, 60, "", "\n")),
        ("hex in upper case", digits.to_uppercase()),
        (
            "hex with colons",
            lines(&hex::encode_with_colons(binary), 45, "    ", "\n"),
        ),
        ("hex with spaces", lines(&digits, 2, "", " ")),
        ("an array", lines(&digits, 2, "0x", ", ")),
        ("a string of bytes", lines(&digits, 2, "\\x", "")),
        ("percent-encoded bytes", lines(&digits, 2, "%", "")),
        (
            "a string in octal",
            numbers(binary, |byte| format!("\\{byte:03o}")),
        ),
        (
            "a list of numbers",
            format!("[{}]", numbers(binary, |byte| format!("{byte},"))),
        ),
        (
            "a list of Java's numbers",
            numbers(binary, |byte| format!("{}, ", byte.cast_signed())),
        ),
        (
            "a slice of Go",
            numbers(binary, |byte| format!("{byte:#x}, ")),
        ),
        (
            "a slice as Go prints it",
            numbers(binary, |byte| format!("{byte} ")),
        ),
        ("xxd", dumped(binary)),
        (
            "pairs of .NET",
            numbers(binary, |byte| format!("{byte:02X}-")),
        ),
        (
            "a form of a web page",
            base64
                .replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D"),
        ),
        ("JSON of PHP", base64.replace('/', "\\/")),
        (
            "escaped JSON",
            base64.replace('/', "\\u002f").replace('+', "\\u002b"),
        ),
        (
            "references of XML",
            base64.replace('/', "&#47;").replace('+', "&#x2B;"),
        ),
        ("base64 of UTF-16", STANDARD.encode(wide(&base64))),
    ] {
        all.push((about.to_owned(), text));
    }
    all
}

fn numbers(bytes: &[u8], form: impl Fn(u8) -> String) -> String {
    bytes.iter().map(|byte| form(*byte)).collect()
}

/// As `xxd` prints it.
fn dumped(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).enumerate().map(|(index, line)| {
        let digits = lines(&hex::encode(line), 4, "", " ");
        let shown: String = line
            .iter()
            .map(|byte| {
                if byte.is_ascii_graphic() {
                    char::from(*byte)
                } else {
                    '.'
                }
            })
            .collect();
        format!("{:08x}: {digits:<40} {shown}\n", index * 16)
    });
    lines.collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Text as it gets on its way into a file.
fn wrapped(text: &str) -> Vec<(String, String)> {
    let json = serde_json::to_string(text).unwrap();
    let prefixed = |prefix: &str| {
        let lines: Vec<String> = text
            .lines()
            .map(|line| format!("{prefix}{line}\n"))
            .collect();
        lines.concat()
    };
    let base64 = STANDARD.encode(text);
    let behind = STANDARD.encode(format!("Bag Attributes\n    friendlyName: server\n{text}"));
    let mut all = vec![];
    if text.starts_with("-----BEGIN") {
        let (cut, _) = text.trim_end().rsplit_once('\n').unwrap();
        all.push((String::from("without its last line"), cut.to_owned()));
    }
    let others = [
        ("as it is", text.to_owned()),
        ("CRLF", text.replace('\n', "\r\n")),
        ("CR", text.replace('\n', "\r")),
        ("indented", prefixed("    ")),
        ("in mail", prefixed("> ")),
        ("commented out", prefixed("# ")),
        ("commented out in a program", prefixed("// ")),
        ("JSON", format!("{{\"tls.key\": {json}}}")),
        ("JSON in JSON", serde_json::to_string(&json).unwrap()),
        ("a value of YAML", format!("tls.key: |\n{}", prefixed("  "))),
        ("an environment variable", format!("KEY={json}\n")),
        ("base64", base64.clone()),
        ("base64 in lines", lines(&base64, 76, "", "\n")),
        ("base64 in short lines", lines(&base64, 20, "", "\n")),
        ("a Secret", format!("data:\n  tls.key: {base64}\n")),
        (
            "a Secret behind another",
            format!("data:\n  tls.key: {behind}\n"),
        ),
        (
            "a kubeconfig",
            format!("users:\n- name: me\n  user:\n    client-key-data: {base64}\n"),
        ),
        ("base64 twice", STANDARD.encode(base64.as_bytes())),
        ("base64 of UTF-16", STANDARD.encode(wide(text))),
        (
            "percent-encoded",
            numbers(text.as_bytes(), |byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            }),
        ),
        (
            "escapes of JSON alone",
            numbers(text.as_bytes(), |byte| format!("\\u{byte:04x}")),
        ),
        (
            "a list of numbers",
            numbers(text.as_bytes(), |byte| format!("{byte},")),
        ),
        ("xxd", dumped(text.as_bytes())),
        ("references of XML", text.replace('\n', "&#10;")),
        ("base64 in quotes", format!("\"{base64}\"")),
        (
            "base64 behind prose",
            format!("send this to the customer {base64}"),
        ),
    ]
    .map(|(about, text)| (about.to_owned(), text));
    all.extend(others);
    all
}

/// The pieces of a key of twelve characters, in the file itself and in base64 and hex.
fn pieces(key: &[u8]) -> BTreeSet<String> {
    let mut texts = vec![STANDARD.encode(key), hex::encode(key)];
    if is_text(key) {
        texts.push(String::from_utf8(key.to_vec()).unwrap());
    }
    texts
        .iter()
        .flat_map(|text| text.split_ascii_whitespace())
        // Words are no pieces of a key: long ones are.
        .filter(|word| word.len() >= 24)
        .flat_map(|word| word.as_bytes().windows(12))
        .map(|piece| String::from_utf8_lossy(piece).into_owned())
        .collect()
}

fn assert_silent(name: &str, sections: &[Section], pieces: &BTreeSet<String>) {
    for section in sections {
        let Err(problem) = &section.content else {
            continue;
        };
        let said = format!(
            "{problem:?} {problem} {} {:?}",
            section.position,
            problem.hint()
        );
        let leaked = said.as_bytes().windows(12).find(|window| {
            let window = String::from_utf8_lossy(window);
            pieces.contains(window.as_ref())
        });
        assert_eq!(leaked, None, "{name}: {said}");
    }
}

#[test]
fn each_key_is_found_as_its_program_wrote_it() {
    for (name, (key, form)) in keys() {
        let kinds = found_in_store(&key);
        // It may be in base64 as well.
        let is_named = kinds.iter().any(|kind| kind.starts_with(&form));
        assert!(is_named, "{name}: {kinds:?} is not {form:?}");
        assert_silent(&name, &sections(&key), &pieces(&key));
        let both = [CHAIN, &key].concat();
        assert!(!found(&both).is_empty(), "{name} after a chain");
        assert_silent(&name, &sections(&both), &pieces(&key));
        if is_text(&key) {
            assert_eq!(found(&both), found(&key), "{name} after a chain");
            let both = [&key[..], b"\n", CHAIN].concat();
            assert_eq!(found(&both), found(&key), "{name} before a chain");
            let certificates = sections(&both);
            let count = certificates
                .iter()
                .filter(|section| section.content.is_ok())
                .count();
            assert_eq!(count, 2, "{name}");
        }
    }
}

#[test]
fn each_key_is_found_as_people_paste_it() {
    let mut missed = Vec::new();
    for (name, (key, _)) in keys() {
        let forms = match std::str::from_utf8(&key) {
            Ok(text) if is_text(&key) => wrapped(text),
            _ => pasted(&key),
        };
        let pieces = pieces(&key);
        for (about, text) in forms {
            if about == "cut" && is_store(&name) {
                // Its key is further on.
                continue;
            }
            let beside = [text.as_bytes(), b"\n", CHAIN, text.as_bytes()].concat();
            for (place, bytes) in [("alone", text.as_bytes()), ("next to a chain", &beside)] {
                let sections = sections(bytes);
                assert_silent(&name, &sections, &pieces);
                let is_found =
                    |section: &Section| matches!(section.content, Err(Problem::PrivateKey { .. }));
                if !sections.iter().any(is_found) {
                    missed.push(format!("{name}, {about}, {place}"));
                }
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// A source's first private key: what it is called, where it is, and what to do.
fn first(text: &str) -> (String, String, String) {
    let found = sections(text.as_bytes());
    let mut keys = found.iter().filter_map(|section| match &section.content {
        Err(problem @ Problem::PrivateKey { kind, .. }) => {
            let hint = problem.hint().unwrap().to_string();
            Some((kind.clone(), section.position.to_string(), hint))
        }
        _ => None,
    });
    keys.next().unwrap()
}

#[test]
fn the_hint_fits_the_file() {
    let key = String::from_utf8(keys()["ed25519.pem"].0.clone()).unwrap();
    let base64 = STANDARD.encode(&key);
    let json = serde_json::to_string(&key).unwrap();
    let jwk = String::from_utf8(keys()["jwk-ec.json"].0.clone()).unwrap();
    for (text, position, advice) in [
        (key.clone(), ":1", "Remove it. If this file was ever shared"),
        (format!("# to be removed\n\n{key}"), ":3", "Remove it."),
        (
            format!("apiVersion: v1\nusers:\n- user:\n    client-key-data: {base64}\n"),
            ":4",
            "Name the cluster's CA",
        ),
        (
            format!(
                "{{\"terraform_version\":\"1.9\",\n\"resources\":[{{\"private_key_pem\":{json}}}]}}"
            ),
            ":2",
            "Name the certificate, not the state",
        ),
        (
            format!("kind: Secret\ndata:\n  tls.key: {base64}\n"),
            ":3",
            "Name the CA, not the Secret",
        ),
        (jwk, ":1", "A JSON Web Key is not a certificate"),
    ] {
        let (kind, found_at, hint) = first(&text);
        assert!(hint.starts_with(advice), "{kind}: {hint}");
        assert_eq!(found_at, position, "{kind}");
    }
}

#[test]
fn letters_of_base64_are_no_words_of_a_file() {
    let (_, _, hint) =
        first("-----BEGIN RSA PRIVATE KEY-----\nMIIEkTyAAAA=\n-----END RSA PRIVATE KEY-----\n");
    assert!(hint.starts_with("Remove it."), "{hint}");
}

/// A key in one of the places of a section, next to the certificate that it should have alone.
#[test]
fn a_key_in_a_section_of_a_certificate_is_found() {
    let (key, _) = &keys()["ec-pkcs8.der"];
    let chain = String::from_utf8(CHAIN.to_vec()).unwrap();
    let base64 = STANDARD.encode(key);
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let body = chain
        .split(begin)
        .nth(1)
        .unwrap()
        .split("-----END")
        .next()
        .unwrap();
    let body: String = body.split_whitespace().collect();
    let der = STANDARD.decode(&body).unwrap();
    let section = |label: &str, content: &str| {
        format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
    };
    let glued = |first: &[u8], second: &[u8]| STANDARD.encode([first, second].concat());
    for (about, text) in [
        (
            "a header",
            section("CERTIFICATE", &format!("Key: {base64}\n\n{body}")),
        ),
        (
            "a header of PEM",
            section(
                "CERTIFICATE",
                &format!("DEK-Info: AES-256-CBC,{base64}\n\n{body}"),
            ),
        ),
        ("in place of it", section("CERTIFICATE", &base64)),
        ("after it", section("CERTIFICATE", &glued(&der, key))),
        ("before it", section("CERTIFICATE", &glued(key, &der))),
        (
            "after it, trusted",
            section("TRUSTED CERTIFICATE", &glued(&der, key)),
        ),
        (
            "after its base64",
            section("CERTIFICATE", &format!("{body}\n{base64}")),
        ),
        ("as a PKCS#7", section("PKCS7", &base64)),
        ("as parameters", section("EC PARAMETERS", &base64)),
        ("as a list of revoked", section("X509 CRL", &base64)),
        ("as a public key", section("PUBLIC KEY", &base64)),
        ("as a request", section("CERTIFICATE REQUEST", &base64)),
        ("as anything", section("MESSAGE", &base64)),
        (
            "in another's label",
            format!("-----BEGIN {base64} PRIVATE KEY-----\n"),
        ),
        (
            "without its BEGIN",
            format!("{base64}\n-----END PRIVATE KEY-----\n"),
        ),
        (
            "on the marker's line",
            format!("-----BEGIN CERTIFICATE-----{base64}-----END CERTIFICATE-----"),
        ),
    ] {
        for text in [
            text.clone(),
            format!("{chain}{text}"),
            format!("{text}{chain}"),
        ] {
            assert!(!found(text.as_bytes()).is_empty(), "{about}: {text}");
            assert_silent(about, &sections(text.as_bytes()), &pieces(key));
        }
    }
    for bytes in [
        [&der[..], key].concat(),
        [&der[..], b"\n", base64.as_bytes()].concat(),
        [&key[..], &der].concat(),
        [base64.as_bytes(), b"\n", &der].concat(),
    ] {
        assert!(!found(&bytes).is_empty());
    }
}

/// Made by `openssl req -x509` of OpenSSL 3 with a key of no use in `-subj`, in `nsComment`, and in an extension
/// of its own.
const CERTIFICATES_WITH_KEYS: [&str; 3] = [
    "\
-----BEGIN CERTIFICATE-----
MIIBqzCCAV2gAwIBAgIUV3iEbeDcIF6iy9FgOitXgGhAUGcwBQYDK2VwMEsxSTBH
BgNVBAMMQE1DNENBUUF3QlFZREsyVndCQ0lFSURaL054NnlZZitCTnFvMTkzZ05z
TDlrTC84YlZqVm4rWjhtakpyNzVjZTcwHhcNMjYxMTI3MTcxNjA5WhcNMzYxMTI0
MTcxNjA5WjBLMUkwRwYDVQQDDEBNQzRDQVFBd0JRWURLMlZ3QkNJRUlEWi9OeDZ5
WWYrQk5xbzE5M2dOc0w5a0wvOGJWalZuK1o4bWpKcjc1Y2U3MCowBQYDK2VwAyEA
mBCK+0ZYJnOzuFUWFZGK9iLZXKu7n968umP94+J2FoSjUzBRMB0GA1UdDgQWBBT1
T33wVAO3dCxxld53ESK2V5cNnzAfBgNVHSMEGDAWgBT1T33wVAO3dCxxld53ESK2
V5cNnzAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAM67tgqvupRHvHYJ0bHSWuqm
EVe2o7DtDBtraTuGGvdX8tQGL08CzwoYnfKM5D+uJirds293jq/+LogUqLwcMQs=
-----END CERTIFICATE-----
",
    "\
-----BEGIN CERTIFICATE-----
MIIBljCCAUigAwIBAgIUZe95e8ypEmN0pF83CDjgqHgO8/4wBQYDK2VwMBcxFTAT
BgNVBAMMDEV4YW1wbGUgUm9vdDAeFw0yNjExMjcxNzEyMzRaFw0zNjExMjQxNzEy
MzRaMBcxFTATBgNVBAMMDEV4YW1wbGUgUm9vdDAqMAUGAytlcAMhAAV8RVGFuLVP
/+hEweBNo47a8aysw1BruTfvGKtlyeXNo4GlMIGiMB0GA1UdDgQWBBT3xNbFFOnU
IkI9tmnRl/7uoF9x5zAfBgNVHSMEGDAWgBT3xNbFFOnUIkI9tmnRl/7uoF9x5zAP
BgNVHRMBAf8EBTADAQH/ME8GCWCGSAGG+EIBDQRCFkBNQzRDQVFBd0JRWURLMlZ3
QkNJRUlEWi9OeDZ5WWYrQk5xbzE5M2dOc0w5a0wvOGJWalZuK1o4bWpKcjc1Y2U3
MAUGAytlcANBANsEa/G75G0/CF/9CEAHRP/lDtUjYGMT0xsiBEpaXTf2WO5Npkkf
WA1vhcK60Nuv9GCf4WLvUzqNkfmzN1QiSwA=
-----END CERTIFICATE-----
",
    "\
-----BEGIN CERTIFICATE-----
MIIBfjCCATCgAwIBAgIUV7rASF4zWV5ZGsj1zhQkMx/gk1YwBQYDK2VwMBcxFTAT
BgNVBAMMDEV4YW1wbGUgUm9vdDAeFw0yNjExMjcxNzEyMzRaFw0zNjExMjQxNzEy
MzRaMBcxFTATBgNVBAMMDEV4YW1wbGUgUm9vdDAqMAUGAytlcAMhAA7ox0YQM3oO
0OQvPUPNdv14njDCucms2TbmKGdaD0//o4GNMIGKMB0GA1UdDgQWBBSYUhVsHCFM
5wu/bVh55bNipQTLljAfBgNVHSMEGDAWgBSYUhVsHCFM5wu/bVh55bNipQTLljAP
BgNVHRMBAf8EBTADAQH/MDcGAyoDBAQwMC4CAQAwBQYDK2VwBCIEIDZ/Nx6yYf+B
Nqo193gNsL9kL/8bVjVn+Z8mjJr75ce7MAUGAytlcANBAIK0Hhq4NMv83qWcOT8w
bXfXRVtkf5KwBAS5Rssb5pwt818ssmF/ZDiF0h/IzQaLfddn7/ByPpKyfdE0AQry
0AM=
-----END CERTIFICATE-----
",
];

#[test]
fn a_key_within_a_certificate_is_found_and_not_printed() {
    for certificate in CERTIFICATES_WITH_KEYS {
        let kinds = found(certificate.as_bytes());
        assert_eq!(kinds.len(), 1, "{certificate}");
        assert!(kinds[0].starts_with("PKCS#8 DER"), "{kinds:?}");
        let body: String = certificate
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let der = STANDARD.decode(body).unwrap();
        assert_eq!(found(&der), kinds);
    }
}

#[test]
fn what_is_wrapped_next_to_a_certificate_is_not_lost() {
    let chain = String::from_utf8(CHAIN.to_vec()).unwrap();
    let begin = chain.find("-----BEGIN").unwrap();
    let issuing = chain[begin..]
        .split_inclusive("-----END CERTIFICATE-----\n")
        .next();
    let root = fs::read(vectors().join("keys/name.p12")).unwrap();
    let pem = issuing.unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(&body).unwrap();
    let keystore = [&b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x02"[..], &der].concat();
    let archive = [&b"\x1f\x8b\x08\0\0\0\0\0"[..], &der].concat();
    for (about, text) in [
        ("base64 of base64", STANDARD.encode(&body)),
        (
            "base64 of base64 of PEM",
            STANDARD.encode(STANDARD.encode(pem)),
        ),
        ("base64 of UTF-16", STANDARD.encode(wide(pem))),
        (
            "base64 of a keystore",
            format!("truststore: {}", STANDARD.encode(keystore)),
        ),
        ("base64 of a PKCS#12 store", STANDARD.encode(root)),
        (
            "base64 of an archive",
            format!("  content: {}", STANDARD.encode(archive)),
        ),
        (
            "a list of numbers",
            numbers(&der, |byte| format!("{byte},")),
        ),
        (
            "a list of numbers of PEM",
            numbers(pem.as_bytes(), |byte| format!("{byte}, ")),
        ),
        (
            "a list of Java's",
            numbers(&der, |byte| format!("{}, ", byte.cast_signed())),
        ),
        (
            "escapes",
            numbers(pem.as_bytes(), |byte| format!("\\u{byte:04x}")),
        ),
        ("octal", numbers(&der, |byte| format!("\\{byte:03o}"))),
        ("xxd of PEM", dumped(pem.as_bytes())),
    ] {
        let sections = sections(format!("{chain}{text}\n{chain}").as_bytes());
        let problems = sections.iter().filter(|one| one.content.is_err()).count();
        assert!(problems > 0, "{about}");
    }
}

#[test]
fn numbers_and_escapes_without_a_key_are_no_problem() {
    let chain = String::from_utf8(CHAIN.to_vec()).unwrap();
    let bytes: Vec<u8> = (0..2000_u32)
        .map(|number| u8::try_from(number * number % 251).unwrap())
        .collect();
    for text in [
        numbers(&bytes, |byte| format!("{byte}, ")),
        numbers(&bytes, |byte| format!("%{byte:02X}")),
        dumped(&bytes),
        String::from("# 100% of {x}: a=b, c\\d, p%20q, 1.2.3.4 10 20 30 \\u00e9 =C3=A9 &#233;\n"),
    ] {
        let found = sections(format!("{text}\n{chain}").as_bytes());
        assert!(
            found.iter().all(|one| one.content.is_ok()),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_printed_key_is_found_whatever_its_lines_start_with() {
    let (text, _) = &keys()["ec-text.txt"];
    let text = String::from_utf8(text.clone()).unwrap();
    for (before, after) in [
        ("+", ""),
        (" * ", ""),
        ("REM ", ""),
        ("", "\\x0a"),
        ("    | ", " |"),
    ] {
        let printed: Vec<String> = text
            .lines()
            .map(|line| {
                format!(
                    "{before}{line}{after}
"
                )
            })
            .collect();
        let printed = printed.concat();
        assert!(!found(printed.as_bytes()).is_empty(), "{printed}");
    }
}
