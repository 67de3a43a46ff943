//! The words for what happens on the way to a server, and in the handshake.

use trust_doctor::connect::{Rejection, Step, Unreached};
use trust_doctor::handshake::{CipherSuite, HandshakeFailure, Obstacle};
use trust_doctor::issuers::FetchError;
use trust_doctor::{Probe, StartTls};

use super::causes::Words;

/// Why a server was not reached, and what to do.
pub(super) fn unreached(unreached: &Unreached) -> Words {
    let words = Words::new(unreached_message(unreached));
    match unreached {
        Unreached::NoSuchName => words
            .fix("check the spelling and the DNS here (in a pod, dnsPolicy and search domains)"),
        Unreached::Refused(_) => words.fix("check the port, and that the service is running"),
        Unreached::Silent(_) => {
            words.fix("a firewall or NetworkPolicy may be dropping packets: ask your network team")
        }
        Unreached::Network(_) => {
            words.fix("check routes and firewalls (in a pod, NetworkPolicies)")
        }
        Unreached::ProxyUnreached(_) => words.fix("check HTTPS_PROXY, or add the host to NO_PROXY"),
        Unreached::ProxyRefused(Rejection::Unauthorized { schemes, .. }) => {
            unauthorized(words, schemes)
        }
        Unreached::ProxyRefused(_) => {
            words.fix("ask the proxy's owner to allow this host, or add it to NO_PROXY")
        }
        Unreached::StartTlsRefused(_) => {
            words.fix("check the port, and the protocol that --starttls names")
        }
    }
}

fn unreached_message(unreached: &Unreached) -> String {
    match unreached {
        Unreached::NoSuchName => String::from("the name has no address"),
        Unreached::Refused(address) => format!("nothing is listening at {address}"),
        Unreached::Silent(step) => format!("timed out waiting for {}", step_name(*step)),
        Unreached::Network(reason) => format!("the network reports: {reason}"),
        Unreached::ProxyUnreached(inner) => {
            format!("cannot reach the proxy: {}", unreached_message(inner))
        }
        Unreached::ProxyRefused(rejection) => {
            format!("the proxy refused the connection: {}", rejected(rejection))
        }
        Unreached::StartTlsRefused(rejection) => {
            format!("the server did not start TLS: {}", rejected(rejection))
        }
    }
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Lookup => "the name lookup",
        Step::Tcp => "the TCP connection",
        Step::Proxy => "the proxy",
        Step::StartTls => "STARTTLS",
    }
}

/// What to do about a proxy that requires a user, by the schemes that it offers.
fn unauthorized(words: Words, schemes: &[String]) -> Words {
    let has = |name: &str| schemes.iter().any(|one| one.eq_ignore_ascii_case(name));
    let words = if has("basic") || schemes.is_empty() {
        words
            .fix("set HTTPS_PROXY=http://USER:PASSWORD@PROXY; if it has a user already, the password is wrong")
            .fix("a JVM also needs -Djdk.http.auth.tunneling.disabledSchemes= (empty)")
    } else {
        words.fix("no user and password in HTTPS_PROXY answers these schemes: ask for Basic, or for a way around the proxy")
    };
    words.fix("or add the host to NO_PROXY, if it can be reached directly")
}

fn rejected(rejection: &Rejection) -> String {
    String::from(match rejection {
        Rejection::Answered(line) => line,
        Rejection::Unauthorized { status, schemes } if schemes.is_empty() => status,
        Rejection::Unauthorized { status, schemes } => {
            return format!("{status}; it asks for {}", schemes.join(", "));
        }
        Rejection::OtherProtocol => "its answer is of another protocol",
        Rejection::NoTls => "it does not offer TLS",
        Rejection::HungUp => "it closed the connection",
        Rejection::Failed(reason) => reason,
    })
}

/// Why a handshake failed, what a second one showed, and what to do.
pub(super) fn failed_handshake(failure: Option<&HandshakeFailure>, probe: &Probe) -> Words {
    let mut words = handshake(failure);
    if let Some(hint) = starttls_hint(probe) {
        words.fixes.insert(0, hint);
    }
    let Some(shaken) = probe
        .answer
        .as_ref()
        .ok()
        .filter(|one| one.chain.is_empty())
    else {
        return words;
    };
    if shaken.version.is_some() {
        return words
            .fix("doctor does not speak that, but clients may: ask one, for instance openssl s_client -verify_return_error");
    }
    if let Some(second) = &shaken.second_failure {
        let tried = "a second attempt, with all ciphers up to TLS 1.2,";
        words.message = if failure == Some(second) {
            format!("{}; {tried} had the same answer", words.message)
        } else {
            let second = handshake(Some(second)).message;
            format!("{}; {tried} failed too: {second}", words.message)
        };
    }
    words
}

/// What to ask for at a port whose servers start TLS on request, if nobody asked for it.
fn starttls_hint(probe: &Probe) -> Option<String> {
    let port = probe.authority.rsplit(':').next()?.parse().ok()?;
    if probe.starttls.is_some() || !probe.chain.is_empty() {
        return None;
    }
    if let Some(protocol) = StartTls::of_port(port) {
        let name = protocol.as_str();
        return Some(format!(
            "servers at port {port} usually start TLS on request: use --starttls {name}"
        ));
    }
    let (name, at_once) = match port {
        143 => ("IMAP", 993),
        110 => ("POP3", 995),
        21 => ("FTP", 990),
        1433 => ("SQL Server", 1433),
        _ => return None,
    };
    Some(if at_once == port {
        format!("{name} wraps the handshake in its own protocol (TDS), which doctor does not speak")
    } else {
        format!(
            "{name} starts TLS on request at port {port}, which doctor does not speak: use port {at_once}"
        )
    })
}

/// Why a handshake failed, and what to do.
pub(super) fn handshake(failure: Option<&HandshakeFailure>) -> Words {
    const VERSIONS: &str = "ask the server's owner which versions and ciphers it accepts";
    match failure {
        Some(HandshakeFailure::NotTls(line)) => {
            let words = Words::new(format!("the answer is not TLS: \"{line}\""));
            if line.starts_with("HTTP/") {
                words.fix("this port speaks plain HTTP: use the HTTPS port, usually 443")
            } else {
                words.fix("check the port; a database or mail server may need --starttls")
            }
        }
        Some(HandshakeFailure::Alert(name)) => alert(name),
        Some(HandshakeFailure::Closed) => {
            Words::new("the server closed the connection during the handshake")
                .fix("check the port, and whether a proxy or firewall is in between")
        }
        Some(HandshakeFailure::Silent) => Words::new("connected, but the server did not answer in time")
            .fix("the port may not speak TLS, or a firewall is dropping packets"),
        Some(HandshakeFailure::BadSignature) => Words::new(
            "the server did not prove that it has the key of its certificate: its signature is wrong",
        )
        .fix("someone in between may be presenting another server's certificate: ask your network team")
        .fix("or the server is configured with a key that is not its certificate's: ask its owner"),
        Some(HandshakeFailure::NoServerName) => {
            Words::new("the handshake failed: TLS cannot ask for a host of this name").fix(VERSIONS)
        }
        Some(HandshakeFailure::Unsupported(reason) | HandshakeFailure::Other(reason)) => {
            Words::new(format!("the handshake failed: {reason}")).fix(VERSIONS)
        }
        None => Words::new("the server presented no certificate"),
    }
}

/// The words for an alert by which a server ends a handshake (RFC 8446, section 6.2).
fn alert(name: &str) -> Words {
    let words = Words::new(format!(
        "the server ended the handshake with the alert {name}"
    ));
    match name {
        "UnrecognisedName" => words.fix("the server knows no host of this name (SNI): check the name, or ask its owner"),
        "ProtocolVersion" => words.fix("ask the server's owner which versions of TLS it accepts"),
        "HandshakeFailure" | "InsufficientSecurity" => words
            .fix("ask the server's owner which versions, ciphers and groups it accepts, and what its log says")
            .fix("some servers answer like this if they do not know the host name (SNI)"),
        _ => words.fix("the server's log has the reason"),
    }
}

/// What a client does not accept of a handshake, in words to search for, and what to do.
pub(super) fn obstacle(obstacle: Obstacle) -> Words {
    match obstacle {
        Obstacle::OldTls(version) => Words::new(format!(
            "the server only speaks {}, which today's clients refuse",
            version.as_str()
        ))
        .fix("the server's owner must enable TLS 1.2 or 1.3; adding a CA does not help"),
        Obstacle::NoSecureRenegotiation => Words::new(
            "the server, or a proxy in between, does not support secure renegotiation (RFC 5746): \
             \"unsafe legacy renegotiation disabled\" (UNSAFE_LEGACY_RENEGOTIATION_DISABLED), with OpenSSL 3",
        )
        .fix("update the server or the proxy, or enable TLS 1.3 there; adding a CA does not help")
        .fix("until then, the client must set SSL_OP_LEGACY_SERVER_CONNECT, which lets anyone in between insert data before its own"),
        Obstacle::CipherSuite(suite) => old_cipher(suite),
        Obstacle::Group(group) => Words::new(format!(
            "the server agrees on keys only by {group}, which JDK 8 does not have"
        ))
        .fix("the server's owner must enable P-256 as well, or the client must use a newer JDK; adding a CA does not help"),
        Obstacle::ShortDiffieHellman(bits) => Words::new(format!(
            "the server agrees on keys by Diffie-Hellman of {bits} bits: \"dh key too small\" \
             (DH_KEY_TOO_SMALL), with OpenSSL's security level 2"
        ))
        .fix("the server's owner must enable ECDHE, or set DH parameters of 2048 bits; adding a CA does not help"),
        Obstacle::Sha1Signature => Words::new(
            "the server signs the handshake with SHA-1, which OpenSSL 3 and newer JVMs refuse",
        )
        .fix("the server's owner must enable signatures with SHA-256; adding a CA does not help"),
    }
}

fn old_cipher(suite: CipherSuite) -> Words {
    let name = suite.to_string();
    let who = if name.contains("3DES") || name.contains("RC4") || suite.name().is_none() {
        "which today's clients refuse"
    } else if name.starts_with("RSA") {
        "which JDK 24 and later refuse, and Python unless it was built with OpenSSL's list, as Debian's is"
    } else if name.contains("CHACHA20") && !name.starts_with("DHE") {
        "which JDK 8 refuses"
    } else if name.contains("CHACHA20") {
        "which JDK 8 refuses, and Python unless it was built with OpenSSL's list, as Debian's is"
    } else {
        "which Python refuses unless it was built with OpenSSL's list, as Debian's is"
    };
    Words::new(format!(
        "the server has no better cipher than {name}, {who}"
    ))
    .fix("the server's owner must enable ECDHE with AES-GCM; adding a CA does not help")
}

/// Why an issuer's certificate was not fetched.
pub(super) fn not_fetched(error: &FetchError) -> String {
    match error {
        FetchError::NotHttp => String::from("only http:// is fetched"),
        FetchError::BadUrl => String::from("not a valid URL"),
        FetchError::Unreached(unreached) => unreached_message(unreached),
        FetchError::Failed(reason) => reason.clone(),
        FetchError::NotAnHttpAnswer => String::from("the answer is not HTTP"),
        FetchError::Status(status) => format!("the server answered {status}"),
        FetchError::NotTheIssuer => String::from("what is there is not the issuer's certificate"),
    }
}
