//! Limits of the process: each ends in an error with words, and leaves the stores as they were.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::process::Command;

use common::{EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, limited, listing, snapshot, trust_init};

/// Stores of one set, and what a build of another set under a limit makes of them.
fn rebuilt(limit: &str, code: i32, words: &[&str]) {
    let room = Room::new();
    let out = room.out();
    trust_init(["build", "--ca", EXAMPLE, "--out", &out]).succeeded();
    let (before, beside) = (snapshot(&room.path("out")), listing(&room.path(".")));
    let arguments = ["build", "--ca", EXAMPLE_WITH_EXPIRED, "--out", &out];
    limited(limit, &arguments).failed(code, words);
    assert!(snapshot(&room.path("out")) == before, "{limit}");
    assert_eq!(listing(&room.path(".")), beside, "{limit}");
}

#[test]
fn a_full_disk_leaves_the_old_stores() {
    // Files of 64 KiB at most: a write of a bundle fails half-way, as on a full disk.
    rebuilt(
        "ulimit -f 128",
        4,
        &["error[unwritable]: ", "file too large"],
    );
    rebuilt("trap '' XFSZ; ulimit -f 128", 4, &["file too large"]);
}

/// Whatever number of descriptors the build ends at.
#[test]
fn too_few_descriptors_leave_the_old_stores() {
    let mut codes = Vec::new();
    for descriptors in 4..20 {
        let room = Room::new();
        let out = room.out();
        trust_init(["build", "--ca", EXAMPLE, "--out", &out]).succeeded();
        let (before, beside) = (snapshot(&room.path("out")), listing(&room.path(".")));
        let arguments = ["build", "--ca", EXAMPLE_WITH_EXPIRED, "--out", &out];
        let run = limited(&format!("ulimit -n {descriptors}"), &arguments);
        codes.push(run.code);
        if run.code != 0 {
            run.failed(4, &["error[unwritable]: ", "too many open files"]);
            assert!(snapshot(&room.path("out")) == before, "{descriptors}");
        }
        assert_eq!(listing(&room.path(".")), beside, "{descriptors}");
        let inside = listing(&room.path("out"));
        assert!(
            !inside.iter().any(|name| name.starts_with('.')),
            "{inside:?}"
        );
    }
    assert!(
        codes.starts_with(&[4]) && codes.ends_with(&[0]),
        "{codes:?}"
    );
}

#[test]
fn too_few_descriptors_leave_nothing_where_nothing_was() {
    for descriptors in 4..6 {
        let room = Room::new();
        let out = room.out();
        let arguments = ["build", "--ca", EXAMPLE, "--out", &out];
        limited(&format!("ulimit -n {descriptors}"), &arguments)
            .failed(4, &["too many open files"]);
        assert_eq!(listing(&room.path(".")), [""; 0], "{descriptors}");
    }
}

#[test]
fn a_small_stack_is_enough() {
    for kibibytes in [16, 64] {
        let room = Room::new();
        let out = room.out();
        let limit = format!("ulimit -s {kibibytes}");
        limited(&limit, &["build", "--ca", EXAMPLE, "--out", &out]).succeeded();
        limited(&limit, &["check", EXAMPLE]).succeeded();
        limited(&limit, &["build", "--out", &out, "--ca", "/nowhere"]).failed(3, &["/nowhere"]);
    }
}

/// The command of `exec` finds its signals as if it had been started itself.
#[test]
fn exec_hands_on_no_signal() {
    let room = Room::new();
    for trap in ["", "trap '' XFSZ; "] {
        let limit = format!("{trap}ulimit -f 100000");
        let look = ["cat", "/proc/self/status"];
        let alone = format!("{limit}; exec \"$0\" \"$@\"");
        let alone = Command::new("sh").args(["-c", &alone]).args(look).output();
        let alone = Run::from(alone.unwrap()).succeeded();
        let stores = room.out();
        let options = [
            "exec", "--ca", EXAMPLE, "--base", "mozilla", "--out", &stores, "--",
        ];
        let under = limited(&limit, &[&options[..], &look].concat()).succeeded();
        assert_eq!(signals(&under.stdout), signals(&alone.stdout), "{trap}");
        let is_ignored = signals(&under.stdout)[1] >> (SIGXFSZ - 1) & 1 == 1;
        assert_eq!(is_ignored, !trap.is_empty());
    }
}

const SIGXFSZ: u32 = 25;

/// Those that a process blocks, ignores and handles, without the real-time signals that libraries use.
fn signals(status: &str) -> [u64; 3] {
    ["SigBlk:", "SigIgn:", "SigCgt:"].map(|name| {
        let mask = status.lines().find_map(|line| line.strip_prefix(name));
        u64::from_str_radix(mask.unwrap().trim(), 16).unwrap() & 0x7fff_ffff
    })
}
