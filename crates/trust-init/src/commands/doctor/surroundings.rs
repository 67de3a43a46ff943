//! What a support bundle says about the place: the machine, the user, and the variables about
//! certificates and proxies. What may be a secret is masked here, before anything else sees it.

use std::env::consts;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use rustix::process::{getegid, geteuid};
use trust_doctor::proxy::{EXEMPTION_VARIABLES, PROXY_VARIABLES};
use trust_stores::Timestamp;

use super::process::Process;
use super::stores::public_roots;
use crate::image::Root;
use crate::report::doctor::Surroundings;
use crate::wiring;
use crate::wiring::foreign::FOREIGN_VARIABLES;

/// Variables that decide which program runs, or what it trusts, and that are in no table of the wiring.
const FURTHER_VARIABLES: [&str; 5] = [
    "CONDA_PREFIX",
    "JAVA_HOME",
    "OPENSSL_CONF",
    "PGSSLMODE",
    "VIRTUAL_ENV",
];

/// A longer value is no path and no proxy.
const MAX_VALUE: usize = 1000;

/// An `os-release` file is some hundred bytes long.
const MAX_OS_RELEASE: u64 = 64 * 1024;

pub(super) fn surroundings(
    process: &Process<'_>,
    pid: Option<u32>,
    now: Timestamp,
) -> Surroundings {
    Surroundings {
        now,
        platform: platform(process, pid),
        variables: variables(process),
        public: public_roots(),
    }
}

fn platform(process: &Process<'_>, pid: Option<u32>) -> Vec<(String, String)> {
    let kernel = |name: &str| {
        let text = fs::read_to_string(Path::new("/proc/sys/kernel").join(name));
        text.map_or_else(|_| String::from("unknown"), |text| text.trim().to_owned())
    };
    let user = format!("uid {}, gid {}", geteuid().as_raw(), getegid().as_raw());
    let whose = pid.map_or_else(
        || String::from("the environment of trust-init itself"),
        |pid| format!("process {pid} (--pid)"),
    );
    let facts = [
        ("host", kernel("hostname")),
        ("system", os_name(process)),
        (
            "kernel",
            format!("{} {} {}", consts::OS, kernel("osrelease"), consts::ARCH),
        ),
        ("user", user),
        ("examined", whose),
    ];
    facts.map(|(name, value)| (name.to_owned(), value)).into()
}

/// `PRETTY_NAME` of os-release(5).
fn os_name(process: &Process<'_>) -> String {
    let root = Root::new(&process.root);
    let files = ["/etc/os-release", "/usr/lib/os-release"].into_iter();
    let mut texts = files.filter_map(|file| root.read(Path::new(file), MAX_OS_RELEASE).ok());
    let name = texts.find_map(|text| {
        let text = String::from_utf8_lossy(&text).into_owned();
        let mut lines = text.lines();
        let name = lines.find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(name.trim_matches('"').to_owned())
    });
    name.unwrap_or_else(|| String::from("no os-release file, as in a distroless image"))
}

fn variables(process: &Process<'_>) -> Vec<(String, String)> {
    let ours = wiring::path_variables().map(|variable| variable.name);
    // NODE_OPTIONS holds much else, which is not for a ticket.
    let foreign = FOREIGN_VARIABLES.iter().map(|variable| variable.name);
    let foreign = foreign.filter(|name| *name != "NODE_OPTIONS");
    let mut found: Vec<(String, String)> = ours
        .chain(foreign)
        .chain(FURTHER_VARIABLES)
        .chain(EXEMPTION_VARIABLES)
        .filter_map(|name| Some((name.to_owned(), masked(&process.value(name)?))))
        .collect();
    let proxies = PROXY_VARIABLES
        .into_iter()
        .chain(["http_proxy", "HTTP_PROXY"]);
    found.extend(
        proxies.filter_map(|name| Some((name.to_owned(), masked_proxy(&process.value(name)?)))),
    );
    let options = process.jvm_options().shown().into_iter();
    found.extend(options.map(|(name, options)| (name.to_owned(), options)));
    found.sort();
    // One is in the table twice, because its value decides what it does.
    found.dedup();
    found
}

/// A value without the user and the password of a URL, and without its query.
fn masked(value: &OsString) -> String {
    let value = value.to_string_lossy();
    if value.len() > MAX_VALUE || value.contains(['\n', '\r']) || value.contains("-----") {
        return format!("({} bytes, not shown: no path)", value.len());
    }
    match value.split_once("://") {
        None => value.into_owned(),
        Some((scheme, rest)) => {
            // A password may hold any character that ends a user in a valid URL.
            let (secret, rest) = rest
                .rsplit_once('@')
                .map_or(("", rest), |(_, rest)| ("***@", rest));
            let (rest, query) = rest
                .split_once('?')
                .map_or((rest, ""), |(rest, _)| (rest, "?***"));
            format!("{scheme}://{secret}{rest}{query}")
        }
    }
}

/// The same for a proxy, which need not have a scheme.
fn masked_proxy(value: &OsString) -> String {
    let text = masked(value);
    match text.rsplit_once('@') {
        Some((secret, proxy)) if !text.contains("://") && !secret.is_empty() => {
            format!("***@{proxy}")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{masked, masked_proxy};

    #[test]
    fn no_password_is_shown() {
        for (value, shown) in [
            ("/etc/ssl/cert.pem", "/etc/ssl/cert.pem"),
            ("/home/a@b/cert.pem", "/home/a@b/cert.pem"),
            ("http://proxy:3128", "http://proxy:3128"),
            ("http://user:secret@proxy:3128", "http://***@proxy:3128"),
            ("http://user:secr/et@t@proxy:3128", "http://***@proxy:3128"),
            ("user:secret@proxy:3128", "***@proxy:3128"),
            (
                "https://host/ca.pem?token=secret",
                "https://host/ca.pem?***",
            ),
            ("https://host/ca.pem?token=secret@x", "https://***@x"),
        ] {
            let value = OsString::from(value);
            let found = if shown.starts_with("***") {
                masked_proxy(&value)
            } else {
                masked(&value)
            };
            assert_eq!(found, shown);
        }
        for value in [
            "a\nsecret",
            "-----BEGIN PRIVATE KEY-----",
            &"secret".repeat(500),
        ] {
            assert!(
                !masked(&OsString::from(value)).contains("secret"),
                "{value}"
            );
        }
    }
}
