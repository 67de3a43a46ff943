//! Java keystores from anybody, opened in every way: at least one certificate or problem comes out, and
//! never more certificates with the keys than without.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trust_stores::{DecodeOptions, KeyEntries, Password, SourceFormat, decode_as};

fuzz_target!(|bytes: &[u8]| {
    for password in [None, Some(Password::default())] {
        let mut certificates = Vec::new();
        for key_entries in [KeyEntries::Refuse, KeyEntries::Skip] {
            let unlock = DecodeOptions {
                password: password.clone(),
                key_entries,
                ..DecodeOptions::default()
            };
            let found = decode_as(SourceFormat::Jks, bytes, &unlock);
            assert!(!found.is_empty(), "lost silently");
            certificates.push(found.iter().filter(|found| found.content.is_ok()).count());
        }
        assert_eq!(certificates[0], certificates[1]);
    }
});
