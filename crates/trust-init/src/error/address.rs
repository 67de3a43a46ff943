//! What to type instead of an address where a path is expected: no command reads a URL, so that what is
//! trusted never depends on what a server happens to send.

use std::fmt::Write as _;

use trust_stores::escape::escape;

/// An address that was given as a path.
pub(super) struct Address<'a> {
    /// The URL's scheme; empty for `HOST:PORT`.
    scheme: &'a str,
    /// What precedes the host: a user, and often a password.
    user: Option<&'a str>,
    /// Host and port.
    authority: &'a str,
    /// What follows them, without a query, which may hold a token.
    path: &'a str,
}

impl<'a> Address<'a> {
    /// Reads a URL, or `HOST:PORT`.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let is_scheme = |scheme: &str| {
            let is_allowed =
                |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | ':');
            !scheme.is_empty() && scheme.chars().all(is_allowed)
        };
        if let Some((scheme, rest)) = text
            .split_once("://")
            .filter(|(scheme, _)| is_scheme(scheme))
        {
            let rest = rest.split(['?', '#']).next().unwrap_or_default();
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let user = authority.rsplit_once('@');
            return Some(Address {
                scheme,
                user: user.map(|(user, _)| user),
                authority: user.map_or(authority, |(_, authority)| authority),
                path,
            });
        }
        let (host, port) = text.rsplit_once(':')?;
        let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
        let address = Address {
            scheme: "",
            user: None,
            authority: text,
            path: "",
        };
        (is_port && !host.is_empty() && address.is_plain()).then_some(address)
    }

    /// The address as messages show it: escaped, without a password.
    pub(super) fn shown(&self) -> String {
        let mut shown = String::new();
        if !self.scheme.is_empty() {
            let user = self.user.map_or("", |_| "***@");
            // Writing to a String cannot fail.
            let _ = write!(shown, "{}://{user}", self.scheme);
        }
        shown.push_str(self.authority);
        shown.push_str(self.path);
        escape(&shown).into_owned()
    }

    /// What to type instead.
    pub(super) fn hints(&self) -> Vec<String> {
        let scheme = self.scheme.to_ascii_lowercase();
        if scheme == "file" {
            return vec![format!("give the path: {}", escape(self.path))];
        }
        let mut hints = Vec::new();
        if let Some(server) = self.server(&scheme) {
            hints.push(format!(
                "to save the certificates that the server presents: trust-init doctor {server} \
                 --save-chain chain.pem"
            ));
        }
        hints.push(if scheme.is_empty() {
            String::from(
                "for a file, check the path; in a container, also that the volume is mounted",
            )
        } else {
            String::from("for a file at this address, download it and give its path")
        });
        hints
    }

    /// What doctor calls the server, if it can ask it.
    fn server(&self, scheme: &str) -> Option<String> {
        let without_tls = [
            "http", "ftp", "s3", "s3a", "s3n", "gs", "hdfs", "abfs", "abfss", "git", "ssh",
        ];
        if without_tls.contains(&scheme) || self.authority.is_empty() {
            return None;
        }
        // Not to be pasted into a shell as it is.
        let authority = if self.is_plain() {
            self.authority
        } else {
            "HOST"
        };
        Some(match scheme {
            "" | "https" | "wss" => authority.to_owned(),
            other => format!("{other}://{authority}"),
        })
    }

    fn is_plain(&self) -> bool {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        self.authority.chars().all(is_allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_answered_with_a_command() {
        let saved = |server: &str| {
            format!(
                "to save the certificates that the server presents: trust-init doctor {server} \
                 --save-chain chain.pem"
            )
        };
        for (text, shown, server) in [
            (
                "https://ca.example.com",
                "https://ca.example.com",
                Some("ca.example.com"),
            ),
            (
                "HTTPS://me:secret@ca.example.com:8443/ca.pem?token=secret",
                "HTTPS://***@ca.example.com:8443/ca.pem",
                Some("ca.example.com:8443"),
            ),
            (
                "ldaps://dir.example.com/o=x",
                "ldaps://dir.example.com/o=x",
                Some("ldaps://dir.example.com"),
            ),
            ("https://$(reboot)/", "https://$(reboot)/", Some("HOST")),
            (
                "http://ca.example.com/ca.pem",
                "http://ca.example.com/ca.pem",
                None,
            ),
            ("s3://bucket/ca.pem", "s3://bucket/ca.pem", None),
            (
                "ca.example.com:443",
                "ca.example.com:443",
                Some("ca.example.com:443"),
            ),
        ] {
            let address = Address::of(text).unwrap();
            assert_eq!(address.shown(), shown);
            let hints = address.hints();
            assert_eq!(
                hints.first().cloned().filter(|_| server.is_some()),
                server.map(saved),
                "{text}"
            );
            assert!(
                hints.last().unwrap().contains("give its path") || !text.contains("//"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_file_url_is_answered_with_its_path_and_a_path_is_no_address() {
        let file = Address::of("file:///etc/ca.pem").unwrap();
        assert_eq!(file.hints(), ["give the path: /etc/ca.pem"]);
        for path in [
            "ca.pem",
            "/etc/ca.pem",
            "C:ca.pem",
            "a/b:443",
            "ca.pem:0",
            ":443",
            "://x",
            "/a://b",
        ] {
            assert!(Address::of(path).is_none(), "{path}");
        }
    }
}
