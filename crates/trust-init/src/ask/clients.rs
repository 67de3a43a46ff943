//! How each program is asked, and what its output means.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use trust_doctor::StartTls;

use super::program::{self, Found};
use super::question::{ClientProxy, PROXY_PASSWORD, Question, Surroundings};
use super::run::{End, Run};
use super::words::ProbeWords;
use super::{Answer, AskedClient, starttls};
use crate::sys;

const SSL_PROBE: &str = include_str!("probes/ssl_probe.py");
const REQUESTS_PROBE: &str = include_str!("probes/requests_probe.py");
const TLS_PROBE: &str = include_str!("probes/tls_probe.js");
/// `java/TrustProbe.java`, compiled for Java 8; `java/make` makes it.
const JAVA_PROBE: &[u8] = include_bytes!("../../java/TrustProbe.jar");

/// Where the program of a client is.
pub(super) fn locate(client: AskedClient, surroundings: &Surroundings) -> Found {
    let by_name = |name| program::find(name, surroundings.value("PATH").as_deref());
    match client {
        AskedClient::OpenSsl => by_name("openssl"),
        AskedClient::Curl => by_name("curl"),
        AskedClient::Python | AskedClient::Requests => match &surroundings.python {
            Some(python) => program::at(python.clone()),
            None => by_name("python3"),
        },
        AskedClient::Jvm => {
            let home = surroundings.value("JAVA_HOME").map(PathBuf::from);
            match home.map(|home| program::at(home.join("bin/java"))) {
                None | Some(Found::Nowhere) => by_name("java"),
                Some(found) => found,
            }
        }
        AskedClient::Node => by_name("node"),
    }
}

/// The command that asks the server, or why this client cannot be asked that.
pub(super) fn command(
    client: AskedClient,
    program: &Path,
    question: &Question,
    surroundings: &Surroundings,
) -> Result<Command, String> {
    let mut command = surroundings.command(program, question);
    match client {
        AskedClient::OpenSsl => openssl(&mut command, question),
        AskedClient::Curl => curl(&mut command, question)?,
        AskedClient::Python => {
            command.args(["-c", SSL_PROBE]);
            command.arg(question.patience().as_secs_f32().to_string());
            host_and_port(&mut command, question);
            steps(&mut command, question);
        }
        AskedClient::Requests => {
            only_https(question)?;
            command.args(["-c", REQUESTS_PROBE]);
            command.arg(question.patience().as_secs_f32().to_string());
            command.arg(format!("https://{}/", &question.authority));
        }
        AskedClient::Jvm => {
            let probe = in_memory(JAVA_PROBE)
                .map_err(|error| format!("the probe needs memory for a file: {error}"))?;
            java(&mut command, question, &surroundings.jvm_options);
            command.stdin(Stdio::from(probe));
        }
        AskedClient::Node => {
            only_https(question)?;
            command.args(["-e", TLS_PROBE, "--"]);
            command.arg(question.patience().as_millis().to_string());
            host_and_port(&mut command, question);
            command.arg(named_proxy(question, "direct"));
        }
    }
    Ok(command)
}

/// The command that prints the version of a program that does not say it with its answer.
pub(super) fn version_command(
    client: AskedClient,
    program: &Path,
    question: &Question,
    surroundings: &Surroundings,
) -> Option<Command> {
    let argument = match client {
        AskedClient::OpenSsl => "version",
        AskedClient::Curl => "--version",
        _ => return None,
    };
    let mut command = surroundings.command(program, question);
    command.arg(argument);
    Some(command)
}

/// What a program's run means.
pub(super) fn read(client: AskedClient, run: &Run, clean: impl Fn(&str) -> String) -> Answer {
    let answer = match client {
        AskedClient::OpenSsl => openssl_answer(run, &clean),
        AskedClient::Curl => curl_answer(run, &clean),
        _ => ProbeWords::of(&run.stdout).answer(&clean),
    };
    answer.unwrap_or_else(|| match &run.end {
        End::TimedOut => Answer::TimedOut,
        End::NotStarted(error) => Answer::Failed(clean(&format!("cannot be started: {error}"))),
        End::Exited(status) => {
            let last = last_line(&run.stderr).or(last_line(&run.stdout));
            let last = last.map_or_else(String::new, |line| format!(": {line}"));
            Answer::Failed(clean(&format!("{status}{last}")))
        }
    })
}

/// The version in a probe's output, or in the first line of `openssl version` or `curl --version`.
pub(super) fn version(run: &Run, of_version: Option<&Run>) -> Option<String> {
    let Some(of_version) = of_version else {
        return ProbeWords::of(&run.stdout).version.map(str::to_owned);
    };
    let line = of_version.stdout.lines().next()?;
    let words: Vec<&str> = line.split(' ').take(2).collect();
    // curl lists its libraries next; which TLS it has decides much.
    let mut libraries = line.split(' ').filter(|word| {
        let name = word
            .split('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        word.contains('/') && (name.contains("ssl") || name.contains("tls"))
    });
    let library = libraries.next().map(|library| library.replace('/', " "));
    let version: Vec<String> = [words.join(" ")].into_iter().chain(library).collect();
    Some(version.join(", ")).filter(|version| !version.is_empty())
}

fn last_line(text: &str) -> Option<&str> {
    let mut lines = text.lines().rev().map(str::trim);
    // A JVM repeats its options, secrets among them.
    lines.find(|line| !line.is_empty() && !line.contains("Picked up "))
}

fn only_https(question: &Question) -> Result<(), String> {
    match question.starttls {
        None => Ok(()),
        Some(protocol) => Err(format!(
            "asked for HTTPS only, not for {}",
            protocol.as_str()
        )),
    }
}

fn host_and_port(command: &mut Command, question: &Question) {
    command.args([question.host.clone(), question.port.to_string()]);
}

fn steps(command: &mut Command, question: &Question) {
    let steps = question.starttls.map_or(&[][..], starttls::steps);
    command.args(steps.iter().map(ToString::to_string));
}

/// `HOST:PORT` of the proxy that programs are to use, `direct`, or what lets them find their own.
fn named_proxy(question: &Question, of_the_client: &str) -> String {
    match &question.proxy {
        ClientProxy::OfTheClient => of_the_client.to_owned(),
        ClientProxy::Direct => String::from("direct"),
        ClientProxy::Through(proxy) => proxy.authority(),
    }
}

// --- openssl

/// It compares no name unless told to, and reads no variable for a proxy.
fn openssl(command: &mut Command, question: &Question) {
    let host = question.host.as_str();
    command.args(["s_client", "-verify_return_error", "-connect"]);
    command.arg(&question.authority);
    if host.parse::<IpAddr>().is_ok() {
        command.args(["-verify_ip", host]);
    } else {
        command.args(["-verify_hostname", host, "-servername", host]);
    }
    if let Some(protocol) = question.starttls {
        command.args(["-starttls", protocol.as_str()]);
    }
    let Some(proxy) = &question.own_proxy else {
        return;
    };
    command.args(["-proxy", &proxy.authority()]);
    if let Some((user, password)) = proxy.credentials() {
        command.args(["-proxy_user", &user]);
        command.args(["-proxy_pass", &format!("env:{PROXY_PASSWORD}")]);
        command.env(PROXY_PASSWORD, password);
    }
}

/// With `-verify_return_error`, it ends with 1 if it refuses; but also without any certificate.
fn openssl_answer(run: &Run, clean: impl Fn(&str) -> String) -> Option<Answer> {
    let mut lines = run.stderr.lines().chain(run.stdout.lines());
    let after = |line: &str, mark: &str| line.trim().strip_prefix(mark).map(str::to_owned);
    let refusal = lines.find_map(|line| {
        after(line, "verify error:num=")
            .or_else(|| after(line, "Verify return code: ").filter(|code| !code.starts_with("0 ")))
    });
    if let Some(words) = refusal {
        return Some(Answer::Refuses(clean(&words)));
    }
    let is_verified = ["Verification: OK", "Verify return code: 0 (ok)"]
        .iter()
        .any(|mark| run.stdout.contains(mark));
    let has_certificate = run.stdout.contains("BEGIN CERTIFICATE");
    let is_well = matches!(run.end, End::Exited(status) if status.success());
    if is_well && is_verified && has_certificate {
        return Some(Answer::Trusts);
    }
    let mut errors = run.stderr.lines();
    let error = errors.find_map(|line| line.split_once(":error:"))?;
    Some(Answer::Failed(clean(error.1)))
}

// --- curl

fn curl(command: &mut Command, question: &Question) -> Result<(), String> {
    let seconds = question.patience().as_secs_f32().to_string();
    command.args(["-sS", "-o", "/dev/null", "--max-time", &seconds]);
    command.args([
        "-w",
        "trust-init: %{ssl_verify_result} %{time_appconnect}\\n",
    ]);
    match question.starttls {
        None => {
            command.arg("--head");
            command.arg(format!("https://{}/", &question.authority));
        }
        Some(StartTls::Smtp) => {
            command.arg("--ssl-reqd");
            command.arg(format!("smtp://{}", &question.authority));
        }
        Some(protocol) => {
            let reason = format!("curl does not start TLS in {}", protocol.as_str());
            return Err(reason);
        }
    }
    Ok(())
}

/// Codes of curl(1) for a certificate that it refuses, and for a store that it cannot use.
const CURL_REFUSALS: [i32; 6] = [51, 60, 77, 83, 90, 91];

fn curl_answer(run: &Run, clean: impl Fn(&str) -> String) -> Option<Answer> {
    let End::Exited(status) = run.end else {
        return None;
    };
    let mut lines = run.stderr.lines();
    let words = lines.find(|line| line.starts_with("curl: ("));
    if status
        .code()
        .is_some_and(|code| CURL_REFUSALS.contains(&code))
    {
        return Some(Answer::Refuses(clean(words.unwrap_or_default())));
    }
    let mut lines = run.stdout.lines();
    let told = lines.find_map(|line| line.strip_prefix("trust-init: "));
    let (verified, time) = told
        .and_then(|told| told.split_once(' '))
        .unwrap_or(("", ""));
    // The time when the handshake was done, whatever the server answered then.
    if time.parse().is_ok_and(|time: f32| time > 0.0) {
        return Some(if verified == "0" {
            Answer::Trusts
        } else {
            Answer::Failed(format!(
                "curl is set not to verify; its error is {}",
                clean(verified)
            ))
        });
    }
    words.map(|words| Answer::Failed(clean(words)))
}

// --- Java

/// Like the job's own JVM, but small: it must not push the job out of the pod's memory. A collector is
/// not chosen, because a JVM refuses two of them.
fn java(command: &mut Command, question: &Question, options: &[OsString]) {
    command.args(options);
    command.args(["-Xms8m", "-Xmx64m", "-cp", "/proc/self/fd/0", "TrustProbe"]);
    command.arg(question.patience().as_millis().to_string());
    host_and_port(command, question);
    command.arg(named_proxy(question, "default"));
    steps(command, question);
}

/// A file in memory, which is given to a program as its standard input: nothing is written to a disk, and
/// a read-only pod can run it too.
fn in_memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = sys::file_in_memory("trust-init-probe")?;
    file.write_all(bytes)?;
    Ok(file)
}
