//! Java keystores from anybody, opened in every way: at least one certificate or problem comes out, and
//! never more certificates with the keys than without.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trust_stores::formats::password::Password;
use trust_stores::formats::{Form, Unlock, decode_as};

fuzz_target!(|bytes: &[u8]| {
    for password in [None, Some(Password::default())] {
        let mut certificates = Vec::new();
        for certificates_only in [false, true] {
            let unlock = Unlock {
                password: password.clone(),
                certificates_only,
            };
            let found = decode_as(Form::Jks, bytes, &unlock);
            assert!(!found.is_empty(), "lost in silence");
            certificates.push(found.iter().filter(|found| found.content.is_ok()).count());
        }
        assert_eq!(certificates[0], certificates[1]);
    }
});
