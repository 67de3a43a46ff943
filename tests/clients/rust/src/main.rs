//! A Rust client: ureq over rustls, with the roots that rustls-native-certs finds.

use std::process::ExitCode;

use ureq::tls::{RootCerts, TlsConfig};

fn main() -> ExitCode {
    let url = std::env::args().nth(1).expect("a URL");
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .build()
        .new_agent();
    match agent.get(&url).call() {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
