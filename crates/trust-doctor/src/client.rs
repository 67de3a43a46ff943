//! The clients whose answers are predicted, and what they do differently.

/// A client with its defaults.
///
/// Each of these rules was tried on the real program; the sources that they come from are named
/// beside the code that uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// OpenSSL's defaults: `openssl s_client -verify_return_error -verify_hostname`, Ruby, PHP.
    OpenSsl,
    /// The command `curl` and programs with libcurl, built with OpenSSL. It ends a path at any
    /// certificate of its store, and compares host names itself.
    Curl,
    /// Python's own ssl module, by `ssl.create_default_context`: urllib, http.client, aiohttp.
    Python,
    /// Python's requests with urllib3 2, which ignores the common name.
    Requests,
    /// The JVM's PKIX trust manager.
    Jvm,
}

impl Client {
    /// Every client, in the order that reports list them.
    pub const ALL: [Client; 5] = [
        Client::OpenSsl,
        Client::Curl,
        Client::Python,
        Client::Requests,
        Client::Jvm,
    ];

    /// The name that machines read.
    pub fn as_str(self) -> &'static str {
        match self {
            Client::OpenSsl => "openssl",
            Client::Curl => "curl",
            Client::Python => "python-ssl",
            Client::Requests => "python",
            Client::Jvm => "java",
        }
    }
}

/// Whether a client verifies with `VERIFY_X509_STRICT` and `VERIFY_X509_PARTIAL_CHAIN`.
/// `ssl.create_default_context` sets both in Python 3.13 and later, and so does urllib3 2.4 and later
/// under such a Python.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// It does not.
    #[default]
    Lenient,
    /// It does.
    Strict,
    /// The version of the client is not known.
    Unknown,
}

/// The rules that one client judges by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub(crate) client: Client,
    /// Whether `VERIFY_X509_STRICT` and `VERIFY_X509_PARTIAL_CHAIN` are set.
    pub(crate) is_strict: bool,
}

impl Rules {
    /// Those of a client with its defaults; of Python and requests, before 3.13.
    pub const fn of(client: Client) -> Self {
        Rules {
            client,
            is_strict: false,
        }
    }

    /// Those of a client that sets `VERIFY_X509_STRICT` and `VERIFY_X509_PARTIAL_CHAIN`.
    pub const fn strict(client: Client) -> Self {
        Rules {
            client,
            is_strict: true,
        }
    }

    pub(crate) fn is_jvm(self) -> bool {
        self.client == Client::Jvm
    }

    /// Whether any certificate in its store ends a path; to the others only a self-signed one does.
    /// curl sets `X509_V_FLAG_PARTIAL_CHAIN` since 7.68.
    pub(crate) fn ends_at_any_anchor(self) -> bool {
        self.is_strict || matches!(self.client, Client::Curl | Client::Jvm)
    }

    /// Whether the anchor must be valid today as well.
    pub(crate) fn checks_anchor_validity(self) -> bool {
        !self.is_jvm()
    }

    /// Whether the anchor's extensions count. To the JVM an anchor is a name and a key (RFC 5280,
    /// section 6.1.1), if it is a CA's.
    pub(crate) fn checks_anchor_extensions(self) -> bool {
        !self.is_jvm()
    }

    /// Whether the subject's common name counts where there is no dNSName.
    pub(crate) fn falls_back_to_common_name(self) -> bool {
        self.client != Client::Requests
    }
}
