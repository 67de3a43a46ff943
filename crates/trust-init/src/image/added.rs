//! The CAs that an image's builder added to its OS bundle.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::places::children;
use super::root::Root;
use super::{Image, certificates};
use trust_stores::{Certificate, DerivationBudget};

/// Directories of files that distributions merge into their OS bundle, and that no package fills.
const DIRECTORIES: [&str; 4] = [
    "/usr/local/share/ca-certificates", // Debian, Ubuntu, Alpine: update-ca-certificates(8)
    "/etc/pki/ca-trust/source/anchors", // Fedora, RHEL: update-ca-trust(8)
    "/etc/pki/trust/anchors",           // SUSE: update-ca-certificates(8)
    "/etc/ca-certificates/trust-source/anchors", // Arch: update-ca-trust(8)
];

/// A CA in one of these directories.
#[derive(Debug)]
pub struct AddedCa {
    /// The file's path in messages.
    pub path: PathBuf,
    /// The certificate.
    pub certificate: Arc<Certificate>,
}

/// The CAs that were added to the image's OS bundle, as far as its stores are taken one by one: with the OS
/// bundle as a base of every output, none of them can be missing anywhere.
///
/// Another CA of a store may be a public root that is newer or older than those of the next store, so no
/// comparison of the stores could tell.
pub fn added_cas(image: &Image, budget: &DerivationBudget) -> Vec<AddedCa> {
    if !image.own.each_for_its_output || image.own.os_for_all {
        return Vec::new();
    }
    let root = Root::new(&image.root);
    let top = DIRECTORIES
        .iter()
        .flat_map(|path| children(&root, Path::new(path)));
    // Debian's tool looks into subdirectories, and packages of companies use one.
    let files = top.flat_map(|path| {
        if root.is_directory(&path) {
            children(&root, &path)
        } else {
            vec![path]
        }
    });
    files.flat_map(|file| read(&root, &file, budget)).collect()
}

fn read(root: &Root, file: &Path, budget: &DerivationBudget) -> Vec<AddedCa> {
    /// More than any CA takes.
    const LIMIT: u64 = 64 << 10;
    let Ok(bytes) = root.real(file).and_then(|real| root.read(&real, LIMIT)) else {
        return Vec::new();
    };
    certificates(&bytes, None, budget)
        .map(|decoded| AddedCa {
            path: root.outside(file),
            certificate: decoded.certificate,
        })
        .collect()
}
