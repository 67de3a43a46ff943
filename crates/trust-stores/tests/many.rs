//! A text with so many sections that two threads read it gives what its parts give, in their order.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use trust_stores::{DecodeOptions, Section, decode};

const CHAIN: &[u8] = include_bytes!("../examples/client-ca-chain.pem");

/// Sound sections, and all that can be wrong with one.
fn parts() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/pem");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let is_part = |path: &&Path| path.extension().is_some_and(|end| end == "pem");
    let parts = paths
        .iter()
        .map(AsRef::as_ref)
        .filter(is_part)
        .map(|path| fs::read(path).unwrap())
        // In plain ASCII and short: what is around one must not change how another is read.
        .filter(|part| part.is_ascii() && !part.contains(&0) && part.len() < 1 << 14);
    parts.collect()
}

/// What each section is, but for the lines that problems name.
fn described(sections: &[Section]) -> Vec<String> {
    sections
        .iter()
        .map(|section| match &section.content {
            Ok(found) => found.certificate.fingerprint().to_string(),
            Err(problem) => problem
                .to_string()
                .replace(|c: char| c.is_ascii_digit(), ""),
        })
        .collect()
}

/// Whether a part is read between others as it is alone: sections that are cut go on in the next.
fn closed(part: &[u8]) -> bool {
    let chain = CHAIN;
    let read = |bytes: &[u8]| described(&decode(bytes, &DecodeOptions::default()));
    let around = [chain, &b"\n"[..], part, b"\n", chain].concat();
    read(&around) == [read(chain), read(part), read(chain)].concat()
}

#[test]
fn many_sections_are_read_as_few_are() {
    let parts: Vec<Vec<u8>> = parts().into_iter().filter(|part| closed(part)).collect();
    assert!(parts.len() > 20, "{}", parts.len());
    let (mut text, mut expected) = (Vec::new(), Vec::new());
    for _ in 0..6 {
        for part in &parts {
            for part in [CHAIN, part] {
                expected.extend(described(&decode(part, &DecodeOptions::default())));
                text.extend_from_slice(part);
                text.push(b'\n');
            }
        }
    }
    let found = described(&decode(&text, &DecodeOptions::default()));
    assert!(found.len() > 500, "{}", found.len());
    let other = found
        .iter()
        .zip(&expected)
        .position(|(found, expected)| found != expected);
    assert_eq!((other, found.len()), (None, expected.len()));
}
