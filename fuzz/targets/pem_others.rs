//! PEM beside rustls-pki-types: whatever it takes from the same bytes we have too, or refuse by name. A key that
//! it takes is never passed over.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use trust_init_fuzz::{Ours, no_loss};

fuzz_target!(|bytes: &[u8]| {
    let taken = CertificateDer::pem_slice_iter(bytes).filter_map(Result::ok);
    let taken: Vec<_> = taken.map(|certificate| certificate.to_vec()).collect();
    let keys = PrivateKeyDer::pem_slice_iter(bytes).filter_map(Result::ok).count();
    if !taken.is_empty() || keys > 0 {
        no_loss(&Ours::of(bytes, None), &taken, keys);
    }
});
