//! PKCS#7 from anybody: every byte string ends in certificates and problems, at least one of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trust_stores::formats::{Form, Unlock, decode_as};

fuzz_target!(|bytes: &[u8]| {
    let found = decode_as(Form::Pkcs7, bytes, &Unlock::default());
    assert!(!found.is_empty(), "lost in silence");
});
