//! The same input gives the same bytes, and builds that meet, or are killed, do not mix.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use common::{EXAMPLE, Room, Run, command, listing, pem, root, snapshot, touched, trust_init, two};

/// What the main container sees: the same whatever directory a test builds in.
const MOUNTED: [&str; 2] = ["--mounted-at", "/trust"];
/// So that the public roots that tests give as the customer's are not of the base as well.
const BASE: [&str; 2] = ["--base", EXAMPLE];

fn build(room: &Room, arguments: &[&str]) -> Run {
    build_in(room, "out", arguments)
}

fn build_in(room: &Room, name: &str, arguments: &[&str]) -> Run {
    let out = room.path(name);
    let out = out.to_str().unwrap();
    trust_init([&["build", "--out", out], arguments].concat())
}

fn manifest(out: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap()
}

fn certificates(numbers: impl IntoIterator<Item = usize>) -> String {
    let all = numbers.into_iter();
    all.map(|n| pem("CERTIFICATE", &root(n))).collect()
}

#[test]
fn modes_and_bytes_do_not_depend_on_the_umask() {
    let room = Room::new();
    let mut trees = Vec::new();
    for umask in ["000", "077", "777"] {
        let out = room.path(umask);
        let script = format!(
            "umask {umask}; exec '{}' build --ca '{EXAMPLE}' --mounted-at /trust --out '{}'",
            env!("CARGO_BIN_EXE_trust-init"),
            out.display(),
        );
        let mut shell = Command::new("sh");
        let status = shell.args(["-c", &script]).stderr(Stdio::null()).status();
        assert!(status.unwrap().success());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        // A store that its reader cannot open is no error to a JVM: it silently uses its own.
        assert_eq!(mode(&out), 0o755, "umask {umask}");
        let tree = snapshot(&out);
        for path in tree.keys() {
            let path = out.join(path);
            let expected = if path.is_dir() { 0o755 } else { 0o644 };
            assert_eq!(mode(&path), expected, "umask {umask}: {}", path.display());
        }
        trees.push(tree);
    }
    assert!(trees.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let room = Room::new();
    for form in ["pkcs12", "pkcs12-mac", "pkcs12-encrypted", "jks"] {
        let tree = |name: &str| {
            let arguments = ["--ca", EXAMPLE, "--java-store", form];
            build_in(&room, name, &[&arguments[..], &MOUNTED].concat()).succeeded();
            snapshot(&room.path(name))
        };
        let (first, second) = (format!("{form}-1"), format!("{form}-2"));
        let whole = tree(&first);
        assert!(whole.len() > 100);
        assert!(whole == tree(&second), "{form}");
        // Once more over the first.
        assert!(tree(&first) == whole, "{form}");
    }
}

#[test]
fn files_that_are_up_to_date_are_not_written_again() {
    let room = Room::new();
    build(&room, &["--ca", EXAMPLE]).succeeded();
    let (before, whole) = (touched(&room.path("out")), snapshot(&room.path("out")));
    let run = build(&room, &["--ca", EXAMPLE]).succeeded();
    // Not even with the same bytes: on ext4 each rename over a file is a flush.
    assert_eq!(touched(&room.path("out")), before);
    assert!(snapshot(&room.path("out")) == whole);
    // Nothing stays behind beside the output either: an emptyDir has one owner.
    assert_eq!(listing(&room.path(".")), ["out"]);
    assert!(!run.stderr.contains("wrote"), "{run:?}");
    assert!(run.stderr.contains("left 128 files in"), "{run:?}");
    // What differs is written, and nothing besides.
    let bundle = fs::read(room.path("out/os/ca-certificates.crt")).unwrap();
    let changed = room.file("out/python/cacert.pem", bundle);
    let run = build(&room, &["--ca", EXAMPLE]).succeeded();
    assert_eq!(run.stderr.matches("wrote").count(), 1, "{run:?}");
    assert!(
        run.stderr
            .contains(&format!("wrote {changed}: 120 certificates"))
    );
    let kept = |path: &Path| !path.ends_with("python") && !path.ends_with("out");
    let [before, after] = [before, touched(&room.path("out"))].map(|seen| {
        let seen = seen.into_iter();
        let seen = seen.filter(|(path, ..)| path != Path::new(&changed) && kept(path));
        seen.collect::<BTreeSet<_>>()
    });
    assert_eq!(after, before);
}

#[test]
fn files_that_are_not_as_a_build_writes_them_are_written_again() {
    let room = Room::new();
    let store = room.path("out/os/ca-certificates.crt");
    build(&room, &["--ca", EXAMPLE]).succeeded();
    let whole = snapshot(&room.path("out"));
    let inode = |path: &Path| fs::symlink_metadata(path).unwrap().ino();
    let read = || fs::read(&store).unwrap();
    // A mode that another user cannot read, a second name by which it could be changed, a byte more
    // or less, the same number of other bytes, a link to the same bytes.
    let bent: [&dyn Fn(); 6] = [
        &|| fs::set_permissions(&store, Permissions::from_mode(0o600)).unwrap(),
        &|| fs::hard_link(&store, room.path("second")).unwrap(),
        &|| fs::write(&store, [read(), b"\n".into()].concat()).unwrap(),
        &|| fs::write(&store, "").unwrap(),
        &|| {
            let mut bytes = read();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(&store, bytes).unwrap();
        },
        &|| {
            fs::rename(&store, room.path("away")).unwrap();
            symlink(room.path("away"), &store).unwrap();
        },
    ];
    for bend in bent {
        bend();
        let before = inode(&store);
        let run = build(&room, &["--ca", EXAMPLE]).succeeded();
        assert_eq!(run.stderr.matches("wrote").count(), 1, "{run:?}");
        assert_ne!(inode(&store), before);
        assert!(snapshot(&room.path("out")) == whole);
        let mode = fs::metadata(&store).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o644);
    }
    let link = room.path("out/os/ca-bundle.crt");
    fs::remove_file(&link).unwrap();
    symlink("elsewhere", &link).unwrap();
    build(&room, &["--ca", EXAMPLE]).succeeded();
    assert!(snapshot(&room.path("out")) == whole);
}

/// One way to hand over certificates: the sources, in a directory of their own.
type Way = fn(&Room, &str, &[usize]) -> Vec<String>;

const WAYS: [(&str, Way); 5] = [
    ("one file", |room, label, order| {
        let content = certificates(order.iter().copied());
        vec![room.file(&format!("{label}/all.pem"), content)]
    }),
    ("many files", many_files),
    ("DER", |room, label, order| {
        let each = order.iter().enumerate();
        each.map(|(place, n)| room.file(&format!("{label}/{place}.crt"), root(*n)))
            .collect()
    }),
    ("a directory", |room, label, order| {
        many_files(room, label, order);
        vec![room.path(label).to_str().unwrap().to_owned()]
    }),
    ("each twice", |room, label, order| {
        let content = certificates(order.iter().chain(order).copied());
        vec![room.file(&format!("{label}/all.pem"), content)]
    }),
];

fn many_files(room: &Room, label: &str, order: &[usize]) -> Vec<String> {
    let each = order.iter().enumerate();
    each.map(|(place, n)| {
        let name = format!("{label}/{place}.pem");
        room.file(&name, pem("CERTIFICATE", &root(*n)))
    })
    .collect()
}

/// What clients read; the manifest and its origins differ with the sources' names.
fn stores(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = snapshot(out);
    all.retain(|path, _| {
        ["os", "java", "python"]
            .iter()
            .any(|store| path.starts_with(store))
    });
    all
}

#[test]
fn the_order_and_the_form_of_the_input_do_not_matter() {
    let room = Room::new();
    let orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2]];
    let mut first = None;
    for ((way, sources), order) in WAYS.iter().flat_map(|way| orders.map(|order| (way, order))) {
        let label = format!("{way}, {order:?}");
        let sources = sources(&room, &format!("sources of {label}"), &order);
        let given: Vec<&str> = sources.iter().flat_map(|path| ["--ca", path]).collect();
        build_in(&room, &label, &[&given[..], &BASE, &MOUNTED].concat()).succeeded();
        let out = room.path(&label);
        let found = (manifest(&out)["trustAnchorsHash"].clone(), stores(&out));
        assert!(found.0.is_string());
        assert!(
            *first.get_or_insert_with(|| found.clone()) == found,
            "{label}"
        );
    }
}

#[test]
fn the_order_of_the_sources_shows_in_the_manifest_alone() {
    let room = Room::new();
    let (one, two) = (
        room.file("1.pem", certificates([3])),
        room.file("2.pem", two()),
    );
    let trees = [("1-2", [&one, &two]), ("2-1", [&two, &one])].map(|(name, [a, b])| {
        let given = ["--ca", a, "--ca", b];
        build_in(&room, name, &[&given[..], &BASE, &MOUNTED].concat()).succeeded();
        let mut tree = snapshot(&room.path(name));
        let shown = tree.remove(Path::new("manifest.json")).unwrap();
        let parsed = manifest(&room.path(name));
        (
            tree,
            shown,
            ["trustAnchorsHash", "caBundleHash"].map(|hash| parsed[hash].clone()),
        )
    });
    let [first, second] = trees;
    assert!(first.0 == second.0);
    assert!(first.1 != second.1);
    assert_eq!(first.2, second.2);
}

#[test]
fn another_set_has_another_hash_whatever_the_base() {
    let room = Room::new();
    let mut hashes = BTreeSet::new();
    for count in 1..=3 {
        let source = room.file(&format!("{count}.pem"), certificates(0..count));
        let mut of_it = BTreeSet::new();
        for base in ["none", "mozilla", EXAMPLE] {
            build(&room, &["--ca", &source, "--base", base]).succeeded();
            let manifest = room.manifest();
            of_it.insert(
                ["caBundleHash", "trustAnchorsHash"].map(|hash| manifest[hash].to_string()),
            );
        }
        assert_eq!(of_it.len(), 1, "{of_it:?}");
        hashes.extend(of_it.into_iter().map(|[_, anchors]| anchors));
    }
    assert_eq!(hashes.len(), 3);
}

#[test]
fn dead_runs_are_swept_and_living_ones_waited_for() {
    let room = Room::new();
    room.file("out/.trust-init.77.1/os/half.0", "torn");
    build(&room, &["--ca", EXAMPLE]).succeeded();
    let names = listing(&room.path("out"));
    assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
    let held = File::open(room.path("out")).unwrap();
    held.lock().unwrap();
    let before = snapshot(&room.path("out"));
    build(
        &room,
        &["--ca", EXAMPLE, "--only", "os", "--lock-timeout", "0"],
    )
    .failed(4, &["error[locked]", "another run", "hint: "]);
    assert!(snapshot(&room.path("out")) == before);
    held.unlock().unwrap();
    build(&room, &["--ca", EXAMPLE, "--lock-timeout", "0", "--sync"]).succeeded();
}

/// Two inputs that share a CA, and the whole tree that each gives.
struct Rivals {
    room: Room,
    sources: [String; 2],
    whole: [BTreeMap<PathBuf, (u32, Vec<u8>)>; 2],
}

impl Rivals {
    fn new() -> Self {
        let room = Room::new();
        let sources = [("a.pem", [0, 1, 2]), ("b.pem", [0, 3, 4])]
            .map(|(name, numbers)| room.file(name, certificates(numbers)));
        let rivals = Rivals {
            room,
            sources,
            whole: [BTreeMap::new(), BTreeMap::new()],
        };
        let whole = [0, 1].map(|which| {
            let out = rivals.room.path(["whole-a", "whole-b"][which]);
            assert!(rivals.start(&out, which).wait().unwrap().success());
            with_modes(&out)
        });
        assert!(whole[0] != whole[1]);
        Rivals { whole, ..rivals }
    }

    fn start(&self, out: &Path, which: usize) -> Child {
        let always = ["build", "-q", "--ca", &self.sources[which], "--out"];
        let mut command = command();
        command.args(always).arg(out).args(BASE).args(MOUNTED);
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    /// The file of the hashed directory that holds the CA that both inputs have.
    fn shared(&self) -> PathBuf {
        let body = pem("CERTIFICATE", &root(0));
        let body = body.lines().nth(1).unwrap();
        let holds = |path: &PathBuf, content: &[u8]| {
            let is_hashed =
                path.starts_with("os") && path.extension().is_some_and(|end| end == "0");
            is_hashed && String::from_utf8_lossy(content).contains(body)
        };
        let [found, other] = self.whole.each_ref().map(|tree| {
            let mut all = tree.iter();
            let found = all.find(|(path, (_, content))| holds(path, content));
            found.unwrap().0.clone()
        });
        assert_eq!(found, other);
        found
    }
}

fn with_modes(root: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mode = |path: &Path| fs::symlink_metadata(root.join(path)).unwrap().mode();
    let all = snapshot(root).into_iter();
    all.map(|(path, content)| (path.clone(), (mode(&path), content)))
        .collect()
}

const BUNDLE: &str = "os/ca-certificates.crt";

/// What a client in the main container finds that reads again and again.
#[derive(Default)]
struct Seen {
    bundles: BTreeSet<Vec<u8>>,
    is_lost: bool,
}

fn read_until(stop: &AtomicBool, out: &Path, shared: &Path) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        match fs::read(out.join(BUNDLE)) {
            Ok(bundle) => {
                seen.bundles.insert(bundle);
                seen.is_lost |= !out.join(shared).exists();
            }
            // Before the first build is done; from then on it has to be there.
            Err(_) => seen.is_lost |= !seen.bundles.is_empty(),
        }
    }
    seen
}

#[test]
fn concurrent_builds_leave_one_of_them_whole() {
    let rivals = Rivals::new();
    let (out, shared) = (rivals.room.path("out"), rivals.shared());
    let stop = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(|| read_until(&stop, &out, &shared));
        for round in 0..4 {
            let builds: Vec<_> = (0..6)
                .map(|n| rivals.start(&out, (n + round) % 2))
                .collect();
            for mut build in builds {
                assert!(build.wait().unwrap().success());
            }
            assert!(
                rivals.whole.contains(&with_modes(&out)),
                "a mixture of both"
            );
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    let whole = rivals
        .whole
        .each_ref()
        .map(|tree| &tree[Path::new(BUNDLE)].1);
    assert!(!seen.bundles.is_empty());
    assert!(seen.bundles.iter().all(|bundle| whole.contains(&bundle)));
    assert!(!seen.is_lost, "a reader missed {}", shared.display());
    let beside = ["a.pem", "b.pem", "out", "whole-a", "whole-b"];
    assert_eq!(listing(&rivals.room.path(".")), beside);
}

/// A pod can be killed at any moment; what its volume then holds is what the next one reads.
#[test]
fn a_killed_build_leaves_whole_files() {
    const KILLS: u32 = 40;
    let rivals = Rivals::new();
    let (out, shared) = (rivals.room.path("volume/out"), rivals.shared());
    fs::create_dir(rivals.room.path("volume")).unwrap();
    let begun = Instant::now();
    assert!(rivals.start(&out, 0).wait().unwrap().success());
    let whole_run = begun.elapsed();
    let mut killed = 0;
    for number in 0..KILLS {
        let mut build = rivals.start(&out, number as usize % 2);
        // Every moment of a run, in no order.
        thread::sleep(whole_run * (number * 17 % KILLS) / KILLS);
        build.kill().unwrap();
        killed += u32::from(build.wait().unwrap().signal() == Some(9));
        for (path, found) in with_modes(&out) {
            let is_whole = rivals
                .whole
                .iter()
                .any(|tree| tree.get(&path) == Some(&found));
            // Go reads every file of os/, dotfiles too, so there a temporary would be trusted.
            let is_temporary = path.to_str().unwrap().starts_with('.');
            assert!(is_whole || is_temporary, "{}", path.display());
        }
        for path in [Path::new(BUNDLE), Path::new("java/truststore.p12"), &shared] {
            assert!(out.join(path).is_file(), "{}", path.display());
        }
    }
    assert!(killed > 0, "every build was done before it could be killed");
    assert!(rivals.start(&out, 1).wait().unwrap().success());
    assert!(with_modes(&out) == rivals.whole[1]);
    assert_eq!(listing(&rivals.room.path("volume")), ["out"]);
}
