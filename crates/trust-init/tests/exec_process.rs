//! `exec` as a process: exit codes, signals, and what the command inherits.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use common::{EXAMPLE, Room, command, exec, pem, trust_init};

const CA: [&str; 4] = ["--ca", EXAMPLE, "--base", "mozilla"];

/// Rust ignores it, and gives it its default back in what it starts.
const SIGPIPE: i32 = 13;

/// The signals that this process ignores, a bit for each.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let set = lines.find_map(|line| line.strip_prefix("SigIgn:\t"));
    u64::from_str_radix(set.unwrap(), 16).unwrap()
}

#[test]
fn exit_codes_are_the_commands_own() {
    let room = Room::new();
    let out = room.out();
    trust_init(["build", "--ca", EXAMPLE, "--out", &out]).succeeded();
    for code in 0..=255 {
        let script = format!("exit {code}");
        let run = exec(&room, &[], &["-q", "--from", &out], &["sh", "-c", &script]);
        assert_eq!((run.code, run.stderr.as_str()), (code, ""));
    }
}

#[test]
fn our_own_failures_have_codes_of_their_own() {
    let room = Room::new();
    let script = room.file("script", "#!/missing/interpreter\n");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    for (cmd, code, words) in [
        ("missing-command", 127, "missing-command: command not found"),
        (
            "/missing/command",
            127,
            "/missing/command: command not found",
        ),
        (script.as_str(), 127, "interpreter"),
        ("/etc/passwd", 126, "cannot be run: permission denied"),
        ("/", 126, "cannot be run"),
    ] {
        exec(&room, &[], &CA, &[cmd]).failed(code, &["error[command]: ", words, "hint: "]);
    }
    exec(&room, &[], &["--ca", "/missing"], &["true"]).failed(125, &["/missing: no such file"]);
    exec(&room, &[], &["--nonsense"], &["true"]).failed(125, &["--nonsense"]);
    exec(&room, &[], &CA, &[]).failed(125, &["no command given", "hint: ", "--"]);
    let run = trust_init(["exec", "--ca", EXAMPLE, "sh", "-c", "exit 42"]);
    run.failed(125, &["'sh'", "hint: put -- before the command"]);
    exec(&room, &[], &["--ca", "-"], &["true"])
        .failed(125, &["--ca: standard input belongs to the command"]);
    let key = room.file("key.pem", pem("PRIVATE KEY", b"k"));
    exec(&room, &[], &["--ca", &key], &["true"]).failed(125, &["error[private-key]"]);
    assert!(
        exec(&room, &[], &["--ca", &key], &["echo", "ran"])
            .stdout
            .is_empty()
    );
}

#[test]
fn the_command_is_the_same_process_and_gets_its_signals() {
    let room = Room::new();
    // The number that was started, seen from within.
    let mut child = command()
        .args([
            "exec",
            "-q",
            "--ca",
            EXAMPLE,
            "--",
            "sh",
            "-c",
            "echo $$ > pid",
        ])
        .current_dir(room.path("."))
        .env("TMPDIR", room.path("."))
        .spawn()
        .unwrap();
    let pid = child.id();
    assert!(child.wait().unwrap().success());
    let seen = fs::read_to_string(room.path("pid")).unwrap();
    assert_eq!(seen.trim(), pid.to_string());
    // What started this test may ignore some: nohup does, and a shell for what it puts behind.
    let ignored = ignored();
    for signal in [1, 2, 9, 13, 15] {
        if signal != SIGPIPE && ignored >> (signal - 1) & 1 == 1 {
            continue;
        }
        let script = format!("kill -{signal} $$");
        let status = command()
            .args(["exec", "-q", "--ca", EXAMPLE, "--", "sh", "-c", &script])
            .env("TMPDIR", room.path("."))
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(signal));
    }
}

/// Signal dispositions, descriptors, umask and mask, with and without. Signals 32 and 33 are the C
/// library's own, and the one that starts this test leaves them as it likes. `SigQ` is left out: it
/// counts the signals queued for all processes of the user, whatever they do.
#[test]
fn nothing_is_left_of_it_after_exec() {
    let room = Room::new();
    let script = "umask; ls /proc/self/fd; \
        grep -E '^(Sig(Pnd|Blk|Ign|Cgt)|Shd|NoNewPrivs|Threads)' /proc/self/status";
    let with = exec(
        &room,
        &[],
        &[&CA[..], &["-q"]].concat(),
        &["sh", "-c", script],
    )
    .succeeded();
    let without = Command::new("sh")
        .args(["-c", script])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let settled = |text: &str| {
        let lines = text
            .lines()
            .map(|line| match line.strip_prefix("SigIgn:\t") {
                Some(set) => format!("{:x}", u64::from_str_radix(set, 16).unwrap() & !(3 << 31)),
                None => line.to_owned(),
            });
        lines.collect::<Vec<_>>()
    };
    let without = String::from_utf8(without.stdout).unwrap();
    assert_eq!(settled(&with.stdout), settled(&without));
    assert!(with.stdout.contains("SigIgn"), "{with:#?}");
}

/// As shells expect it: a Python that starts programs ignores it, and so does Rust.
#[test]
fn a_sigpipe_that_was_ignored_is_back_at_its_default() {
    let room = Room::new();
    let show = "grep ^SigIgn: /proc/self/status";
    let script = format!(
        "trap '' PIPE; {show}; '{}' exec -q --ca '{EXAMPLE}' -- {show}",
        env!("CARGO_BIN_EXE_trust-init"),
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env("TMPDIR", room.path("."));
    let shown = String::from_utf8(shell.output().unwrap().stdout).unwrap();
    let is_ignored = |line: &str| {
        let set = line.split_whitespace().nth(1).unwrap();
        u64::from_str_radix(set, 16).unwrap() >> (SIGPIPE - 1) & 1 == 1
    };
    let ignored: Vec<bool> = shown.lines().map(is_ignored).collect();
    assert_eq!(ignored, [true, false]);
}

#[test]
fn a_command_that_drops_its_user_still_reads_the_stores() {
    // Only root can become another user.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let room = Room::new();
    for (folder, mode) in [(room.path("."), 0o755), (room.path("place"), 0o1777)] {
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    }
    let place = room.path("place");
    let script = "id -u; grep -c BEGIN $SSL_CERT_FILE; head -c 4 ${JAVA_TOOL_OPTIONS#*=} | wc -c";
    let drop = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    let shell = ["sh", "-c", script];
    let run = exec(
        &room,
        &[("TMPDIR", place.to_str().unwrap())],
        &CA,
        &[&drop[..], &shell].concat(),
    )
    .succeeded();
    let shown: Vec<u32> = run
        .stdout
        .lines()
        .map(|line| line.trim().parse().unwrap())
        .collect();
    let [user, certificates, bytes] = shown[..] else {
        panic!("{run:#?}")
    };
    assert!(
        (user, bytes) == (65534, 4) && certificates > 100,
        "{run:#?}"
    );
}
