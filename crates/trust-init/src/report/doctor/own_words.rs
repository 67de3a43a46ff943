//! What a client itself prints when it refuses: the words that its user has in a log and searches
//! for.
//!
//! Each phrase is part of one line that the real client printed, where it was tried: OpenSSL 3.0,
//! curl 7.88, Python 3.11 with requests, and JDK 8, 17 and 25. `tests/interop/test_doctor.py` holds
//! them to the real clients. Where their words depend on more than the reason, there are none here.

use trust_doctor::handshake::Obstacle;
use trust_doctor::outcome::{CertificateFault, Role, StrictFault, Weakness};
use trust_doctor::store::{JavaProblem, ReadFailure, StoreFault, StoreProblem};
use trust_doctor::{Client, Outcome, RefusalReason};
use trust_stores::Certificate;
use trust_stores::cert::GeneralName;
use trust_stores::escape::escape;

use super::causes::NO_SUBJECT;

/// The client's words for what it answers about the server with the certificate `leaf`, called by
/// `host`.
pub(super) fn own_words(
    client: Client,
    outcome: &Outcome,
    leaf: &Certificate,
    host: &str,
) -> Option<String> {
    match outcome {
        // Of a permitted or an excluded subtree; the word before differs.
        Outcome::Refused(RefusalReason::Certificate(CertificateFault::NameConstraint, ..))
            if client != Client::Jvm =>
        {
            Some(String::from("subtree violation"))
        }
        Outcome::Refused(reason) => {
            let words = match client {
                Client::Jvm => jvm(reason, leaf, host),
                Client::Curl => curl(reason, leaf),
                Client::Python | Client::Requests => python(reason, host),
                Client::OpenSsl => openssl(reason, host).map(String::from),
            };
            words.map(|words| escape(&words).into_owned())
        }
        Outcome::BrokenStore(fault) => broken_store(client, fault).map(String::from),
        Outcome::Trusted(_) | Outcome::CannotTell(_) | Outcome::Absent => None,
    }
}

/// `X509_verify_cert_error_string` (`crypto/x509/x509_txt.c`), or the alert.
fn openssl(reason: &RefusalReason, host: &str) -> Option<&'static str> {
    Some(match reason {
        RefusalReason::Handshake(obstacle) => return openssl_obstacle(*obstacle),
        RefusalReason::SelfSigned(_) => "self-signed certificate",
        RefusalReason::UntrustedRoot(_) => "self-signed certificate in certificate chain",
        RefusalReason::MissingIssuer(..) => "unable to get local issuer certificate",
        RefusalReason::IntermediateAnchor(_) => "unable to get issuer certificate",
        RefusalReason::OtherName(_) | RefusalReason::CommonNameOnly(_) if is_address(host) => {
            "IP address mismatch"
        }
        RefusalReason::OtherName(_) | RefusalReason::CommonNameOnly(_) => "hostname mismatch",
        RefusalReason::Certificate(fault, role, certificate) => {
            return openssl_fault(fault, *role, certificate);
        }
        _ => return None,
    })
}

/// `ERR_reason_error_string` (`ssl/ssl_err.c`), or the alert.
fn openssl_obstacle(obstacle: Obstacle) -> Option<&'static str> {
    Some(match obstacle {
        Obstacle::CipherSuite(_) | Obstacle::Group(_) | Obstacle::Sha1Signature => {
            "alert handshake failure"
        }
        Obstacle::NoSecureRenegotiation => "unsafe legacy renegotiation disabled",
        Obstacle::ShortDiffieHellman(_) => "dh key too small",
        Obstacle::OldTls(_) => return None,
    })
}

fn openssl_fault(
    fault: &CertificateFault,
    role: Role,
    certificate: &Certificate,
) -> Option<&'static str> {
    Some(match fault {
        CertificateFault::Expired => "certificate has expired",
        CertificateFault::NotYetValid => "certificate is not yet valid",
        // A CA that may not sign is no issuer at all to OpenSSL, which then has other words.
        CertificateFault::NotACa if !certificate.is_ca() => "invalid CA certificate",
        CertificateFault::PathTooLong => "path length constraint exceeded",
        CertificateFault::NotForServers | CertificateFault::NotForHandshakes => {
            "unsuitable certificate purpose"
        }
        CertificateFault::UnknownExtension(_) => "unhandled critical extension",
        CertificateFault::Weak(Weakness::Hash(_)) => "CA signature digest algorithm too weak",
        CertificateFault::Weak(Weakness::KeyForOpenSsl(_)) => match role {
            Role::Leaf => "EE certificate key too weak",
            Role::Intermediate | Role::Root => "CA certificate key too weak",
        },
        CertificateFault::Strict(StrictFault::NoAuthorityKeyIdentifier) => {
            "Missing Authority Key Identifier"
        }
        CertificateFault::Strict(StrictFault::Form(reason)) => return strict_form(reason),
        _ => return None,
    })
}

/// What `X509_V_FLAG_X509_STRICT` says of the commonest faults of form.
fn strict_form(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "its basicConstraints is not critical" => {
            "Basic Constraints of CA cert not marked critical"
        }
        "it has no keyUsage" => "CA cert does not include key usage extension",
        "it has no subjectKeyIdentifier" => "Missing Subject Key Identifier",
        NO_SUBJECT => "Subject empty and Subject Alt Name extension not critical",
        _ => return None,
    })
}

/// `_ssl.c` puts its own words around those of OpenSSL, and has some for names.
fn python(reason: &RefusalReason, host: &str) -> Option<String> {
    let words = match reason {
        RefusalReason::Handshake(Obstacle::OldTls(_)) => {
            return Some(String::from("alert protocol version"));
        }
        RefusalReason::Handshake(obstacle) => {
            return openssl_obstacle(*obstacle).map(String::from);
        }
        RefusalReason::OtherName(_) | RefusalReason::CommonNameOnly(_) if is_address(host) => {
            format!("IP address mismatch, certificate is not valid for '{host}'")
        }
        RefusalReason::OtherName(_) | RefusalReason::CommonNameOnly(_) => {
            format!("Hostname mismatch, certificate is not valid for '{host}'")
        }
        _ => openssl(reason, host)?.to_owned(),
    };
    Some(format!("certificate verify failed: {words}"))
}

/// `ossl_verifyhost` and `ossl_connect_step2` (`lib/vtls/openssl.c`).
fn curl(reason: &RefusalReason, leaf: &Certificate) -> Option<String> {
    let words = match reason {
        RefusalReason::OtherName(_) | RefusalReason::CommonNameOnly(_) => {
            let has_names = names(leaf)
                .iter()
                .any(|name| matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_)));
            return Some(String::from(if has_names {
                "no alternative certificate subject name matches target"
            } else if leaf.common_name().is_some() {
                "does not match target host"
            } else {
                "unable to obtain common name from peer certificate"
            }));
        }
        RefusalReason::Handshake(obstacle) => {
            return openssl_obstacle(*obstacle).map(String::from);
        }
        _ => openssl(reason, "")?,
    };
    Some(format!("SSL certificate problem: {words}"))
}

/// `sun.security.validator`, `sun.security.provider.certpath` and, for names,
/// `sun.security.util.HostnameChecker`.
fn jvm(reason: &RefusalReason, leaf: &Certificate, host: &str) -> Option<String> {
    let words = match reason {
        RefusalReason::Handshake(Obstacle::OldTls(_)) => "Received fatal alert: protocol_version",
        RefusalReason::SelfSigned(_)
        | RefusalReason::UntrustedRoot(_)
        | RefusalReason::MissingIssuer(..) => {
            "unable to find valid certification path to requested target"
        }
        RefusalReason::OtherName(_) | RefusalReason::CommonNameOnly(_) => {
            return Some(jvm_other_name(leaf, host));
        }
        RefusalReason::Underscore => return Some(format!("Illegal given domain name: {host}")),
        RefusalReason::Certificate(fault, ..) => match fault {
            CertificateFault::Expired => "validity check failed",
            CertificateFault::NotACa => "is not a CA certificate",
            CertificateFault::PathTooLong => "pathLenConstraint violated",
            CertificateFault::NotForServers => {
                "Extended key usage does not permit use for TLS server authentication"
            }
            CertificateFault::NotForHandshakes => "KeyUsage does not allow digital signatures",
            CertificateFault::UnknownExtension(_) => "unrecognized critical extension(s)",
            CertificateFault::NameConstraint => "name constraints check failed",
            CertificateFault::Malformed(reason) if reason == NO_SUBJECT => {
                "SubjectAlternativeName extension MUST be marked critical when subject field is empty"
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(String::from(words))
}

fn jvm_other_name(leaf: &Certificate, host: &str) -> String {
    let names = names(leaf);
    let host = host.trim_end_matches('.');
    if is_address(host) {
        return if names.is_empty() {
            String::from("No subject alternative names present")
        } else {
            format!("No subject alternative names matching IP address {host} found")
        };
    }
    let has_dns = names.iter().any(|name| matches!(name, GeneralName::Dns(_)));
    if has_dns {
        format!("No subject alternative DNS name matching {host} found")
    } else {
        format!("No name matching {host} found")
    }
}

fn broken_store(client: Client, fault: &StoreFault) -> Option<&'static str> {
    match (client, &fault.problem) {
        (
            Client::Jvm,
            StoreProblem::Java(
                JavaProblem::NoPassword | JavaProblem::NoJavaAttribute | JavaProblem::NoTrustStore,
            ),
        ) => Some("the trustAnchors parameter must be non-empty"),
        (Client::Jvm, StoreProblem::Java(_)) => Some("problem accessing trust store"),
        (Client::Requests, StoreProblem::Unreadable(ReadFailure::Missing)) => {
            Some("Could not find a suitable TLS CA certificate bundle, invalid path")
        }
        (Client::Requests, StoreProblem::Unreadable(ReadFailure::Permission)) => {
            Some("Permission denied")
        }
        (Client::Curl, StoreProblem::Unreadable(_) | StoreProblem::DirectoryForFile) => {
            Some("error setting certificate file")
        }
        _ => None,
    }
}

fn names(leaf: &Certificate) -> Vec<GeneralName<'_>> {
    leaf.subject_alternative_names().unwrap_or_default()
}

pub(super) fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}
