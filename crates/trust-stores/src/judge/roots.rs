//! What the rules find in Mozilla's roots at any time: next to nothing, as a test makes sure. So they are not asked
//! again at each start of a pod.

use super::Finding;
use crate::cert::{Certificate, Fingerprint, roots};
use crate::policy::{Policy, Rule};

/// Everything that is found: in which root, by which rule, and why.
const FOUND: [(Fingerprint, Rule, &str); 1] = [
    // TWCA Global Root CA
    (
        Fingerprint::known("59769007f7685d0fcd50872f9f95d5755a5b2b457d81f3692b610a98672f0e1b"),
        Rule::PythonStrict,
        "Python 3.13 refuses it by default (it has no subjectKeyIdentifier)",
    ),
];

/// What is found in a root; `None` if the certificate is not one.
pub(super) fn lasting(certificate: &Certificate, policy: &Policy) -> Option<Vec<Finding>> {
    let fingerprint = certificate.fingerprint();
    roots::contains(fingerprint).then(|| {
        let found = FOUND.iter().filter(|(of, ..)| *of == fingerprint);
        found
            .map(|(_, rule, reason)| Finding::new(*rule, policy, *reason))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::lasting;
    use crate::cert::roots;
    use crate::judge::certificate;
    use crate::policy::Policy;
    use crate::testing::namesake;

    #[test]
    fn the_rules_find_in_each_root_what_is_known() {
        let policy = Policy::default();
        for root in roots::all() {
            let found = certificate::lasting(&root, &policy);
            assert_eq!(lasting(&root, &policy), Some(found), "{}", root.subject());
        }
    }

    #[test]
    fn a_certificate_with_the_subject_of_a_root_is_not_one() {
        assert_eq!(lasting(&namesake(0, 1), &Policy::default()), None);
    }
}
