//! `--base auto` on images of every make, each a tree under `--root`: which store is taken for
//! which output.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use common::{EXAMPLE, Room, pem, root, trust_init};
use serde_json::Value;

/// An image's root, made file by file.
struct Tree(Room);

impl Tree {
    fn new() -> Self {
        let tree = Tree(Room::new());
        fs::create_dir(tree.0.path("root")).unwrap();
        tree
    }

    fn put(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.0.path(&format!("root{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// A PEM bundle of one public root.
    fn bundle(&self, path: &str, index: usize) -> &Self {
        self.put(path, pem("CERTIFICATE", &root(index)))
    }

    /// A Java store of one public root, in a form.
    fn java(&self, path: &str, index: usize, form: &str) -> &Self {
        let source = self.0.file("one.pem", pem("CERTIFICATE", &root(index)));
        let out = self.0.path("java-store").to_str().unwrap().to_owned();
        trust_init([
            "build",
            "--ca",
            &source,
            "--base",
            "none",
            "--java-store",
            form,
            "--out",
            &out,
        ])
        .succeeded();
        let file = if form == "jks" {
            "truststore.jks"
        } else {
            "truststore.p12"
        };
        self.put(
            path,
            fs::read(Path::new(&out).join("java").join(file)).unwrap(),
        )
    }

    fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.0.path(&format!("root{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        self
    }

    fn manifest(&self) -> Value {
        self.manifest_of(&["auto"])
    }

    fn manifest_of(&self, bases: &[&str]) -> Value {
        let image = self.0.path("root");
        let out = self.0.out();
        let image = image.to_str().unwrap();
        let options = ["build", "--ca", EXAMPLE, "--root", image, "--out", &out];
        let bases = bases.iter().flat_map(|base| ["--base", *base]);
        trust_init(options.into_iter().chain(bases)).succeeded();
        self.0.manifest()
    }

    /// What each output took, as `store path`, the path inside the image; `mozilla` where it has
    /// none.
    fn bases(&self) -> BTreeSet<String> {
        self.bases_of(&["auto"])
    }

    /// The same, with other bases than `auto`.
    fn bases_of(&self, bases: &[&str]) -> BTreeSet<String> {
        let image = self.0.path("root").to_str().unwrap().to_owned();
        let manifest = self.manifest_of(bases);
        let sources = manifest["sources"].as_array().unwrap();
        sources
            .iter()
            .filter(|source| source["role"] == "base")
            .flat_map(|source| {
                let name = source["name"].as_str().unwrap();
                let inside = name.strip_prefix(&image).unwrap_or(name).to_owned();
                let stores = source["stores"].as_array().unwrap().clone();
                stores
                    .into_iter()
                    .map(move |store| format!("{} {inside}", store.as_str().unwrap()))
            })
            .collect()
    }
}

fn set(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|&one| one.to_owned()).collect()
}

#[test]
fn an_empty_image_gets_mozillas_roots() {
    assert_eq!(
        Tree::new().bases(),
        set(&["os mozilla", "java mozilla", "python mozilla"])
    );
}

#[test]
fn debian() {
    let tree = Tree::new();
    tree.bundle("/etc/ssl/certs/ca-certificates.crt", 0)
        .java("/etc/ssl/certs/java/cacerts", 1, "jks")
        .link(
            "/usr/lib/jvm/java-17-openjdk-amd64/lib/security/cacerts",
            "/etc/ssl/certs/java/cacerts",
        )
        .link("/usr/lib/jvm/default-java", "java-17-openjdk-amd64")
        .link(
            "/etc/alternatives/java",
            "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
        )
        .link("/usr/bin/java", "/etc/alternatives/java")
        .put("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "");
    assert_eq!(
        tree.bases(),
        set(&[
            "os /etc/ssl/certs/ca-certificates.crt",
            "java /usr/lib/jvm/java-17-openjdk-amd64/lib/security/cacerts",
            // Debian's requests reads the system's bundle.
            "python /etc/ssl/certs/ca-certificates.crt",
        ])
    );
    // Each root is in the stores of its output, and nowhere else.
    let manifest = tree.manifest();
    let stores: Vec<&Value> = manifest["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|certificate| certificate["role"] == "base")
        .map(|certificate| &certificate["stores"])
        .collect();
    assert_eq!(stores.len(), 2);
    assert!(
        stores
            .iter()
            .any(|s| **s == serde_json::json!(["os", "python"]))
    );
    assert!(stores.iter().any(|s| **s == serde_json::json!(["java"])));
}

#[test]
fn ubi_whose_links_are_absolute() {
    let tree = Tree::new();
    tree.bundle("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", 0)
        .link(
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        )
        .link("/etc/ssl/certs", "/etc/pki/tls/certs")
        .java("/etc/pki/ca-trust/extracted/java/cacerts", 1, "pkcs12")
        .link(
            "/etc/pki/java/cacerts",
            "/etc/pki/ca-trust/extracted/java/cacerts",
        )
        .put("/usr/lib/jvm/java-21/bin/java", "")
        .link(
            "/usr/lib/jvm/java-21/lib/security/cacerts",
            "/etc/pki/java/cacerts",
        );
    assert_eq!(
        tree.bases(),
        set(&[
            "os /etc/pki/tls/certs/ca-bundle.crt",
            "java /usr/lib/jvm/java-21/lib/security/cacerts",
            "python /etc/pki/tls/certs/ca-bundle.crt",
        ])
    );
}

#[test]
fn suse_and_distroless() {
    let tree = Tree::new();
    tree.bundle("/var/lib/ca-certificates/ca-bundle.pem", 0)
        .link(
            "/etc/ssl/ca-bundle.pem",
            "../../var/lib/ca-certificates/ca-bundle.pem",
        )
        .java("/var/lib/ca-certificates/java-cacerts", 1, "jks");
    assert_eq!(
        tree.bases(),
        set(&[
            "os /etc/ssl/ca-bundle.pem",
            "java /var/lib/ca-certificates/java-cacerts",
            "python /etc/ssl/ca-bundle.pem",
        ])
    );
    let tree = Tree::new();
    tree.bundle("/etc/ssl/certs/ca-certificates.crt", 0).java(
        "/etc/ssl/certs/java/cacerts",
        1,
        "pkcs12",
    );
    assert_eq!(
        tree.bases(),
        set(&[
            "os /etc/ssl/certs/ca-certificates.crt",
            "java /etc/ssl/certs/java/cacerts",
            "python /etc/ssl/certs/ca-certificates.crt",
        ])
    );
}

#[test]
fn of_three_pythons_and_two_jdks_any_may_run() {
    let tree = Tree::new();
    tree.bundle("/etc/ssl/certs/ca-certificates.crt", 0)
        .bundle(
            "/usr/local/lib/python3.12/site-packages/certifi/cacert.pem",
            1,
        )
        .bundle("/usr/lib/python3/dist-packages/certifi/cacert.pem", 2)
        .bundle(
            "/opt/conda/envs/job/lib/python3.10/site-packages/certifi/cacert.pem",
            3,
        )
        .bundle("/opt/conda/ssl/cacert.pem", 4)
        .java("/opt/java/openjdk/lib/security/cacerts", 5, "pkcs12")
        .java("/usr/lib/jvm/java-8/jre/lib/security/cacerts", 6, "jks");
    assert_eq!(
        tree.bases(),
        set(&[
            "os /etc/ssl/certs/ca-certificates.crt",
            "java /opt/java/openjdk/lib/security/cacerts",
            "java /usr/lib/jvm/java-8/jre/lib/security/cacerts",
            "python /usr/local/lib/python3.12/site-packages/certifi/cacert.pem",
            "python /usr/lib/python3/dist-packages/certifi/cacert.pem",
            "python /opt/conda/envs/job/lib/python3.10/site-packages/certifi/cacert.pem",
            "python /opt/conda/ssl/cacert.pem",
        ])
    );
}

#[test]
fn what_is_broken_there_never_stops_a_build() {
    let tree = Tree::new();
    tree.put("/etc/ssl/certs/ca-certificates.crt", "")
        .bundle("/etc/ssl/cert.pem", 0)
        .put("/opt/java/openjdk/lib/security/cacerts", "no store")
        .link("/usr/lib/jvm/loop", "loop")
        .link(
            "/usr/lib/jvm/out/lib/security/cacerts",
            "../../../../../../../../etc/passwd",
        )
        .link("/venv", "/");
    assert_eq!(
        tree.bases(),
        set(&[
            // Empty: the next one is the image's.
            "os /etc/ssl/cert.pem",
            "java /opt/java/openjdk/lib/security/cacerts",
            // Nothing in it is a certificate.
            "java mozilla",
            "python /etc/ssl/cert.pem",
        ])
    );
}

#[test]
fn the_root_must_be_there() {
    let room = Room::new();
    let out = room.out();
    let run = trust_init([
        "build", "--ca", EXAMPLE, "--base", "auto", "--root", "/missing", "--out", &out,
    ]);
    run.failed(3, &["/missing", "--root"]);
}

/// Debian, where a company's CA was added to the bundle, and a JDK that does not link to the system's store.
fn with_an_added_ca() -> Tree {
    let tree = Tree::new();
    let corporate = pem("CERTIFICATE", &root(2));
    tree.put(
        "/etc/ssl/certs/ca-certificates.crt",
        [pem("CERTIFICATE", &root(0)), corporate.clone()].concat(),
    )
    .put(
        "/usr/local/share/ca-certificates/example/corporate.crt",
        corporate,
    )
    .java("/opt/java/openjdk/lib/security/cacerts", 1, "pkcs12")
    .bundle("/usr/lib/python3/dist-packages/certifi/cacert.pem", 1);
    tree
}

#[test]
fn a_ca_that_was_added_to_one_store_is_reported() {
    let tree = with_an_added_ca();
    let (image, out) = (tree.0.path("root"), tree.0.out());
    let image = image.to_str().unwrap();
    let build = |more: &[&str]| {
        let options = ["build", "--base", "auto", "--root", image, "--out", &out];
        trust_init(options.into_iter().chain(more.iter().copied()))
            .succeeded()
            .stderr
    };
    let expected = "corporate.crt: added to the OS bundle, but missing from the stores here for java, python: ";
    let said = build(&[]);
    assert!(said.contains("info[not-in-every-store]: "), "{said}");
    assert!(
        said.contains(expected) && said.contains("add --base os"),
        "{said}"
    );
    // The directory of the OS bundle has a Java store too, and Python's is not written.
    let said = build(&["--only", "os"]);
    assert!(said.contains("the stores here for java: "), "{said}");
    assert!(!build(&["--base", "os"]).contains("not-in-every-store"));
    // Nor is anything missing if the tool did not run: no store of the image has the CA.
    tree.bundle("/etc/ssl/certs/ca-certificates.crt", 0);
    assert!(!build(&[]).contains("not-in-every-store"));
}

#[test]
fn the_os_bundle_for_every_output() {
    let tree = with_an_added_ca();
    let bundle = "/etc/ssl/certs/ca-certificates.crt";
    assert_eq!(
        tree.bases_of(&["os"]),
        set(&["os", "java", "python"]
            .map(|store| format!("{store} {bundle}"))
            .each_ref()
            .map(String::as_str))
    );
    assert_eq!(
        tree.bases_of(&["auto", "os"]),
        set(&[
            &format!("os {bundle}"),
            &format!("java {bundle}"),
            &format!("python {bundle}"),
            "java /opt/java/openjdk/lib/security/cacerts",
            "python /usr/lib/python3/dist-packages/certifi/cacert.pem",
        ])
    );
    // An image without one gets Mozilla's roots.
    let mozilla = ["os mozilla", "java mozilla", "python mozilla"];
    assert_eq!(Tree::new().bases_of(&["os"]), set(&mozilla));
}
