//! DER from anybody: every byte string ends in certificates and problems, at least one of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trust_stores::{DecodeOptions, SourceFormat, decode_as};

fuzz_target!(|bytes: &[u8]| {
    let found = decode_as(SourceFormat::Der, bytes, &DecodeOptions::default());
    assert!(bytes.is_empty() || !found.is_empty(), "lost silently");
});
