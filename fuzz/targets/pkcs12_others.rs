//! PKCS#12 beside p12-keystore: whatever it takes from the same bytes we have too, or refuse by name. A key that
//! it takes is never passed over.

#![no_main]

use libfuzzer_sys::fuzz_target;
use p12_keystore::Pkcs12Archive;
use trust_init_fuzz::{Ours, no_loss};

fuzz_target!(|bytes: &[u8]| {
    for password in ["changeit", ""] {
        let ours = Ours::of(bytes, Some(password));
        // Refused, and so not lost silently. It would also derive keys for as long as a store asks.
        if ours.is_denied() {
            continue;
        }
        if let Ok(archive) = Pkcs12Archive::from_pkcs12(bytes, password) {
            let taken = archive.certs.iter().map(|one| one.cert.as_der().to_vec());
            no_loss(&ours, &taken.collect::<Vec<_>>(), archive.keys.len() + archive.secrets.len());
        }
    }
});
