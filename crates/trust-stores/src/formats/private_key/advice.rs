//! What to do about a key, which depends on the file that it is in.

use crate::formats::{Hint, Problem, Section};

use super::members::has_word;

/// Gives the keys that were found in a `text` the hint that fits it, where it is a file that has keys as a rule.
pub(in crate::formats) fn advise(text: &[u8], sections: &mut [Section]) {
    let mut hints = sections
        .iter_mut()
        .filter_map(|section| match &mut section.content {
            Err(Problem::PrivateKey { hint, .. }) if *hint == Hint::RemoveKey => Some(hint),
            _ => None,
        });
    let Some(first) = hints.next() else {
        return;
    };
    let lower = text.to_ascii_lowercase();
    let advice = FILES
        .into_iter()
        .find(|(words, _)| words.iter().all(|word| has_word(&lower, word)));
    if let Some((_, advice)) = advice {
        for hint in [first].into_iter().chain(hints) {
            *hint = Hint::Text(advice);
        }
    }
}

/// Words that a kind of file has, and what to do with one. The first that fits counts.
const FILES: [(&[&[u8]], &str); 4] = [
    (
        &[b"client-key-data"],
        "Name the cluster's CA, not the kubeconfig: kubectl config view --raw --minify \
         -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d > ca.crt",
    ),
    (
        &[b"terraform_version", b"\"resources\""],
        "Name the certificate, not the state, in which every secret is: terraform output -raw NAME > ca.pem. If \
         this file was ever shared, treat the keys as compromised.",
    ),
    (
        &[b"kind", b"secret", b"tls.key"],
        "Name the CA, not the Secret: kubectl get secret NAME -o jsonpath='{.data.ca\\.crt}' | base64 -d > ca.crt",
    ),
    (
        &[b"kty"],
        "A JSON Web Key is not a certificate: provide the CA certificate of the TLS server. If this file was ever \
         shared, treat the key as compromised.",
    ),
];
