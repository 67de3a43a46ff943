//! Input that cannot become trust, and places that cannot be written: one clear error, nothing
//! written, the old stores as they were.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{
    EXAMPLE, Room, Run, limited, listing, pem, root, snapshot, touched, trust_init, two, with_stdin,
};

const KEY_LABELS: [&str; 4] = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
];

fn build(room: &Room, arguments: &[&str]) -> Run {
    let out = room.out();
    trust_init([&["build", "--out", &out], arguments].concat())
}

/// Runs a build that has to fail on `source`, and checks that it wrote nothing.
#[track_caller]
fn refused(room: &Room, source: &str, code: &str, words: &[&str]) -> Run {
    refused_by(room, source, code, words, || build(room, &["--ca", source]))
}

#[track_caller]
fn refused_by(
    room: &Room,
    source: &str,
    code: &str,
    words: &[&str],
    run: impl FnOnce() -> Run,
) -> Run {
    let (out, beside) = (room.path("out"), listing(&room.path(".")));
    let before = out.exists().then(|| touched(&out));
    let code = format!("trust-init: error[{code}]: ");
    let run = run().failed(3, &[&[code.as_str(), source], words].concat());
    assert_eq!(run.stdout, "");
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    assert_eq!(out.exists().then(|| touched(&out)), before, "{source}");
    assert_eq!(listing(&room.path(".")), beside, "{source}");
    run
}

/// A key that is none: the label alone makes it one.
fn key(label: &str) -> String {
    let bytes: Vec<u8> = (0..=255u8).map(|byte| byte.wrapping_mul(151)).collect();
    pem(label, &bytes)
}

/// Nothing of the key is in the text, nor a piece of it that a log would have wrapped.
#[track_caller]
fn hides(text: &str, key: &str) {
    let body: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(body.len() > 3);
    for line in body {
        let piece = &line[..line.len().min(16)];
        assert!(!text.contains(piece), "a key is shown: {text}");
    }
}

fn string(path: impl AsRef<Path>) -> String {
    path.as_ref().to_str().unwrap().to_owned()
}

#[test]
fn a_private_key_is_refused_and_not_shown() {
    for (label, is_over_old_stores) in KEY_LABELS.iter().flat_map(|l| [(l, false), (l, true)]) {
        let room = Room::new();
        if is_over_old_stores {
            build(&room, &["--ca", EXAMPLE]).succeeded();
        }
        let key = key(label);
        let chain = [pem("CERTIFICATE", &root(0)), key.clone(), two()];
        let line = chain[0].lines().count() + 1;
        let source = room.file("chain-and-key.pem", chain.concat());
        let log = room.file("termination-log", "");
        let place = format!("{source}:{line}: ");
        let run = refused_by(
            &room,
            &source,
            "private-key",
            &[&place, label, "hint: "],
            || build(&room, &["--ca", &source, "--termination-log", &log]),
        );
        let written = fs::read_to_string(&log).unwrap();
        assert!(written.contains(&place), "{written}");
        hides(&(run.stderr + &written), &key);
        let json = build(&room, &["--ca", &source, "--log-format", "json"]).failed(3, &[]);
        hides(&json.stderr, &key);
    }
}

#[test]
fn no_policy_lets_a_private_key_through() {
    let room = Room::new();
    let source = room.file("key.pem", two() + &key("PRIVATE KEY"));
    for policy in ["--allow", "--warn", "--drop"] {
        build(&room, &["--ca", &source, policy, "private-key"]).failed(2, &[]);
        assert!(!room.path("out").exists());
    }
}

#[test]
fn a_private_key_on_standard_input_is_refused() {
    let room = Room::new();
    let key = key("PRIVATE KEY");
    let place = format!("<stdin>:{}: ", two().lines().count() + 1);
    let run = with_stdin(
        ["build", "--ca", "-", "--out", &room.out()],
        (two() + &key).as_bytes(),
    );
    hides(&run.failed(3, &[&place]).stderr, &key);
    assert!(!room.path("out").exists());
}

/// The example of RFC 8410, section 10.3.
const ED25519_KEY: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20\
    \xd4\xee\x72\xdb\xf9\x13\x58\x4a\xd5\xb6\xd8\xf1\xf7\x69\xf8\xad\
    \x3a\xfe\x7c\x28\xcb\xf1\xd4\xfb\xe0\x97\xa8\x8f\x44\x75\x58\x42";

#[test]
fn a_private_key_as_der_is_refused() {
    let room = Room::new();
    let source = room.file("key.der", ED25519_KEY);
    refused(&room, &source, "private-key", &[]);
}

#[test]
fn a_private_key_in_a_base_goes_nowhere() {
    let room = Room::new();
    let key = key("PRIVATE KEY");
    let base = room.file("base.pem", pem("CERTIFICATE", &root(0)) + &key);
    build(&room, &["--ca", EXAMPLE, "--base", &base]).failed(0, &["private-key"]);
    let written = snapshot(&room.path("out"));
    let bundle = String::from_utf8_lossy(&written[Path::new("os/ca-certificates.crt")]);
    let body = pem("CERTIFICATE", &root(0));
    assert!(bundle.contains(body.lines().nth(1).unwrap()), "{bundle}");
    for content in written.values() {
        hides(&String::from_utf8_lossy(content), &key);
    }
}

/// A source that is refused: its path, the error's code, and words of the message.
type Refusal = (String, &'static str, Vec<String>);

/// Files whose content is no certificate, or not a whole one.
fn unusable_files(room: &Room) -> Vec<Refusal> {
    let one = pem("CERTIFICATE", &root(0));
    let line = one.lines().count() + 1;
    let der = root(1);
    let file = |name: &str, content: &[u8], words: &[&str]| -> Refusal {
        let words = words.iter().map(ToString::to_string).collect();
        (room.file(name, content), "malformed", words)
    };
    let mut found = vec![
        file("empty.pem", b"", &["empty.pem: the file is empty"]),
        file("blank.pem", &b" \n\t\r\n".repeat(9), &[]),
        file("page.pem", b"<html>", &["page.pem: a web page"]),
        file(
            "garbage.bin",
            &(0..=255).collect::<Vec<u8>>().repeat(16),
            &[],
        ),
    ];
    // What follows is wrong in the second certificate: the first must not pass for the whole.
    let second = pem("CERTIFICATE", &der);
    let typo = one.clone() + &second.replacen("MII", "M!!", 1);
    let (place, words) = (
        format!("typo.pem:{line}: "),
        format!("'!' at line {}", line + 1),
    );
    found.push(file("typo.pem", typo.as_bytes(), &[&place, &words]));
    for keep in [30, 200, second.len() - 60, second.len() - 10] {
        let name = format!("cut-{keep}.pem");
        let content = one.clone() + &second[..keep];
        let place = format!("{name}:{line}: ");
        let words: &[&str] = if keep == 200 {
            &[&place, "no END line"]
        } else {
            &[&place]
        };
        found.push(file(&name, content.as_bytes(), words));
    }
    for keep in [1, 2, 4, der.len() / 2, der.len() - 1] {
        found.push(file(&format!("cut-{keep}.der"), &der[..keep], &[]));
    }
    found
}

/// Paths that lead to no file that could be read.
fn unusable_paths(room: &Room) -> Vec<Refusal> {
    let unreadable = |path: PathBuf, words: &[&str]| -> Refusal {
        let words = words.iter().map(ToString::to_string).collect();
        (string(path), "unreadable", words)
    };
    let folder = |name: &str| {
        let path = room.path(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let (pipes, links, circle) = (folder("pipes"), folder("links"), folder("circle"));
    let pipe = pipes.join("pipe.pem");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    symlink("two.pem", links.join("one.pem")).unwrap();
    symlink("one.pem", links.join("two.pem")).unwrap();
    symlink(".", circle.join("again")).unwrap();
    symlink("..", circle.join("up")).unwrap();
    symlink("gone.pem", room.path("dangling.pem")).unwrap();
    vec![
        unreadable(
            room.path("missing.pem"),
            &["missing.pem: no such file", "hint: "],
        ),
        unreadable(room.path("dangling.pem"), &["dangling.pem: "]),
        unreadable(links.join("one.pem"), &["one.pem: "]),
        unreadable(links, &[]),
        unreadable(circle, &[]),
        unreadable(
            folder("nothing"),
            &["nothing: there is no file with certificates at the top"],
        ),
        unreadable(pipe.clone(), &["pipe.pem: a pipe", "'--ca -'"]),
        unreadable(pipes, &[pipe.to_str().unwrap()]),
        unreadable("/dev/zero".into(), &["/dev/zero: a device"]),
    ]
}

fn too_large(room: &Room) -> Refusal {
    let content = "#\n".repeat(40_000) + &two();
    let words = ["large.pem: ", "65536", "hint: ", "--max-size"];
    let words = words.map(String::from).into();
    (room.file("large.pem", content), "too-large", words)
}

#[test]
fn what_is_no_certificate_is_refused() {
    let room = Room::new();
    let mut cases = unusable_files(&room);
    cases.extend(unusable_paths(&room));
    cases.push(too_large(&room));
    for is_over_old_stores in [false, true] {
        if is_over_old_stores {
            build(&room, &["--ca", EXAMPLE]).succeeded();
        }
        for (path, code, words) in &cases {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            refused(&room, path, code, &words);
        }
    }
    // Several faults are all reported.
    let all: Vec<&str> = cases.iter().flat_map(|(path, ..)| ["--ca", path]).collect();
    let before = snapshot(&room.path("out"));
    build(&room, &all).failed(3, &["missing.pem", "pipe.pem", "large.pem"]);
    assert!(snapshot(&room.path("out")) == before);
}

#[test]
fn a_file_that_is_wrong_in_every_line_does_not_flood_the_log() {
    let room = Room::new();
    let many = room.file("many.pem", "-----BEGIN CERTIFICATE-----\n".repeat(500));
    let run = build(&room, &["--ca", &many]).failed(3, &["480 more errors not shown"]);
    assert_eq!(run.stderr.matches("error[malformed]").count(), 21);
}

#[test]
fn a_file_of_a_hundred_megabytes_is_not_read() {
    let room = Room::new();
    let huge = room.file("huge.pem", "");
    let file = File::options().write(true).open(&huge).unwrap();
    file.set_len(100_000_000).unwrap();
    refused_by(&room, &huge, "too-large", &["--max-size"], || {
        let out = room.out();
        // 64 MiB of memory: the file read whole would not fit.
        limited("ulimit -d 65536", &["build", "--ca", &huge, "--out", &out])
    });
}

#[test]
fn standard_input_that_does_not_fit_is_refused() {
    let room = Room::new();
    let arguments = ["build", "--ca", "-", "--out", &room.out()];
    with_stdin(arguments, &b"x".repeat(1_000_000)).failed(3, &["error[too-large]: "]);
    assert!(!room.path("out").exists());
}

#[test]
fn file_names_cannot_bring_lines_into_the_log() {
    let room = Room::new();
    let name = "a\n-----BEGIN CERTIFICATE-----\u{1b}[2J.pem";
    let path = room.file(name, "x");
    let run = build(&room, &["--ca", &path]).failed(3, &[r"a\u{a}----\u{2d}BEGIN"]);
    assert_eq!(run.stderr.lines().count(), 2, "{run:#?}");
    assert!(!run.stderr.contains('\u{1b}'));
}

/// The program and a directory where a user without root's rights reaches them: root reads and
/// writes everything.
struct Unprivileged {
    room: Room,
    program: PathBuf,
}

impl Unprivileged {
    const NOBODY: u32 = 65534;

    fn new() -> Self {
        let room = Room::new();
        fs::set_permissions(room.path("."), Permissions::from_mode(0o755)).unwrap();
        let program = room.path("trust-init");
        // Not by this process: a test that forks at that moment would keep the copy open for writing.
        let ours = env!("CARGO_BIN_EXE_trust-init").as_ref();
        let copied = Command::new("cp")
            .args([ours, program.as_os_str()])
            .status();
        assert!(copied.unwrap().success());
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        Unprivileged { room, program }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().stdin(Stdio::null());
        // Only root can become another user; anyone else is one already.
        if rustix::process::geteuid().is_root() {
            command.uid(Self::NOBODY).gid(Self::NOBODY);
        }
        command
    }

    /// A directory with this mode.
    fn folder(&self, mode: u32) -> PathBuf {
        let path = self.room.path("outputs");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }
}

#[test]
fn an_unreadable_file_is_named() {
    let nobody = Unprivileged::new();
    let outputs = nobody.folder(0o777);
    let source = nobody.room.file("secret.pem", two());
    let out = string(outputs.join("trust"));
    let arguments = ["build", "--ca", &source, "--base", "none", "--out", &out];
    fs::set_permissions(&source, Permissions::from_mode(0o000)).unwrap();
    nobody.run(&arguments).failed(3, &[&source, "ermission"]);
    assert_eq!(listing(&outputs), [""; 0]);
    // It failed for this and nothing else.
    fs::set_permissions(&source, Permissions::from_mode(0o644)).unwrap();
    nobody.run(&arguments).succeeded();
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let nobody = Unprivileged::new();
    let outputs = nobody.folder(0o555);
    let source = nobody.room.file("ca.pem", two());
    let out = string(outputs.join("trust"));
    let arguments = ["build", "--ca", &source, "--out", &out];
    nobody
        .run(&arguments)
        .failed(4, &[outputs.to_str().unwrap()]);
    assert_eq!(listing(&outputs), [""; 0]);
}

/// A pod whose volume is not mounted must not end with success and stores where no other container looks.
#[test]
fn a_forgotten_mount_is_no_reason_to_write_elsewhere() {
    let nobody = Unprivileged::new();
    let outputs = nobody.folder(0o777);
    let source = nobody.room.file("ca.pem", two());
    let place = "error[unwritable]: /trust";
    let run = |arguments: &[&str]| -> Run {
        let mut command = nobody.command(arguments);
        command.env("KUBERNETES_SERVICE_HOST", "10.96.0.1");
        command.current_dir(&outputs).output().unwrap().into()
    };
    for subcommand in ["build", "watch"] {
        run(&[subcommand, &source]).failed(4, &[place, "emptyDir"]);
    }
    let asked = run(&["watch", "--healthy"]);
    assert!(asked.stdout.contains("/trust"), "{asked:#?}");
    assert_eq!(listing(&outputs), [""; 0]);
}

#[test]
fn links_and_directories_in_the_way_are_refused_not_followed() {
    let room = Room::new();
    let elsewhere = room.file("elsewhere/precious", "precious");
    // A link at a file's place is replaced, and its target left alone: whoever shares the volume
    // must not be able to have another file overwritten.
    let files = [
        "os/ca-certificates.crt",
        "python/cacert.pem",
        "manifest.json",
    ];
    for file in files {
        let link = room.path("out").join(file);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(&elsewhere, link).unwrap();
    }
    build(&room, &["--ca", EXAMPLE]).succeeded();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    for file in files {
        let written = fs::symlink_metadata(room.path("out").join(file)).unwrap();
        assert!(written.is_file(), "{file}");
    }
    // A link at a directory's place is not.
    let room = Room::new();
    fs::create_dir_all(room.path("out")).unwrap();
    fs::create_dir_all(room.path("elsewhere")).unwrap();
    symlink(room.path("elsewhere"), room.path("out/os")).unwrap();
    build(&room, &["--ca", EXAMPLE])
        .failed(4, &["error[unwritable]", "out/os: expected a directory"]);
    assert_eq!(listing(&room.path("elsewhere")), [""; 0]);
    assert_eq!(listing(&room.path("out")), ["os"]);
    // Nor a directory at a file's place; nothing was changed before it was seen.
    let room = Room::new();
    fs::create_dir_all(room.path("out/manifest.json")).unwrap();
    build(&room, &["--ca", EXAMPLE])
        .failed(4, &["manifest.json: expected a file, found a directory"]);
    assert_eq!(listing(&room.path("out")), ["manifest.json"]);
    // A file where --out should be.
    let room = Room::new();
    room.file("out", "");
    build(&room, &["--ca", EXAMPLE]).failed(4, &["error[unwritable]", "/out: "]);
}
