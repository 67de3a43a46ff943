//! Whether a client gets from what a server presents to what it trusts.
//!
//! Not by a TLS library's own verifier: rustls-webpki, the obvious one, has one answer, and the
//! clients have three. What they differ in is written here as [`Client`]; that a signature is good is
//! ring's to say. What is not looked at: revocation, certificate policies, and name constraints on
//! anything but DNS names and addresses.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use super::fault::{CertificateFault, Fault, Role};
use super::names::{Names, is_for, may_vouch};
use super::signature::{self, Signature};
use trust_stores::strictness;
use trust_stores::{Certificate, Fingerprint, Timestamp, cert::Hash};

/// A way of judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// OpenSSL and all that use its defaults: curl, Ruby, Python before 3.13.
    OpenSsl,
    /// Python's requests: OpenSSL's way, but for names: urllib3 looks at none in the subject.
    Requests,
    /// The same under Python 3.13 and later: `ssl.create_default_context` sets
    /// `VERIFY_X509_STRICT` and `VERIFY_X509_PARTIAL_CHAIN`.
    StrictPython,
    /// The JVM's PKIX trust manager.
    Jvm,
}

impl Client {
    /// Whether any certificate in its store ends a path, and not a self-signed one alone.
    fn takes_any_anchor(self) -> bool {
        matches!(self, Client::StrictPython | Client::Jvm)
    }

    /// Whether the end of a path must be valid today as well.
    fn minds_an_anchors_validity(self) -> bool {
        self != Client::Jvm
    }

    /// Whether a CA's own extended key usage counts.
    fn minds_a_cas_usage(self) -> bool {
        self != Client::Jvm
    }

    /// Whether a star may stand for a part of a label. OpenSSL itself would take that, and curl and Python
    /// tell it not to.
    fn takes_a_partial_star(self) -> bool {
        self == Client::Jvm
    }

    /// Whether what an anchor's extensions say counts: to the JVM it is a name and a key (RFC 5280,
    /// section 6.1.1).
    fn minds_an_anchors_extensions(self) -> bool {
        self != Client::Jvm
    }

    /// Whether the subject's common name counts where there is no dNSName.
    fn looks_at_the_common_name(self) -> bool {
        matches!(self, Client::OpenSsl | Client::Jvm)
    }
}

/// A chain and what is trusted, by one client's rules.
#[derive(Debug)]
pub struct Judge<'a> {
    /// The way of judging.
    pub client: Client,
    /// What is trusted.
    pub anchors: &'a [Certificate],
    /// What was presented, the server's own first.
    pub chain: &'a [Certificate],
    /// What the server was called.
    pub host: &'a str,
    /// When.
    pub at: Timestamp,
}

/// A path that ends in what is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Its certificates, the server's first.
    pub path: Vec<Fingerprint>,
}

/// More would be no real chain.
const MOST: usize = 10;

/// As many steps as a search may take: CAs that sign each other have more paths than anybody walks.
const MOST_TRIES: usize = 1000;

impl Judge<'_> {
    /// Whether the client trusts the server; else why not, by the path that came furthest.
    pub fn verdict(&self) -> Result<Trusted, Fault> {
        let leaf = self.chain.first().ok_or(Fault::Nothing)?;
        let mut path = vec![leaf];
        let found = self.extend(&mut path, &mut 0)?;
        self.name(leaf)?;
        Ok(Trusted { path: found })
    }

    /// Looks for a way on from the last of `path`, trying what is trusted first.
    fn extend<'p>(
        &'p self,
        path: &mut Vec<&'p Certificate>,
        tries: &mut usize,
    ) -> Result<Vec<Fingerprint>, Fault> {
        let Some(last) = path.last().copied() else {
            return Err(Fault::Nothing);
        };
        let is_anchor = self.is_anchor(last);
        let is_self_signed = last.is_self_signed();
        if is_anchor && (is_self_signed || self.client.takes_any_anchor()) {
            self.certificates(path, true)?;
            return Ok(path.iter().map(|one| one.fingerprint()).collect());
        }
        let role = role(path.len() - 1, last);
        if is_self_signed {
            self.certificates(path, false)?;
            return Err(if path.len() == 1 {
                Fault::SelfSigned(Box::new(last.clone()))
            } else {
                Fault::UntrustedRoot(Box::new(last.clone()))
            });
        }
        let mut furthest: Option<Fault> = None;
        for issuer in self.issuers(last, path) {
            *tries += 1;
            if *tries > MOST_TRIES {
                break;
            }
            if check_signature(last, issuer) == Some(Signature::Bad) {
                furthest.get_or_insert_with(|| Fault::SameName(Box::new(issuer.clone())));
                continue;
            }
            path.push(issuer);
            let found = self.extend(path, tries);
            path.pop();
            match found {
                Ok(found) => return Ok(found),
                // The first that is not just a missing end tells most.
                Err(fault) => {
                    if furthest.as_ref().is_none_or(Fault::is_an_end) {
                        furthest = Some(fault);
                    }
                }
            }
        }
        Err(match furthest {
            Some(fault) => fault,
            None if is_anchor => Fault::IntermediateAnchor(Box::new(last.clone())),
            None => {
                self.certificates(path, false)?;
                let name = last.issuer().hash();
                let mut namesakes = self.anchors.iter().filter(|a| a.subject().hash() == name);
                match namesakes.next() {
                    Some(namesake) => Fault::SameName(Box::new(namesake.clone())),
                    None => Fault::MissingIssuer(Box::new(last.clone()), role),
                }
            }
        })
    }

    /// Whom to try as the issuer of `last`, in this order. The JVM tries all; OpenSSL takes one by
    /// its name and key identifier, of its store if there is any, and never another: the first that
    /// is valid, else the one that was valid last (`get1_best_issuer_other_than_current` in
    /// `x509_lu.c`). Once it has taken one of its store, it looks at what was sent no more (`build_chain`
    /// in `x509_vfy.c`).
    fn issuers<'p>(&'p self, last: &Certificate, path: &[&Certificate]) -> Vec<&'p Certificate> {
        let is_candidate = |issuer: &&Certificate| {
            path.len() < MOST
                && issuer.may_have_issued(last)
                && !path
                    .iter()
                    .any(|one| one.fingerprint() == issuer.fingerprint())
        };
        let trusted: Vec<&Certificate> = self.anchors.iter().filter(is_candidate).collect();
        let sent: Vec<&Certificate> = self.chain.iter().skip(1).filter(is_candidate).collect();
        if self.client == Client::Jvm {
            return [trusted, sent].concat();
        }
        let is_in_store = path.iter().skip(1).any(|one| self.is_anchor(one));
        let of = if trusted.is_empty() && !is_in_store {
            sent
        } else {
            trusted
        };
        let is_valid =
            |one: &&&Certificate| one.not_before() <= self.at && self.at <= one.not_after();
        let first = of.iter().find(is_valid);
        let best = first.or_else(|| of.iter().max_by_key(|one| one.not_after()));
        best.copied().into_iter().collect()
    }

    fn is_anchor(&self, certificate: &Certificate) -> bool {
        let fingerprint = certificate.fingerprint();
        self.anchors
            .iter()
            .any(|anchor| anchor.fingerprint() == fingerprint)
    }

    /// What the client minds of the certificates themselves; the last is the anchor if `ends`.
    fn certificates(&self, path: &[&Certificate], ends: bool) -> Result<(), Fault> {
        for (index, certificate) in path.iter().copied().enumerate() {
            let is_anchor = ends && index + 1 == path.len();
            if let Some(fault) = self.certificate(path, index, is_anchor) {
                let role = role(index, certificate);
                return Err(Fault::OfCertificate(
                    fault,
                    role,
                    Box::new(certificate.clone()),
                ));
            }
        }
        Ok(())
    }

    fn certificate(
        &self,
        path: &[&Certificate],
        index: usize,
        is_anchor: bool,
    ) -> Option<CertificateFault> {
        let certificate = path[index];
        if !is_anchor || self.client.minds_an_anchors_validity() {
            if self.at > certificate.not_after() {
                return Some(CertificateFault::Expired);
            }
            if self.at < certificate.not_before() {
                return Some(CertificateFault::NotYetValid);
            }
        }
        // Nobody minds by whom a trusted certificate is signed.
        let is_signed = !(is_anchor || certificate.is_self_signed());
        if let Some(hash) = certificate.weak_hash().filter(|_| is_signed)
            && !(self.client == Client::Jvm && hash == Hash::Sha1)
        {
            // Of SHA-1 the JVM minds what ends at a CA of the JDK's own (`jdkCA`), and the customer's
            // are none.
            return Some(CertificateFault::Weak(format!("signed with {hash}")));
        }
        if let Some(weakness) = self.weakness(certificate) {
            return Some(CertificateFault::Weak(weakness));
        }
        if is_anchor && !self.client.minds_an_anchors_extensions() {
            return None;
        }
        if let Some(extension) = unknown_critical(certificate) {
            return Some(CertificateFault::UnknownExtension(extension));
        }
        if index == 0 && !self.may_shake_hands(certificate) {
            return Some(CertificateFault::NotForSigning);
        }
        if self.client == Client::StrictPython && lacks_authority(certificate) {
            let reason = String::from("it has no authorityKeyIdentifier");
            return Some(CertificateFault::Strict(reason));
        }
        if index > 0
            && let Some(fault) = self.ca(certificate, index, path)
        {
            return Some(fault);
        }
        if index > 0 && !self.client.minds_a_cas_usage() {
            return None;
        }
        let is_for_servers = with(certificate, |x509| {
            let usage = x509.extended_key_usage().ok().flatten();
            // OpenSSL has no purpose for "any" (`check_purpose_ssl_server` in `v3_purp.c`).
            let any_will_do = self.client == Client::Jvm;
            usage.is_none_or(|usage| usage.value.server_auth || usage.value.any && any_will_do)
        });
        (is_for_servers == Some(false)).then_some(CertificateFault::NotForServers)
    }

    /// Whether the server's key usage lets it take part in a handshake: to a JVM by signing, to OpenSSL
    /// by any of the three ways (`KU_TLS` in `v3_purp.c`).
    fn may_shake_hands(&self, certificate: &Certificate) -> bool {
        let may = with(certificate, |x509| {
            let usage = x509.key_usage().ok().flatten();
            usage.is_none_or(|usage| {
                let usage = usage.value;
                let is_wide = self.client != Client::Jvm;
                usage.digital_signature()
                    || is_wide && (usage.key_encipherment() || usage.key_agreement())
            })
        });
        may.unwrap_or(true)
    }

    fn weakness(&self, certificate: &Certificate) -> Option<String> {
        use trust_stores::cert::Key;
        match (self.client, certificate.key()) {
            // jdk.certpath.disabledAlgorithms of java.security.
            (Client::Jvm, Key::Rsa { bits }) if bits < 1024 => Some(format!("RSA of {bits} bits")),
            (Client::Jvm, Key::Ec(curve)) if curve.bits() < 224 => {
                Some(format!("EC of {} bits", curve.bits()))
            }
            (Client::Jvm, _) => None,
            (_, key) => key.weakness(),
        }
    }

    fn ca(
        &self,
        certificate: &Certificate,
        index: usize,
        path: &[&Certificate],
    ) -> Option<CertificateFault> {
        let usage = certificate.key_usage();
        if !certificate.is_ca() || usage.is_some_and(|usage| !usage.cert_sign()) {
            return Some(CertificateFault::NotACa);
        }
        let length = with(certificate, |x509| {
            let constraints = x509.basic_constraints().ok().flatten();
            constraints.and_then(|constraints| constraints.value.path_len_constraint)
        });
        // Self-issued ones do not count (RFC 5280, section 4.2.1.9).
        let below = path[1..index]
            .iter()
            .filter(|one| !one.is_self_signed())
            .count();
        if length.flatten().is_some_and(|most| below > most as usize) {
            return Some(CertificateFault::PathTooLong);
        }
        if self.client == Client::StrictPython
            && let Some(reason) = strictness::x509_strict_refusal(certificate)
        {
            return Some(CertificateFault::Strict(reason.into_owned()));
        }
        let names = self.constrained_names(path[0]);
        let may_vouch = with(certificate, |x509| may_vouch(x509, &names));
        (may_vouch == Some(false)).then_some(CertificateFault::NameConstraint)
    }

    /// The names of the server's certificate that a CA must be allowed to vouch for: each of them,
    /// whichever the server was called by.
    fn constrained_names(&self, leaf: &Certificate) -> Vec<String> {
        let names = Names::of(leaf);
        let has_alternative = !(names.dns.is_empty() && names.addresses.is_empty());
        let common = names
            .common
            .filter(|_| !has_alternative && self.client.looks_at_the_common_name());
        names
            .dns
            .into_iter()
            .chain(names.addresses)
            .chain(common)
            .map(|name| name.to_ascii_lowercase())
            .collect()
    }

    /// Whether the server's certificate is for the name that it was called by.
    fn name(&self, leaf: &Certificate) -> Result<(), Fault> {
        let names = Names::of(leaf);
        let is_address = self.host.parse::<IpAddr>().is_ok();
        let of_kind = if is_address {
            &names.addresses
        } else {
            &names.dns
        };
        let is_partial = self.client.takes_a_partial_star();
        if of_kind
            .iter()
            .any(|name| is_for(name, self.host, is_partial))
        {
            return Ok(());
        }
        let common = names.common.filter(|name| {
            !is_address && names.dns.is_empty() && is_for(name, self.host, is_partial)
        });
        match common {
            Some(_) if self.client.looks_at_the_common_name() => Ok(()),
            Some(name) => Err(Fault::CommonNameOnly(name)),
            None => Err(Fault::OtherName([names.dns, names.addresses].concat())),
        }
    }
}

fn role(index: usize, certificate: &Certificate) -> Role {
    if index == 0 {
        Role::Leaf
    } else if certificate.is_self_signed() {
        Role::Root
    } else {
        Role::Intermediate
    }
}

/// Whether the key of `issuer` signed `certificate`, where that can be computed.
fn check_signature(certificate: &Certificate, issuer: &Certificate) -> Option<Signature> {
    with(certificate, |of| {
        with(issuer, |by| signature::check(of, by))
    })
    .flatten()
}

/// Whether the key of `issuer` signed `certificate`, as far as that can be computed.
pub(super) fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.may_have_issued(certificate)
        && check_signature(certificate, issuer) != Some(Signature::Bad)
}

/// What `look` sees of it.
pub(super) fn with<T>(
    certificate: &Certificate,
    look: impl FnOnce(&X509Certificate<'_>) -> T,
) -> Option<T> {
    X509Certificate::from_der(certificate.der())
        .ok()
        .map(|(_, x509)| look(&x509))
}

/// A critical extension that clients do not know, and so must refuse (RFC 5280, section 4.2).
fn unknown_critical(certificate: &Certificate) -> Option<String> {
    // Of 2.5.29, the last arc: those that OpenSSL and the JVM both handle.
    const KNOWN: [&str; 12] = [
        "2.5.29.15",
        "2.5.29.17",
        "2.5.29.18",
        "2.5.29.19",
        "2.5.29.30",
        "2.5.29.31",
        "2.5.29.32",
        "2.5.29.33",
        "2.5.29.36",
        "2.5.29.37",
        "2.5.29.46",
        "2.5.29.54",
    ];
    with(certificate, |x509| {
        let mut critical = x509
            .extensions()
            .iter()
            .filter(|extension| extension.critical);
        critical.find_map(|extension| {
            let id = extension.oid.to_id_string();
            (!KNOWN.contains(&id.as_str())).then_some(id)
        })
    })
    .flatten()
}

/// Whether it does not say which key signed it, and another's did.
fn lacks_authority(certificate: &Certificate) -> bool {
    let authority = certificate.authority_key_identifier();
    authority.is_none() && !certificate.is_self_signed()
}

/// Where a certificate says that its issuer's can be had (RFC 5280, section 4.2.2.1).
pub(super) fn issuers_address(certificate: &Certificate) -> Option<String> {
    use x509_parser::extensions::ParsedExtension;
    const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
    with(certificate, |x509| {
        x509.iter_extensions().find_map(|extension| {
            let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
                return None;
            };
            access.accessdescs.iter().find_map(|description| {
                let is_issuers = description.access_method.to_id_string() == CA_ISSUERS;
                match &description.access_location {
                    GeneralName::URI(address) if is_issuers => Some((*address).to_owned()),
                    _ => None,
                }
            })
        })
    })
    .flatten()
}
