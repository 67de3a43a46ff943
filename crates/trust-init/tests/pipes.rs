//! Paths that lead to pipes, devices and sockets: a shell's `<(…)` is read, and nothing else hangs a run.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use common::{EXAMPLE, Room, Run};

fn fifo(room: &Room) -> String {
    let path = room.path("pipe.pem");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path.to_str().unwrap().to_owned()
}

/// Runs a bash script; `$0` is the program under `timeout`, which ends it with exit code 124 if it hangs.
fn bash(room: &Room, script: &str, arguments: &[&str]) -> Run {
    let script = format!("run() {{ timeout 20 \"$0\" \"$@\"; }}\n{script}");
    let run = Command::new("bash")
        .args(["-c", &script, env!("CARGO_BIN_EXE_trust-init")])
        .args(arguments)
        .current_dir(room.path("."))
        .output();
    run.unwrap().into()
}

#[test]
fn a_path_through_a_descriptor_to_a_pipe_is_refused() {
    let room = Room::new();
    let pipe = fifo(&room);
    let folder = room.path(".");
    // The descriptor is a directory, and the rest of the path leads from there to the pipe.
    for path in [
        "/proc/self/fd/7/pipe.pem",
        "/dev/fd/7/pipe.pem",
        "/dev/fd/7/./pipe.pem",
        "/proc/self/fd/7/../../../../../../../../../..",
        "/proc/self/fd/../cwd/pipe.pem",
        "/dev/fd/../cwd/pipe.pem",
        "/proc/thread-self/fd/7/pipe.pem",
    ] {
        let path = match path {
            // Up to the root, then down again.
            up if up.ends_with("..") => format!("{up}{pipe}"),
            other => other.to_owned(),
        };
        let script = r#"exec 7< "$1"; run check "$2""#;
        bash(&room, script, &[folder.to_str().unwrap(), &path])
            .failed(3, &["a pipe (FIFO)", "hint: "]);
    }
}

#[test]
fn a_link_to_a_pipe_is_refused_wherever_it_leads_through() {
    let room = Room::new();
    let pipe = fifo(&room);
    symlink("/proc/self/fd/7", room.path("link.pem")).unwrap();
    let script = r#"exec 7<> "$1"; run check link.pem --ca-password-file link.pem"#;
    bash(&room, script, &[&pipe]).failed(3, &["link.pem: a pipe (FIFO)"]);
    fs::create_dir(room.path("folder")).unwrap();
    symlink(&pipe, room.path("folder/ca.crt")).unwrap();
    for command in [
        "check",
        "inspect",
        "build --out out --ca",
        "build --out out --ca ca.pem --base",
    ] {
        fs::copy(EXAMPLE, room.path("ca.pem")).unwrap();
        let run = bash(&room, &format!("run {command} folder"), &[]);
        assert!(
            run.stderr.contains("folder/ca.crt: a pipe (FIFO)"),
            "{command}: {run:#?}"
        );
        assert!(run.code == 3 || command.ends_with("--base"), "{run:#?}");
    }
}

#[test]
fn devices_sockets_and_directories_are_refused_wherever_they_are() {
    let room = Room::new();
    let socket = room.path("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for (path, word) in [
        ("/dev/zero", "a device"),
        ("/dev/full", "a device"),
        ("/dev/fd/../../zero", "no such file"),
        ("/proc/self/fd/7", "a device"),
        ("/dev/fd/99", "no such file"),
        (socket.to_str().unwrap(), "no such device or address"),
    ] {
        let run = bash(&room, r#"exec 7< /dev/zero; run check "$1""#, &[path]);
        run.failed(3, &[&format!("error[unreadable]: {path}: {word}")]);
    }
}

/// The writer of such a pipe is the program itself, so its end would never come.
#[test]
fn a_pipe_of_its_own_output_is_not_read() {
    let room = Room::new();
    for path in ["/proc/self/fd", "/dev/fd/", "/dev/fd/1", "/proc/self/fd/2"] {
        let script = r#"run check "$1" 3>&1 | cat; exit "${PIPESTATUS[0]}""#;
        bash(&room, script, &[path]).failed(3, &["error[unreadable]: ", "a pipe (FIFO)"]);
    }
}

#[test]
fn a_named_pipe_on_a_descriptor_is_read_if_it_had_a_writer() {
    let room = Room::new();
    let pipe = fifo(&room);
    let script = r#"cat "$2" > "$1" & exec 7< "$1"; run check /dev/fd/7"#;
    bash(&room, script, &[&pipe, EXAMPLE]).succeeded();
    // Its writer has gone: nothing more can come, and waiting for another would hang.
    let script = r#": > "$1" & exec 7< "$1"; wait; run check /proc/self/fd/7"#;
    bash(&room, script, &[&pipe]).failed(1, &[]);
}

#[test]
fn standard_input_is_read_by_its_path_too() {
    let room = Room::new();
    for path in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-"] {
        bash(&room, r#"cat "$1" | run check "$2""#, &[EXAMPLE, path]).succeeded();
        bash(&room, r#"run check "$2" < "$1""#, &[EXAMPLE, path]).succeeded();
    }
}

#[test]
fn a_pipe_in_place_of_a_builds_own_files_does_not_hang() {
    let room = Room::new();
    let out = room.path("out");
    fs::create_dir(&out).unwrap();
    for name in ["manifest.json", ".trust-init-watch"] {
        let path = out.join(name);
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success(),
            "{name}"
        );
    }
    bash(&room, "run inspect out", &[]).failed(3, &["a pipe (FIFO)"]);
    bash(&room, "run watch --healthy --out out", &[]).failed(1, &[]);
}
