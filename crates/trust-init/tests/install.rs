//! `install`: the program copies itself, whole, whoever looks on.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use common::{EXAMPLE, Room, Run, trust_init};

#[test]
fn the_program_installs_itself() {
    let room = Room::new();
    let bin = room.path("a/bin").to_str().unwrap().to_owned();
    trust_init(["install", &bin]).succeeded();
    let copy = format!("{bin}/trust-init");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o7777,
        0o755
    );
    assert_eq!(
        fs::read(&copy).unwrap(),
        fs::read(env!("CARGO_BIN_EXE_trust-init")).unwrap()
    );
    // Over a link, the link goes and its target stays.
    let target = room.file("target", "mine");
    fs::remove_file(&copy).unwrap();
    symlink(&target, &copy).unwrap();
    trust_init(["install", &bin]).succeeded();
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    assert_eq!(fs::read_dir(&bin).unwrap().count(), 1);
    let run = Command::new(&copy).arg("--version").output().unwrap();
    assert!(run.status.success());
    // Nobody else's umask, and no two runs of process 1, are in each other's way.
    let others = room.path("others/bin").to_str().unwrap().to_owned();
    let script = r#"umask 077; for i in 1 2 3 4 5 6; do "$0" install "$1" & done; wait"#;
    let run = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_trust-init"), &others])
        .output();
    assert!(!Run::from(run.unwrap()).stderr.contains("error"));
    let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&others), mode(&format!("{others}/trust-init"))),
        (0o755, 0o755)
    );
    // And as part of a build.
    trust_init(["build", "--ca", EXAMPLE, "--out", &room.out(), "--install"]).succeeded();
    assert!(room.path("out/bin/trust-init").exists());
    trust_init(["install", "/proc/nowhere"]).failed(4, &["/proc/nowhere: "]);
}
