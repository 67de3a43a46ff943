//! What the rules find about one section by itself, whatever else is in the sources.

use super::{Criteria, Finding, SourceRole, roots};
use crate::cert::{Certificate, KeyUsage};
use crate::formats::{Hint, Problem, ProblemKind, Section};
use crate::policy::{Policy, Rule};
use crate::strictness::{self, StoreRefusals};

/// What the rules find about one section, the gravest first.
pub(super) fn findings(found: &Section, role: SourceRole, criteria: Criteria<'_>) -> Vec<Finding> {
    let mut findings = match &found.content {
        Err(problem) => vec![of_problem(problem, criteria.policy)],
        Ok(taken) => {
            let certificate = &taken.certificate;
            let mut findings = of_moment(certificate, criteria);
            // A customer seldom gives one of Mozilla's roots, and nearly all of a base are such.
            let known = if role.is_customer() {
                None
            } else {
                roots::lasting(certificate, criteria.policy)
            };
            findings.extend(known.unwrap_or_else(|| lasting(certificate, criteria.policy)));
            if let Some(distrust) = &taken.distrust {
                findings.push(Finding::new(
                    Rule::Distrusted,
                    criteria.policy,
                    distrust.to_string(),
                ));
            }
            findings
        }
    };
    Finding::sort(&mut findings);
    findings
}

fn of_problem(problem: &Problem, policy: &Policy) -> Finding {
    let rule = match problem.kind() {
        ProblemKind::PrivateKey => Rule::PrivateKey,
        ProblemKind::NotACertificate => Rule::NotACertificate,
        ProblemKind::Malformed => Rule::Malformed,
        ProblemKind::WrongPassword => Rule::WrongPassword,
    };
    Finding {
        hint: problem.hint(),
        ..Finding::new(rule, policy, problem.to_string())
    }
}

const ISSUER: Hint = Hint::Text(
    "give the certificate of the CA that issued it, and of each CA above it up to the root",
);

const IN_DER: Hint =
    Hint::Text("ask whoever issued it for the certificate in DER, as RFC 5280 requires");

/// What depends on when it is asked, or on what was blocked by then.
fn of_moment(certificate: &Certificate, criteria: Criteria<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |rule: Rule, reason: String| {
        findings.push(Finding::new(rule, criteria.policy, reason));
    };
    if criteria.blocked.contains(&certificate.fingerprint()) {
        find(
            Rule::Blocked,
            format!("its fingerprint {} is blocked", certificate.fingerprint()),
        );
    }
    validity(certificate, criteria, &mut find);
    findings
}

/// What is found at any time; only its level depends on the policy.
pub(super) fn lasting(certificate: &Certificate, policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |rule: Rule, reason: String| {
        findings.push(Finding::new(rule, policy, reason));
    };
    authority(certificate, &mut find);
    if let Some(weakness) = certificate.key().weakness() {
        find(Rule::WeakKey, weakness);
    }
    if let Some(hash) = certificate.weak_hash()
        && !certificate.is_self_signed()
    {
        let reason = format!("it is signed with {hash}, which clients no longer accept");
        find(Rule::WeakSignature, reason);
    }
    if let Some(reason) = strictness::x509_strict_refusal(certificate) {
        find(
            Rule::PythonStrict,
            format!("Python 3.13 refuses it by default ({reason})"),
        );
    }
    for finding in &mut findings {
        if matches!(finding.rule, Rule::NotACa | Rule::NoCertSign) {
            finding.hint = Some(ISSUER);
        }
    }
    findings.extend(of_clients(certificate, policy));
    findings
}

/// Whether it would make a client refuse the whole store.
fn of_clients(certificate: &Certificate, policy: &Policy) -> impl Iterator<Item = Finding> {
    let refusals = StoreRefusals::of(certificate);
    let java = refusals.java.map(|reason| {
        let reason = format!("a JVM refuses any store that contains it ({reason})");
        Finding::new(Rule::BreaksJava, policy, reason)
    });
    let openssl = refusals
        .openssl
        .map(|reason| format!("OpenSSL refuses any bundle that contains it ({reason})"));
    let pem = openssl.or_else(|| {
        let reason = strictness::gnutls_refusal(certificate)?;
        Some(format!(
            "GnuTLS (wget, git) or gRPC cannot read a bundle that contains it ({reason})"
        ))
    });
    let pem = pem.map(|reason| Finding {
        hint: certificate.is_ber().then_some(IN_DER),
        ..Finding::new(Rule::BreaksOpenssl, policy, reason)
    });
    java.into_iter().chain(pem)
}

fn validity(
    certificate: &Certificate,
    criteria: Criteria<'_>,
    find: &mut impl FnMut(Rule, String),
) {
    let (start, end) = (certificate.not_before(), certificate.not_after());
    if end < criteria.at {
        find(Rule::Expired, format!("expired on {end}"));
    } else if end < criteria.at.plus(criteria.expires_soon) {
        let reason = match criteria.at.days_until(end) {
            0 => format!("expires on {end}, within a day"),
            1 => format!("expires on {end}, in 1 day"),
            days => format!("expires on {end}, in {days} days"),
        };
        find(Rule::ExpiresSoon, reason);
    }
    if start > criteria.at {
        find(Rule::NotYetValid, format!("not valid before {start}"));
    }
}

/// Whether it may sign other certificates, to whom. OpenSSL asks `check_ca` (`crypto/x509/v3_purp.c`), a JVM
/// since 8u241 and 11.0.6 the `CertPathValidator` (`jdk.security.allowNonCaAnchor`). As itself, a server's
/// certificate is trusted by those clients that end a path at any anchor.
fn authority(certificate: &Certificate, find: &mut impl FnMut(Rule, String)) {
    let usage = certificate.key_usage();
    if !certificate.is_ca() {
        let reason = if certificate.basic_constraints().is_some() {
            "its basicConstraints say that it is not a CA: clients trust nothing that it signed"
        } else if certificate.version() == 3 && usage.is_some_and(KeyUsage::cert_sign) {
            "it has no basicConstraints: a JVM and Python 3.13 trust nothing that it signed, while OpenSSL \
             and Python before 3.13 take its keyCertSign"
        } else {
            "it has no basicConstraints, so it is not a CA: clients trust nothing that it signed"
        };
        find(Rule::NotACa, String::from(reason));
    } else if usage.is_some_and(|usage| !usage.cert_sign()) {
        let reason = "its keyUsage lacks keyCertSign: clients trust nothing that it signed";
        find(Rule::NoCertSign, String::from(reason));
    }
}
