//! URIs as the JVM reads them in a `GeneralName`: `java.net.URI` (RFC 2396), then the host in it by
//! `sun.security.x509.URIName`.

use super::general_name::is_host;

/// Whether the JVM takes the URI: one with a scheme, each part of it in its own characters. Addresses of
/// IPv6 and text beyond ASCII count as refused: no CA has them.
pub(super) fn is_uri(content: &[u8]) -> bool {
    let Some((scheme, rest)) = split_at(content, b':') else {
        return false;
    };
    let (rest, fragment) = split_at(rest, b'#').unwrap_or((rest, b""));
    is_scheme(scheme) && are_in(fragment, RESERVED) && is_specific_part(rest, content)
}

/// Reserved characters, which may be in queries, fragments and opaque URIs next to those of [`are_in`].
const RESERVED: &[u8] = b";/?:@&=+$,[]";

fn split_at(text: &[u8], delimiter: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == delimiter)?;
    Some((&text[..at], &text[at + 1..]))
}

fn is_scheme(scheme: &[u8]) -> bool {
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
}

/// What follows the scheme, without the fragment of the `whole`.
fn is_specific_part(part: &[u8], whole: &[u8]) -> bool {
    if !part.starts_with(b"/") {
        return !part.is_empty() && are_in(part, RESERVED);
    }
    let (path, query) = split_at(part, b'?').unwrap_or((part, b""));
    let Some(rest) = path.strip_prefix(b"//") else {
        return is_path(path) && are_in(query, RESERVED);
    };
    let end = rest.iter().position(|byte| *byte == b'/');
    let (authority, path) = rest.split_at(end.unwrap_or(rest.len()));
    // Nothing may be the authority if something follows it, if only a fragment.
    let is_end = part == b"//" && whole.ends_with(part);
    !is_end && is_authority(authority) && is_path(path) && are_in(query, RESERVED)
}

fn is_path(path: &[u8]) -> bool {
    are_in(path, b"/;:@&=+$,")
}

/// An authority that is no server's is taken as a name of a registry, whatever it is. But a host with a
/// dot at its end is one for `URI` and none for `DNSName`.
fn is_authority(authority: &[u8]) -> bool {
    let host = authority.rsplit(|byte| *byte == b'@').next();
    let host = host.and_then(|host| host.split(|byte| *byte == b':').next());
    let has_final_dot = host
        .and_then(|host| host.strip_suffix(b"."))
        .is_some_and(is_host);
    are_in(authority, b"$,;:@&=+") && !has_final_dot
}

/// Whether text has only unreserved characters, escapes, and those of `others`.
fn are_in(text: &[u8], others: &[u8]) -> bool {
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'%', [one, other, after @ ..])
                if one.is_ascii_hexdigit() && other.is_ascii_hexdigit() =>
            {
                after
            }
            (byte, after)
                if byte.is_ascii_alphanumeric()
                    || b"_-!.~'()*".contains(byte)
                    || others.contains(byte) =>
            {
                after
            }
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_uri;

    #[test]
    fn uris_are_what_every_jvm_takes() {
        for taken in [
            "https://ca.example.com/crl?x=%41#y",
            "https://a_b.example.com:8443/",
            "https://user:pw@example.com/",
            "https://*.example.com",
            "https://.",
            "ldap:///CN=x,DC=y?z?base",
            "file:///",
            "urn:example:1",
            "x-y.z+1://example.com",
        ] {
            assert!(is_uri(taken.as_bytes()), "{taken}");
        }
        for refused in [
            "",
            "example.com",
            "//example.com",
            "1http://example.com",
            "https:",
            "https://",
            "https://example.com.",
            "https://example.com/%zz",
            "https://example.com/a b",
            "https://example.com/<x>",
            "https://example.com/[x]",
            "https://example.com/#a#b",
        ] {
            assert!(!is_uri(refused.as_bytes()), "{refused}");
        }
    }
}
