//! The clients whose answers are predicted, and what they do differently.

/// A client with its defaults.
///
/// Each of these rules was tried on the real program; the sources that they come from are named
/// beside the code that uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// OpenSSL's defaults: Python's own ssl module before 3.13, Ruby, PHP. curl reads the same
    /// stores, but ends a path at any certificate in them.
    OpenSsl,
    /// Python's requests: OpenSSL, but urllib3 ignores the common name.
    Requests,
    /// The JVM's PKIX trust manager.
    Jvm,
    /// requests under Python 3.13 and later: `ssl.create_default_context` sets
    /// `VERIFY_X509_STRICT` and `VERIFY_X509_PARTIAL_CHAIN`. It reads the store of
    /// [`Client::Requests`].
    StrictPython,
}

impl Client {
    /// The clients with a store of their own, in the order that reports list them.
    pub const ALL: [Client; 3] = [Client::OpenSsl, Client::Requests, Client::Jvm];

    /// The name that machines read.
    pub fn as_str(self) -> &'static str {
        match self {
            Client::OpenSsl => "openssl",
            Client::Requests => "python",
            Client::Jvm => "java",
            Client::StrictPython => "python-3.13",
        }
    }

    /// Whether any certificate in its store ends a path; to the others only a self-signed one does.
    pub(crate) fn ends_at_any_anchor(self) -> bool {
        matches!(self, Client::StrictPython | Client::Jvm)
    }

    /// Whether the anchor must be valid today as well.
    pub(crate) fn checks_anchor_validity(self) -> bool {
        self != Client::Jvm
    }

    /// Whether the anchor's extensions count. To the JVM an anchor is a name and a key (RFC 5280,
    /// section 6.1.1), if it is a CA's.
    pub(crate) fn checks_anchor_extensions(self) -> bool {
        self != Client::Jvm
    }

    /// Whether the extended key usage of a CA counts.
    pub(crate) fn checks_ca_extended_key_usage(self) -> bool {
        self != Client::Jvm
    }

    /// Whether `*` may be part of a label (`log*.example.com`). OpenSSL itself allows that; curl and
    /// Python tell it not to.
    pub(crate) fn matches_partial_wildcards(self) -> bool {
        self == Client::Jvm
    }

    /// Whether the subject's common name counts where there is no dNSName.
    pub(crate) fn falls_back_to_common_name(self) -> bool {
        matches!(self, Client::OpenSsl | Client::Jvm)
    }
}
