//! rig
#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::print_stdout)]
use base64::Engine as _;
use std::io::BufRead;
use trust_doctor::path::PathBuilder;
use trust_doctor::{Client, Outcome, Rules};
use trust_stores::{Certificate, Timestamp};
fn certs(text: &str) -> Option<Vec<Certificate>> {
    text.split(',')
        .filter(|t| !t.is_empty())
        .map(|t| {
            let der = base64::engine::general_purpose::STANDARD.decode(t).unwrap();
            Certificate::from_der(der).ok()
        })
        .collect()
}
fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let p: Vec<&str> = line.split('\t').collect();
        let at = Timestamp::from_unix(p[2].parse().unwrap());
        let anchors = certs(p[3]);
        let chain = certs(p[4]);
        for (name, rules) in [
            ("openssl", Rules::of(Client::OpenSsl)),
            ("curl", Rules::of(Client::Curl)),
            ("python", Rules::of(Client::Python)),
            ("requests", Rules::of(Client::Requests)),
            ("pystrict", Rules::strict(Client::Python)),
            ("reqstrict", Rules::strict(Client::Requests)),
            ("jvm", Rules::of(Client::Jvm)),
        ] {
            let (Some(anchors), Some(chain)) = (&anchors, &chain) else {
                println!("{}\t{name}\tunreadable\t", p[0]);
                continue;
            };
            let before = std::time::Instant::now();
            let outcome = PathBuilder {
                rules,
                anchors,
                chain,
                host: p[1],
                at,
            }
            .judge();
            let took = before.elapsed().as_millis();
            let word = match &outcome {
                Outcome::Trusted(_) => "trusted",
                Outcome::Refused(_) => "refused",
                Outcome::CannotTell(_) => "cannot-tell",
                _ => "?",
            };
            let mut d = format!("{outcome:?}");
            d = d.replace(['\n', '\t'], " ");
            let d: String = d
                .split("Certificate {")
                .next()
                .unwrap()
                .chars()
                .take(150)
                .collect();
            println!("{}\t{name}\t{word}\t{took}ms {d}", p[0]);
        }
    }
}
