//! PKCS#7 from anybody: every byte string ends in certificates and problems, at least one of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trust_stores::{DecodeOptions, SourceFormat, decode_as};

fuzz_target!(|bytes: &[u8]| {
    let found = decode_as(SourceFormat::Pkcs7, bytes, &DecodeOptions::default());
    assert!(!found.is_empty(), "lost silently");
});
