//! `watch` as a sidecar runs it: what it notices, what it keeps, how it ends.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{EXAMPLE, Room, Run, command, pem, root, snapshot, trust_init, two};
use rustix::process::{Pid, Signal, kill_process};
use trust_stores::{Bundle, Certificate, JavaFormat, Password, java};

/// No measure of speed: what hangs is to fail.
const LIMIT: Duration = Duration::from_mins(1);

const DONE: &str = "trust-init: done: ";

/// A watch that runs, and ends with the test.
struct Watch {
    child: Child,
    log: std::path::PathBuf,
}

impl Watch {
    /// Starts one with `options`; they name the sources.
    fn start(room: &Room, options: &[&str]) -> Self {
        let log = room.path("log");
        let child = command()
            .env("TRUST_INIT_DEBOUNCE", "50")
            .args(["watch", "--out", &room.out()])
            .args(options)
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Watch { child, log }
    }

    /// The same, when its first build is done.
    fn built(room: &Room, options: &[&str]) -> Self {
        let watch = Watch::start(room, options);
        watch.says(DONE, 1);
        watch
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn count(&self, words: &str) -> usize {
        self.log().matches(words).count()
    }

    /// Waits until it has said `words` so many times.
    #[track_caller]
    fn says(&self, words: &str, times: usize) {
        until(|| self.count(words) >= times, || self.log());
    }

    /// Ends it; gives its exit code.
    fn end(mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let mut ended = None;
        until(
            || {
                ended = self.child.try_wait().unwrap();
                ended.is_some()
            },
            || String::from("it does not end"),
        );
        ended.unwrap().code()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn until(mut is_so: impl FnMut() -> bool, told: impl Fn() -> String) {
    let end = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < end, "{}", told());
        thread::sleep(Duration::from_millis(10));
    }
}

fn healthy(room: &Room) -> Run {
    trust_init(["watch", "--healthy", "--out", &room.out()])
}

/// How many certificates of the customer are in the stores.
fn customers(room: &Room) -> usize {
    let chain = fs::read_to_string(room.path("out/custom/client-ca-chain.pem")).unwrap();
    chain.matches("-----BEGIN CERTIFICATE-----").count()
}

fn one(index: usize) -> String {
    pem("CERTIFICATE", &root(index))
}

/// Puts `content` there as a careful writer does.
fn replace(path: &Path, content: &str) {
    let fresh = path.with_extension("fresh");
    fs::write(&fresh, content).unwrap();
    fs::rename(fresh, path).unwrap();
}

#[test]
fn files_are_noticed_however_they_change() {
    let room = Room::new();
    let source = room.file("ca.pem", one(0));
    let source = Path::new(&source);
    let watch = Watch::built(&room, &["--ca", source.to_str().unwrap(), "--base", "none"]);
    assert_eq!(customers(&room), 1);
    replace(source, &two());
    watch.says(DONE, 2);
    assert_eq!(customers(&room), 2);
    // In place, and in the file that came by a rename.
    fs::write(source, one(2)).unwrap();
    watch.says(DONE, 3);
    assert_eq!(customers(&room), 1);
    fs::remove_file(source).unwrap();
    watch.says("error[unreadable]", 1);
    assert_eq!(customers(&room), 1);
    fs::write(source, two()).unwrap();
    watch.says("recovered: ", 1);
    assert_eq!(customers(&room), 2);
}

#[test]
fn a_password_next_to_a_store_is_a_source_too() {
    let room = Room::new();
    let certificate = Certificate::from_der(root(0)).unwrap();
    let bundle = Bundle::new([&certificate]).unwrap();
    let password = Password::new("its-password");
    let store = java::encode(&bundle, JavaFormat::Pkcs12Encrypted, &password).unwrap();
    room.file("in/ca.p12", store);
    let file = room.file("in/ca.password", "its-password");
    let watch = Watch::built(
        &room,
        &["--ca", room.path("in").to_str().unwrap(), "--base", "none"],
    );
    replace(Path::new(&file), "another");
    watch.says("nor does the password in", 1);
    watch.says("warning[kept]", 1);
    replace(Path::new(&file), "its-password");
    watch.says("recovered: ", 1);
    assert!(!watch.log().contains("its-password") && !watch.log().contains("another:"));
}

#[test]
fn an_optional_source_comes_and_goes() {
    let room = Room::new();
    let source = room.path("volume/ca.crt");
    let options = ["--ca", source.to_str().unwrap(), "--optional"];
    let watch = Watch::built(&room, &options);
    watch.says("info[absent]", 1);
    assert!(!room.path("out/custom").exists());
    assert_eq!(healthy(&room).code, 0);
    fs::create_dir(room.path("volume")).unwrap();
    fs::write(&source, two()).unwrap();
    watch.says(DONE, 2);
    assert_eq!(customers(&room), 2);
    fs::remove_dir_all(room.path("volume")).unwrap();
    watch.says(DONE, 3);
    watch.says("warning[absent]: ", 1);
    watch.says("removed from", 2);
    assert!(!room.path("out/custom/client-ca-chain.pem").exists());
    assert!(room.path("out/os/ca-certificates.crt").is_file());
    // What comes and is wrong leaves the stores as they are.
    fs::create_dir(room.path("volume")).unwrap();
    fs::write(&source, "garbage").unwrap();
    watch.says("error[malformed]", 1);
    watch.says("warning[kept]", 1);
    assert_eq!(watch.count(DONE), 3);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn only_what_was_there_is_lost() {
    let room = Room::new();
    let volume = room.path("volume");
    let options = ["--ca", volume.to_str().unwrap(), "--optional"];
    let watch = Watch::built(&room, &options);
    fs::create_dir(&volume).unwrap();
    fs::write(volume.join("ca.crt"), "").unwrap();
    watch.says("info[absent]: ", 2);
    watch.says(DONE, 2);
    assert_eq!(watch.count("warning[absent]"), 0, "{}", watch.log());
    replace(&volume.join("ca.crt"), &one(1));
    watch.says(DONE, 3);
    assert_eq!(customers(&room), 1);
    fs::remove_dir_all(&volume).unwrap();
    watch.says(DONE, 4);
    assert_eq!(watch.count("warning[absent]"), 1, "{}", watch.log());
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn what_came_and_what_went_is_said() {
    let room = Room::new();
    let source = room.file("ca.pem", two());
    let watch = Watch::built(&room, &["--ca", &source, "--base", "none"]);
    assert_eq!(watch.count("added"), 0);
    replace(Path::new(&source), &(one(1) + &one(2)));
    watch.says(DONE, 2);
    let log = watch.log();
    let fingerprint = |index| trust_stores::cert::Fingerprint::of(&root(index)).to_string();
    for (what, index) in [("added to", 2), ("removed from", 0)] {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(what)).collect();
        assert_eq!(lines.len(), 1, "{log}");
        assert!(lines[0].contains(&fingerprint(index)), "{log}");
        assert!(lines[0].contains("os, java, python, custom: CN="), "{log}");
    }
    assert!(log.contains(&format!("changed: {source}")), "{log}");
    // Its file in the hashed directory went with it: that is nothing to warn about.
    assert_eq!(watch.count("warning[stale]"), 0);
}

#[test]
fn directories_are_noticed_with_all_their_files() {
    let room = Room::new();
    room.file("ca/a.pem", one(0));
    let source = room.path("ca");
    let watch = Watch::built(&room, &["--ca", source.to_str().unwrap(), "--base", "none"]);
    room.file("ca/b.pem", one(1));
    watch.says(DONE, 2);
    assert_eq!(customers(&room), 2);
    fs::write(source.join("b.pem"), one(1) + &one(2)).unwrap();
    watch.says(DONE, 3);
    assert_eq!(customers(&room), 3);
    fs::remove_file(source.join("a.pem")).unwrap();
    watch.says(DONE, 4);
    assert_eq!(customers(&room), 2);
    // What no build reads is no change.
    room.file("ca/.hidden", one(3));
    room.file("ca/below/c.pem", one(3));
    fs::remove_dir_all(&source).unwrap();
    watch.says("error[unreadable]", 1);
    assert_eq!((watch.count(DONE), customers(&room)), (4, 2));
    room.file("ca/d.pem", one(4));
    watch.says("recovered: ", 1);
    assert_eq!(customers(&room), 1);
}

/// A ConfigMap's volume: the files are links through `..data`, which the kubelet renames over.
struct Volume<'a> {
    room: &'a Room,
    number: usize,
}

impl<'a> Volume<'a> {
    fn new(room: &'a Room, content: &str) -> Self {
        let mut volume = Volume { room, number: 0 };
        volume.swap(content);
        symlink("..data/ca.crt", room.path("volume/ca.crt")).unwrap();
        volume
    }

    fn swap(&mut self, content: &str) {
        let old = self.path(&format!("..{}", self.number));
        self.number += 1;
        let name = format!("..{}", self.number);
        self.room.file(&format!("volume/{name}/ca.crt"), content);
        symlink(&name, self.path("..data_tmp")).unwrap();
        fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
        let _ = fs::remove_dir_all(old);
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.room.path("volume").join(name)
    }
}

#[test]
fn the_volume_of_a_configmap_is_noticed_when_it_is_swapped() {
    for source in ["volume", "volume/ca.crt"] {
        let room = Room::new();
        let mut volume = Volume::new(&room, &one(0));
        let source = room.path(source);
        let watch = Watch::built(&room, &["--ca", source.to_str().unwrap(), "--base", "none"]);
        for number in 2..6 {
            volume.swap(&if number % 2 == 0 { two() } else { one(0) });
            watch.says(DONE, number);
            assert_eq!(customers(&room), 2 - number % 2);
        }
    }
}

#[test]
fn a_swapped_volume_is_not_waited_for() {
    let room = Room::new();
    let mut volume = Volume::new(&room, &one(0));
    let source = room.path("volume");
    let source = source.to_str().unwrap();
    let an_hour = "3600000";
    let options = ["--ca", source, "--base", "none", "--debounce", an_hour];
    let watch = Watch::built(&room, &options);
    for number in 2..6 {
        volume.swap(&if number % 2 == 0 { two() } else { one(0) });
        watch.says(DONE, number);
        assert_eq!(customers(&room), 2 - number % 2);
    }
}

#[test]
fn a_burst_of_changes_is_one_build() {
    let room = Room::new();
    let source = room.file("ca.pem", one(0));
    let options = ["--ca", &source, "--base", "none", "--debounce", "1000"];
    let watch = Watch::built(&room, &options);
    for index in 1..40 {
        replace(Path::new(&source), &one(index));
    }
    replace(Path::new(&source), &two());
    until(|| customers(&room) == 2, || watch.log());
    watch.says(DONE, 2);
    // One, unless this test itself was stopped for a second in its midst.
    assert!((2..5).contains(&watch.count(DONE)), "{}", watch.log());
}

#[test]
fn bad_input_leaves_the_stores_and_is_said_until_it_is_mended() {
    let room = Room::new();
    let termination = room.file("termination", "");
    let source = room.file("ca.pem", one(0));
    let options = ["--ca", &source, "--remind", "2", "--termination-log"];
    let watch = Watch::built(&room, &[&options[..], &[&termination]].concat());
    let stores = snapshot(&room.path("out"));
    let began = Instant::now();
    fs::write(&source, "-----BEGIN CERTIFICATE-----\nAAAA").unwrap();
    watch.says("warning[kept]", 1);
    let log = watch.log();
    assert!(log.contains("error[malformed]"), "{log}");
    assert!(log.contains("keeping the stores that were built at 20"));
    assert_eq!(snapshot(&room.path("out")), stores);
    healthy(&room).succeeded();
    // The same again, and not once a moment.
    watch.says("warning[kept]", 3);
    assert!(began.elapsed() > Duration::from_secs(2));
    let log = watch.log();
    let [errors, kept] =
        ["error[malformed]", "warning[kept]"].map(|words| log.matches(words).count());
    assert!(errors - kept < 2, "{log}");
    fs::write(&source, two()).unwrap();
    watch.says("recovered: ", 1);
    watch.says(DONE, 2);
    assert_eq!(customers(&room), 2);
    assert_eq!(fs::read_to_string(termination).unwrap(), "");
}

#[test]
fn a_base_that_goes_takes_no_trust_away() {
    let room = Room::new();
    let source = room.file("ca.pem", one(0));
    let base = room.file("base.pem", one(1));
    // It did not exist at the start, and is none of the stores that exist.
    let never = room.path("never.pem");
    let options = ["--ca", &source, "--base", &base, "--base"];
    let watch = Watch::built(&room, &[&options[..], &[never.to_str().unwrap()]].concat());
    let stores = snapshot(&room.path("out"));
    fs::remove_file(&base).unwrap();
    watch.says("warning[kept]", 1);
    fs::write(&base, "").unwrap();
    watch.says("warning[kept]", 2);
    assert!(
        watch
            .log()
            .contains("no longer contains a usable certificate")
    );
    assert_eq!(snapshot(&room.path("out")), stores);
    fs::write(&base, one(2)).unwrap();
    watch.says("recovered: ", 1);
    watch.says("added to os, java, python: ", 1);
}

#[test]
fn a_password_file_is_a_source() {
    let room = Room::new();
    let password = room.file("password", "first");
    let options = ["--ca", EXAMPLE, "--java-store", "pkcs12-mac"];
    let watch = Watch::built(
        &room,
        &[&options[..], &["--java-password-file", &password]].concat(),
    );
    let store = room.path("out/java/truststore.p12");
    let before = fs::read(&store).unwrap();
    fs::write(&password, "second").unwrap();
    watch.says(DONE, 2);
    assert_ne!(fs::read(&store).unwrap(), before);
    assert!(!watch.log().contains("second"));
}

/// Where a link of /proc leads, no file system tells.
#[test]
fn what_nothing_tells_of_is_noticed_at_the_interval() {
    let room = Room::new();
    room.file("a/ca.pem", one(0));
    room.file("b/ca.pem", two());
    let mut shell = Command::new("/bin/sh")
        .args(["-c", "cd a; echo; read x; cd ../b; echo; read x"])
        .current_dir(room.path("."))
        .stdin(Stdio::piped())
        .stdout(File::create(room.path("steps")).unwrap())
        .spawn()
        .unwrap();
    let mut stdin = shell.stdin.take().unwrap();
    let steps = |number: u64| {
        let path = room.path("steps");
        until(
            || fs::metadata(&path).unwrap().len() >= number,
            || String::from("the shell is stuck"),
        );
    };
    steps(1);
    let source = format!("/proc/{}/cwd/ca.pem", shell.id());
    let watch = Watch::built(
        &room,
        &["--ca", &source, "--base", "none", "--interval", "1"],
    );
    assert_eq!(customers(&room), 1);
    std::io::Write::write_all(&mut stdin, b"\n").unwrap();
    steps(2);
    watch.says(DONE, 2);
    assert_eq!(customers(&room), 2);
    drop(stdin);
    shell.wait().unwrap();
}

#[test]
fn signals_end_it_with_0() {
    for signal in [Signal::TERM, Signal::INT] {
        let room = Room::new();
        let watch = Watch::built(&room, &["--ca", EXAMPLE]);
        assert_eq!(watch.end(signal), Some(0));
        // While it waits for a source too.
        let room = Room::new();
        let options = ["--ca", "/missing", "--wait", "1000"];
        let watch = Watch::start(&room, &options);
        let status = format!("/proc/{}/status", watch.child.id());
        // SIGINT and SIGTERM, by their bits.
        let is_armed = || {
            let status = fs::read_to_string(&status).unwrap();
            let caught = status.lines().find_map(|l| l.strip_prefix("SigCgt:"));
            let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
            caught & 0x4002 == 0x4002
        };
        until(is_armed, || watch.log());
        assert_eq!(watch.end(signal), Some(0));
    }
}

#[test]
fn healthy_is_the_answer_of_a_watch_that_runs() {
    let room = Room::new();
    healthy(&room).failed(1, &[]);
    // Stores alone are no answer: they may be those of a watch that is dead.
    trust_init(["build", "--ca", EXAMPLE, "--out", &room.out()]).succeeded();
    let run = healthy(&room).failed(1, &[]);
    assert!(run.stdout.starts_with("not ready: "), "{run:?}");
    let watch = Watch::start(&room, &["--ca", EXAMPLE]);
    until(|| healthy(&room).code == 0, || watch.log());
    // Whatever else its container sets.
    let mut probe = command();
    let variables = [
        ("TRUST_INIT_OUT", room.out()),
        ("TRUST_INIT_CA", "-".into()),
    ];
    let probe = probe.envs(variables).args(["watch", "--healthy"]);
    Run::from(probe.output().unwrap()).succeeded();
    // A build beside it changes nothing in that.
    trust_init(["build", "--ca", EXAMPLE, "--out", &room.out()]).succeeded();
    healthy(&room).succeeded();
    assert_eq!(watch.end(Signal::KILL), None);
    healthy(&room).failed(1, &[]);
    // The next one takes its place.
    let watch = Watch::start(&room, &["--ca", EXAMPLE]);
    until(|| healthy(&room).code == 0, || watch.log());
}

#[test]
fn it_is_not_healthy_before_the_first_build() {
    let room = Room::new();
    trust_init(["build", "--ca", EXAMPLE, "--out", &room.out()]).succeeded();
    let late = room.path("late.pem");
    let watch = Watch::start(&room, &["--ca", late.to_str().unwrap(), "--wait", "60"]);
    healthy(&room).failed(1, &[]);
    fs::write(&late, two()).unwrap();
    until(|| healthy(&room).code == 0, || watch.log());
    assert_eq!(customers(&room), 2);
}

#[test]
fn a_first_build_fails_as_build_does() {
    let room = Room::new();
    let termination = room.file("termination", "");
    let out = room.out();
    let options = ["watch", "--out", &out, "--termination-log", &termination];
    let missing = [&options[..], &["--ca", "/missing.pem"]].concat();
    trust_init(missing).failed(3, &["error[unreadable]: /missing.pem"]);
    let told = fs::read_to_string(&termination).unwrap();
    assert!(told.contains("/missing.pem: no such file"), "{told}");
    assert!(!room.path("out").exists());
    trust_init([&options[..], &["--ca", "-"]].concat()).failed(2, &["error[usage]: --ca: a pipe"]);
}

#[test]
fn two_watches_do_not_keep_one_directory() {
    let room = Room::new();
    let watch = Watch::built(&room, &["--ca", EXAMPLE]);
    until(|| healthy(&room).code == 0, || watch.log());
    let stores = snapshot(&room.path("out"));
    let other = room.file("other.pem", one(0));
    let out = room.out();
    trust_init(["watch", "--ca", &other, "--out", &out]).failed(4, &["error[locked]", "hint: "]);
    assert_eq!(snapshot(&room.path("out")), stores);
    healthy(&room).succeeded();
}

#[test]
fn it_neither_grows_nor_writes_what_is_the_same() {
    let room = Room::new();
    let source = room.file("ca.pem", two());
    let watch = Watch::built(&room, &["--ca", &source]);
    let descriptors = || {
        let path = format!("/proc/{}/fd", watch.child.id());
        fs::read_dir(path).unwrap().count()
    };
    let before = descriptors();
    for number in 2..12 {
        replace(Path::new(&source), &(two() + &"\n".repeat(number)));
        watch.says(DONE, number);
    }
    assert_eq!(descriptors(), before);
    // Another file of the same certificates: the stores need no new file.
    assert_eq!(watch.count("ca-certificates.crt: "), 1, "{}", watch.log());
}
