//! The words for what happens on the way to a server, and in the handshake.

use trust_doctor::connect::{Rejection, Step, Unreached};
use trust_doctor::handshake::HandshakeFailure;
use trust_doctor::issuers::FetchError;

use super::causes::Words;

/// Why a server was not reached, and what to do.
pub(super) fn unreached(unreached: &Unreached) -> Words {
    let words = Words::new(unreached_message(unreached));
    match unreached {
        Unreached::NoSuchName => {
            words.fix("check the spelling and this pod's DNS (dnsPolicy, search domains)")
        }
        Unreached::Refused(_) => words.fix("check the port, and that the service is running"),
        Unreached::Silent(_) => words.fix(
            "a firewall or NetworkPolicy may be dropping packets: ask your network team",
        ),
        Unreached::Network(_) => words.fix("check this pod's routes and NetworkPolicies"),
        Unreached::ProxyUnreached(_) => {
            words.fix("check HTTPS_PROXY, or add the host to NO_PROXY")
        }
        // RFC 9110, section 15.5.8.
        Unreached::ProxyRefused(Rejection::Answered(status)) if status.contains(" 407 ") => words
            .fix("the proxy requires a password: set HTTPS_PROXY=http://USER:PASSWORD@PROXY, or add the host to NO_PROXY"),
        Unreached::ProxyRefused(_) => {
            words.fix("ask the proxy's owner to allow this host, or add it to NO_PROXY")
        }
        Unreached::StartTlsRefused(_) => words.fix("check the port, and the protocol that --starttls names"),
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

fn rejected(rejection: &Rejection) -> &str {
    match rejection {
        Rejection::Answered(line) => line,
        Rejection::NoTls => "it does not offer TLS",
        Rejection::HungUp => "it closed the connection",
        Rejection::Failed(reason) => reason,
    }
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
        Some(HandshakeFailure::Alert(name)) => {
            Words::new(format!("the server ended the handshake with the alert {name}"))
                .fix("the server's log has the reason; often it does not know this host name (SNI)")
        }
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
