//! What the test files share: the binary, run in a clean environment, and material to feed it.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used
)]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// Two certificates, both valid: an issuing CA and its root.
pub const EXAMPLE: &str = concat!(
    concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
    "/examples/client-ca-chain.pem"
);
/// The same and a third, which expired in 2024.
pub const EXAMPLE_WITH_EXPIRED: &str = concat!(
    concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
    "/examples/client-ca-chain-with-expired.pem"
);

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// Failed with `code`, and said each of `words` on stderr.
    #[track_caller]
    pub fn failed(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {self:#?}");
        }
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            code: output.status.code().expect("not killed by a signal"),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trust-init"));
    command.env_clear().stdin(Stdio::null());
    command
}

pub fn trust_init<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    command().args(arguments).output().unwrap().into()
}

/// Runs with a limit that the shell sets, in its own units, before the program starts.
pub fn limited(limit: &str, arguments: &[&str]) -> Run {
    let script = format!("{limit}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_trust-init")])
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null());
    command.output().unwrap().into()
}

/// `exec` with nothing in the environment but what is given and a PATH.
pub fn exec(room: &Room, variables: &[(&str, &str)], options: &[&str], cmd: &[&str]) -> Run {
    let mut command = command();
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TMPDIR", room.path("."))
        .envs(variables.iter().copied())
        .arg("exec")
        .args(options)
        .arg("--")
        .args(cmd);
    Run::from(command.output().unwrap())
}

/// The variables that `env` printed.
pub fn pairs(run: &Run) -> BTreeMap<String, String> {
    let pairs = run.stdout.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What `env` shows of the environment that exec gives.
pub fn environment(
    room: &Room,
    variables: &[(&str, &str)],
    options: &[&str],
) -> BTreeMap<String, String> {
    pairs(&exec(room, variables, options, &["env"]).succeeded())
}

/// How many certificates a PEM file holds.
pub fn certificates(bundle: &str) -> usize {
    let text = fs::read_to_string(bundle).unwrap();
    text.matches("-----BEGIN CERTIFICATE-----").count()
}

/// Runs with `input` on standard input.
pub fn with_stdin<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
    let mut child = command()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What refuses its input may have left before it read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap().into()
}

/// What the program prints where its output is a terminal.
pub fn on_a_terminal(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut ours = File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap());
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let mut command = command();
    command
        .args(arguments)
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs);
    let mut child = command.spawn().unwrap();
    // Ours are the last ones that write; Linux ends a terminal without writers by an error.
    drop(command);
    let mut shown = Vec::new();
    let _ = ours.read_to_end(&mut shown);
    child.wait().unwrap();
    String::from_utf8(shown).unwrap()
}

/// A directory for one test.
pub struct Room(tempfile::TempDir);

impl Room {
    pub fn new() -> Self {
        Room(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file with `content`; gives its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn out(&self) -> String {
        self.path("out").to_str().unwrap().to_owned()
    }

    pub fn manifest(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path("out/manifest.json")).unwrap()).unwrap()
    }
}

/// Every file and link below `root` with its bytes, or its target; directories with nothing.
pub fn snapshot(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            let content = if kind.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                target.as_os_str().as_encoded_bytes().to_vec()
            } else if kind.is_dir() {
                directories.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            found.insert(path.strip_prefix(root).unwrap().to_owned(), content);
        }
    }
    found
}

/// The names in a directory, sorted.
pub fn listing(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// `root` and each path below it with what changes when it is written again, even with the same
/// bytes.
pub fn touched(root: &Path) -> BTreeSet<(PathBuf, u64, i64, i64)> {
    let below = snapshot(root).into_keys().map(|path| root.join(path));
    let look = |path: PathBuf| {
        let seen = fs::symlink_metadata(&path).unwrap();
        (path, seen.ino(), seen.ctime(), seen.ctime_nsec())
    };
    below.chain([root.to_owned()]).map(look).collect()
}

/// Some public root, by its place in Mozilla's set.
pub fn root(index: usize) -> Vec<u8> {
    TLS_SERVER_ROOT_CERTS[index].to_vec()
}

pub fn pem(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in STANDARD.encode(der).as_bytes().chunks(64) {
        out.push_str(std::str::from_utf8(line).unwrap());
        out.push('\n');
    }
    out.push_str(&["-----END ", label, "-----\n"].concat());
    out
}

/// Two roots as plain PEM.
pub fn two() -> String {
    pem("CERTIFICATE", &root(0)) + &pem("CERTIFICATE", &root(1))
}

/// A root as OpenSSL's TRUSTED CERTIFICATE with these trust settings (`X509_AUX`).
pub fn trusted(index: usize, settings: &[u8]) -> String {
    let mut der = root(index);
    der.extend(settings);
    pem("TRUSTED CERTIFICATE", &der)
}

/// `X509_AUX` that rejects TLS servers: SEQUENCE { [0] { serverAuth } }.
pub const REJECTS_SERVERS: &[u8] = b"\x30\x0c\xa0\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
/// That trusts them: SEQUENCE { SEQUENCE { serverAuth } }.
pub const TRUSTS_SERVERS: &[u8] = b"\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
/// That trusts e-mail alone: SEQUENCE { SEQUENCE { emailProtection } }.
pub const TRUSTS_EMAIL: &[u8] = b"\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x04";
