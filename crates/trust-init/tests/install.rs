//! `install`: the program copies itself, whole, whoever looks on.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::{EXAMPLE, Room, Run, command, trust_init};

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

#[test]
fn an_install_and_a_build_in_one_directory_do_not_disturb_each_other() {
    let room = Room::new();
    let out = room.out();
    let build: &[&str] = &["build", "--ca", EXAMPLE, "--out", &out];
    let install: &[&str] = &["install", &out];
    trust_init(build).succeeded();
    // A build sweeps the staging directories of dead runs while it holds the lock, so install waits.
    let lock = fs::File::open(&out).unwrap();
    lock.lock().unwrap();
    let mut waiting = command().args(install).spawn().unwrap();
    sleep(Duration::from_millis(200));
    assert_eq!(waiting.try_wait().unwrap(), None);
    let staging = || {
        let entries = fs::read_dir(&out).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.starts_with(".trust-init."))
            .count()
    };
    assert_eq!(staging(), 0);
    drop(lock);
    assert!(waiting.wait().unwrap().success());
    for _ in 0..5 {
        let runs = [install, build, install, build];
        let runs = runs.map(|arguments| {
            let mut run = command();
            run.args(arguments).stderr(Stdio::piped()).spawn().unwrap()
        });
        for run in runs {
            Run::from(run.wait_with_output().unwrap()).succeeded();
        }
        assert_eq!(staging(), 0);
        let program = fs::read(room.path("out/trust-init")).unwrap();
        assert!(program == fs::read(env!("CARGO_BIN_EXE_trust-init")).unwrap());
    }
}
