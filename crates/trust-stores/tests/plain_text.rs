//! No file with a certificate, a key or a store passes for plain text, whoever wrote it and however people
//! paste it.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trust_stores::is_plain_text;

/// The files of this folder of vectors, without what is about them.
fn files(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(folder);
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let about = ["README.md", "make.py", "forms.json"];
    let is_vector = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        path.is_file()
            && !about.contains(&name)
            && !(path.extension().is_some_and(|end| end == "json")
                && path.with_extension("").is_file())
    };
    let files = paths.filter(is_vector).map(|path| {
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    });
    files.collect()
}

/// Bytes as they are, and in base64 as people wrap and quote it.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let base64 = STANDARD.encode(bytes);
    let wrapped = |width: usize| {
        let lines = base64
            .as_bytes()
            .chunks(width)
            .map(|line| str::from_utf8(line).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    };
    vec![
        bytes.to_vec(),
        wrapped(32).into_bytes(),
        format!("password: \"{base64}\"\n").into_bytes(),
        format!("first line\n- {}\n", wrapped(76).replace('\n', "\n  ")).into_bytes(),
    ]
}

#[test]
fn no_private_key_is_plain_text() {
    let keys = files("keys");
    assert!(keys.len() >= 60);
    for (path, bytes) in keys {
        for form in forms(&bytes) {
            assert!(
                !is_plain_text(&form),
                "{}:\n{}",
                path.display(),
                String::from_utf8_lossy(&form)
            );
        }
    }
}

#[test]
fn no_certificate_is_plain_text() {
    let mut count = 0;
    for folder in ["certificates", "pem", "stores"] {
        for (path, bytes) in files(folder) {
            // A whole bundle takes this test seconds, and says no more than a chain does.
            if bytes.len() > 1 << 13 {
                continue;
            }
            // Its sidecar says what is in it: opening every store takes this test seconds.
            let sidecar = fs::read(format!("{}.json", path.display())).unwrap_or_default();
            let sidecar: serde_json::Value = serde_json::from_slice(&sidecar).unwrap_or_default();
            let certificates = sidecar["expected"]["certificates"].as_array();
            if certificates.is_none_or(Vec::is_empty) {
                continue;
            }
            count += 1;
            // Text in UTF-16 in base64 is in nobody's Secret.
            let is_wide = bytes.contains(&0) && folder == "pem";
            let forms = forms(&bytes);
            for form in forms.iter().take(if is_wide { 1 } else { forms.len() }) {
                assert!(
                    !is_plain_text(form),
                    "{}:\n{}",
                    path.display(),
                    String::from_utf8_lossy(form)
                );
            }
        }
    }
    assert!(count > 100, "{count}");
}
