//! Name constraints (RFC 5280, section 4.2.1.10): which names the certificates below a CA may have.

mod jvm;
mod openssl;

use std::borrow::Cow;

use trust_stores::cert::{
    Certificate, GeneralName, NameConstraints, Subtree, canonical_name, has_plain_values, oid,
};

use trust_stores::strictness::java_reads;

use super::jvm::are_same;
use super::work::Work;
use crate::client::Rules;

/// What a client says to the names of a certificate below a CA with constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They are allowed.
    Allowed,
    /// They are not, or the client cannot compare them and gives up.
    Forbidden,
    /// Versions of the JVM disagree.
    JavaVersion,
    /// A kind of name that is not compared here, or more names than are.
    NotCompared,
}

/// Where a name is, seen from a subtree of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In it.
    Within,
    /// Not in it.
    Outside,
    /// The client cannot say, and refuses the certificate.
    Invalid,
    /// Versions of the JVM disagree.
    JavaVersion,
    /// The base is empty: the RFC's "every name", of which JVMs make nothing or an exception.
    Empty,
    /// Not known here.
    NotCompared,
}

/// The kinds of names by their tag numbers.
mod kind {
    pub(super) const OTHER: u8 = 0;
    pub(super) const EMAIL: u8 = 1;
    pub(super) const DNS: u8 = 2;
    pub(super) const DIRECTORY: u8 = 4;
    pub(super) const URI: u8 = 6;
    pub(super) const IP: u8 = 7;
    pub(super) const REGISTERED_ID: u8 = 8;
}

/// A name of a certificate, or the base of a subtree.
#[derive(Clone, Debug)]
struct Item<'a> {
    kind: u8,
    /// Its contents octets; of a directory name, the canonical form, or nothing if it is no name.
    content: Option<Cow<'a, [u8]>>,
    /// Of a directory name, whether the JVM has the same canonical form.
    is_plain: bool,
}

impl<'a> Item<'a> {
    fn of(name: GeneralName<'a>) -> Self {
        let (kind, content) = match name {
            GeneralName::Email(text) => (kind::EMAIL, text.as_bytes()),
            GeneralName::Dns(text) => (kind::DNS, text.as_bytes()),
            GeneralName::Uri(text) => (kind::URI, text.as_bytes()),
            GeneralName::Ip(octets) => (kind::IP, octets),
            GeneralName::Directory(name) => return Item::directory(name),
            GeneralName::Other { tag, content } => (tag & 0x1f, content),
            _ => (kind::OTHER, &[][..]),
        };
        Item::new(kind, content)
    }

    fn new(kind: u8, content: impl Into<Cow<'a, [u8]>>) -> Self {
        Item {
            kind,
            content: Some(content.into()),
            is_plain: true,
        }
    }

    fn directory(name: &[u8]) -> Self {
        Item {
            kind: kind::DIRECTORY,
            content: canonical_name(name).map(Cow::Owned),
            is_plain: has_plain_values(name),
        }
    }

    fn text(kind: u8, text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Item::new(kind, text.as_bytes()),
            Cow::Owned(text) => Item::new(kind, text.into_bytes()),
        }
    }

    fn bytes(&self) -> &[u8] {
        self.content.as_deref().unwrap_or_default()
    }

    /// Whether a directory name is in the subtree below another one. In the canonical form that is a
    /// comparison of bytes (`nc_dn` of OpenSSL's `v3_ncons.c`).
    fn place_below(&self, base: &Item<'_>) -> Place {
        match (&self.content, &base.content) {
            (Some(name), Some(base)) if name.starts_with(base) => Place::Within,
            (Some(_), Some(_)) => Place::Outside,
            _ => Place::NotCompared,
        }
    }
}

/// A list of subtrees.
struct Subtrees<'a> {
    bases: Vec<(Item<'a>, bool)>,
}

impl<'a> Subtrees<'a> {
    fn of(list: &[Subtree<'a>]) -> Self {
        let bases = list.iter();
        Subtrees {
            bases: bases
                .map(|tree| (Item::of(tree.base), tree.is_bounded))
                .collect(),
        }
    }
}

/// The constraints of one CA.
struct Constraints<'a> {
    permitted: Subtrees<'a>,
    excluded: Subtrees<'a>,
}

impl<'a> Constraints<'a> {
    fn of(constraints: &NameConstraints<'a>) -> Self {
        Constraints {
            permitted: Subtrees::of(&constraints.permitted),
            excluded: Subtrees::of(&constraints.excluded),
        }
    }

    /// Whether there are subtrees of kinds that the JVM cannot compare.
    fn has_exotic(&self) -> bool {
        const COMPARED: [u8; 5] = [kind::EMAIL, kind::DNS, kind::DIRECTORY, kind::URI, kind::IP];
        let mut bases = self.permitted.bases.iter().chain(&self.excluded.bases);
        bases.any(|(base, _)| !COMPARED.contains(&base.kind))
    }

    /// How many subtrees are about hosts, and whether one of them is empty.
    fn hosts(&self) -> (usize, bool) {
        let bases = self.permitted.bases.iter().chain(&self.excluded.bases);
        let hosts = bases.filter(|(base, _)| base.kind == kind::DNS);
        let mut empty = hosts.clone().filter(|(base, _)| base.bytes().is_empty());
        (hosts.count(), empty.next().is_some())
    }

    fn count(&self) -> usize {
        self.permitted.bases.len() + self.excluded.bases.len()
    }
}

/// Whether the names of a path allow each other: an error is the CA whose constraints do not. The anchor's
/// own are optional (RFC 5280, section 6.1.1): OpenSSL heeds them, the JVM does not.
pub(super) fn check<'p>(
    path: &[&'p Certificate],
    rules: Rules,
    with_anchor: bool,
    work: &Work,
) -> Result<(), (Verdict, &'p Certificate)> {
    let constrained = path.len() - usize::from(!with_anchor);
    let mut doubt = Ok(());
    let mut exotic = 0;
    let (mut hosts, mut has_empty_host) = (0, false);
    for (above, ca) in path.iter().copied().enumerate().take(constrained).skip(1) {
        let Some(extension) = ca.extension(oid::NAME_CONSTRAINTS) else {
            continue;
        };
        let is_read = !rules.is_jvm() || java_reads(&extension);
        let Some(constraints) = ca.name_constraints().filter(|_| is_read) else {
            doubt = Err((Verdict::NotCompared, ca));
            continue;
        };
        let constraints = Constraints::of(&constraints);
        exotic += usize::from(rules.is_jvm() && constraints.has_exotic());
        if exotic > 1 {
            // It compares them with each other, which is an exception.
            doubt = Err((Verdict::NotCompared, ca));
        }
        let (more, is_one_empty) = constraints.hosts();
        hosts += more;
        has_empty_host |= is_one_empty;
        if rules.is_jvm() && hosts > 1 && has_empty_host {
            // It compares these with each other as well, and some JVMs (25) throw at an empty one.
            doubt = Err((Verdict::JavaVersion, ca));
        }
        for (index, certificate) in path[..above].iter().enumerate() {
            // Both skip self-issued certificates above the server's (RFC 5280, section 6.1.3).
            if index > 0 && is_self_issued(certificate, rules) {
                continue;
            }
            match verdict(&constraints, certificate, index == 0, rules, work) {
                Verdict::Allowed => {}
                Verdict::Forbidden => return Err((Verdict::Forbidden, ca)),
                doubtful => doubt = Err((doubtful, ca)),
            }
        }
    }
    doubt
}

/// Whether a CA has an empty subtree about hosts: some JVMs throw where they come to it.
pub(super) fn has_empty_host(ca: &Certificate) -> bool {
    let constraints = ca.name_constraints();
    constraints.is_some_and(|constraints| Constraints::of(&constraints).hosts().1)
}

/// Whether the subject and the issuer are one name to a client.
pub(super) fn is_self_issued(certificate: &Certificate, rules: Rules) -> bool {
    certificate.subject().hash() == certificate.issuer().hash()
        && (!rules.is_jvm() || are_same(certificate.subject_der(), certificate.issuer_der()))
}

fn verdict(
    constraints: &Constraints<'_>,
    certificate: &Certificate,
    is_leaf: bool,
    rules: Rules,
    work: &Work,
) -> Verdict {
    if rules.is_jvm() {
        jvm::verdict(constraints, certificate, work)
    } else {
        openssl::verdict(constraints, certificate, is_leaf, rules, work)
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Place, jvm, kind, openssl};

    fn places(kind: u8, name: &[u8], base: &[u8]) -> [Place; 2] {
        let (name, base) = (Item::new(kind, name), Item::new(kind, base));
        [openssl::place(&name, &base), jvm::place(&name, &base)]
    }

    #[test]
    fn a_subtree_of_dns_holds_the_names_below_it() {
        use Place::{JavaVersion, Outside, Within};
        for (name, base, expected) in [
            ("login.example.com", "Example.com", [Within; 2]),
            ("example.com", "example.com", [Within; 2]),
            ("anexample.com", "example.com", [Outside; 2]),
            ("login.example.com", ".example.com", [Within, JavaVersion]),
            ("example.com", ".example.com", [Outside, JavaVersion]),
        ] {
            let found = places(kind::DNS, name.as_bytes(), base.as_bytes());
            assert_eq!(found, expected, "{name} {base}");
        }
    }

    #[test]
    fn a_network_holds_addresses_of_its_own_length() {
        use Place::{Invalid, Outside, Within};
        let network = [192, 0, 2, 0, 255, 255, 255, 0];
        let beside_its_mask = [192, 0, 2, 7, 255, 255, 255, 0];
        for (address, base, expected) in [
            (&[192, 0, 2, 7][..], &network[..], [Within; 2]),
            (&[192, 0, 3, 7], &network, [Outside; 2]),
            (&[0; 16], &network, [Outside; 2]),
            (&[192, 0, 2, 7], &beside_its_mask, [Within, Outside]),
            (&[192, 0, 2, 7], &[192, 0, 2, 7], [Invalid, Within]),
        ] {
            assert_eq!(
                places(kind::IP, address, base),
                expected,
                "{address:?} {base:?}"
            );
        }
    }

    #[test]
    fn a_mail_constraint_is_an_address_a_host_or_a_domain() {
        use Place::{Outside, Within};
        for (name, base, expected) in [
            ("a@example.com", "a@example.com", [Within; 2]),
            ("A@example.com", "a@example.com", [Outside, Within]),
            ("a@Example.com", "example.com", [Within; 2]),
            ("a@mail.example.com", "example.com", [Outside; 2]),
            ("a@mail.example.com", ".example.com", [Within; 2]),
            ("a@example.com", ".example.com", [Outside; 2]),
        ] {
            let found = places(kind::EMAIL, name.as_bytes(), base.as_bytes());
            assert_eq!(found, expected, "{name} {base}");
        }
    }
}
