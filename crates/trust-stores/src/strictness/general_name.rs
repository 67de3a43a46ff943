//! `GeneralName` (RFC 5280, section 4.2.1.6) as the JVM reads it: `sun.security.x509.GeneralName` and the
//! class for each of its forms.

use super::attributes;
use super::uri::is_uri;
use crate::asn1::primitive::is_object_identifier;
use crate::asn1::{Element, Reader, tag};

/// Where a name is: a URI is written in another way in nameConstraints (RFC 5280, section 4.2.1.10).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Anywhere else.
    Name,
    /// In nameConstraints.
    Constraint,
}

/// `GeneralNames`, implicitly tagged: at least one.
pub(super) fn are_general_names(content: &[u8]) -> bool {
    Reader(content).collect_all().is_some_and(|names| {
        !names.is_empty() && names.iter().all(|name| is_general_name(*name, Use::Name))
    })
}

/// Whether the JVM reads the name. x400Address and ediPartyName count as unreadable: some versions refuse
/// them.
pub(super) fn is_general_name(name: Element<'_>, used: Use) -> bool {
    let content = name.content;
    match name.tag {
        // otherName: an identifier, then a value of its own
        0xa0 => {
            let fields = Reader(content).collect_all();
            matches!(fields.as_deref(), Some([id, value]) if id.identifier().is_some() && value.tag == 0xa0)
        }
        // rfc822Name
        0x81 => is_mail(content),
        // dNSName: any text, or none, which excludes every name
        0x82 => true,
        // directoryName
        0xa4 => Element::whole(content).is_some_and(is_name),
        0x86 if used == Use::Constraint => is_uri_constraint(content),
        0x86 => is_uri(content),
        0x87 => matches!(content.len(), 4 | 8 | 16 | 32),
        0x88 => is_object_identifier(content),
        _ => false,
    }
}

fn is_name(name: Element<'_>) -> bool {
    name.tag == tag::SEQUENCE
        && attributes(name).is_some_and(|mut attributes| {
            attributes
                .all(|[kind, value]| kind.identifier().is_some() && value.tag & tag::NUMBER != 0)
        })
}

/// `RFC822Name.parseName`: what follows the last at sign is neither empty nor a dot alone.
fn is_mail(content: &[u8]) -> bool {
    let domain = content.rsplit(|byte| *byte == b'@').next();
    domain.is_some_and(|domain| !domain.is_empty() && domain != b".")
}

/// `URIName.nameConstraint`: a host, or a dot and a domain; with a scheme it is refused.
fn is_uri_constraint(content: &[u8]) -> bool {
    is_host(content.strip_prefix(b".").unwrap_or(content))
}

/// `DNSName(String)`: labels of letters, digits and hyphens, none of which begins with a hyphen.
pub(super) fn is_host(name: &[u8]) -> bool {
    name.split(|byte| *byte == b'.').all(|label| {
        label.first().is_some_and(u8::is_ascii_alphanumeric)
            && label
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    })
}
