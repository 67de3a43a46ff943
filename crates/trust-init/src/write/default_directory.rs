//! Where a build writes if nobody names a directory: `/trust` in a container, `./trust` elsewhere.
//!
//! In a pod the stores belong on a volume that is mounted at `/trust`. If that mount was forgotten and a
//! build chose another place, it would succeed, and no other container would find the stores. So one sign
//! of a container is enough, and there are several: no runtime leaves all of them, and a pod can hide some.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process;

/// The default in a container, where it is a volume, and whatever the wiring names for one.
pub const IN_CONTAINER: &str = "/trust";
/// The default on a laptop, a CI runner or a server: below the working directory.
pub const ELSEWHERE: &str = "./trust";

/// What only containers have, but for the first, which is the place itself. Docker makes the second, Podman
/// and `buildah` the third. A kubelet mounts the others: the fourth whatever the runtime, unless the pod
/// moves its termination message; the last with a service account's token.
const SIGNS: [&str; 5] = [
    "trust",
    ".dockerenv",
    "run/.containerenv",
    "dev/termination-log",
    "var/run/secrets/kubernetes.io",
];

/// A kubelet sets it in every container, also with `enableServiceLinks: false`.
pub const OF_KUBELET: &str = "KUBERNETES_SERVICE_HOST";

/// The directory to which this process writes by default.
pub fn default_directory(variables: &dyn Fn(&str) -> Option<OsString>) -> &'static Path {
    let is_in_container = process::id() == 1
        || variables(OF_KUBELET).is_some()
        || has_sign(Path::new("/"))
        || is_overlay();
    Path::new(if is_in_container {
        IN_CONTAINER
    } else {
        ELSEWHERE
    })
}

fn has_sign(root: &Path) -> bool {
    SIGNS
        .iter()
        .any(|sign| match fs::symlink_metadata(root.join(sign)) {
            Ok(_) => true,
            // What cannot be seen may be there.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        })
}

/// Whether the root is layers of an image: containerd alone leaves no file, as for `nerdctl run` and
/// `BuildKit`. The machines whose root is an overlay too (`OSTree` with composefs) say so.
#[cfg(target_os = "linux")]
fn is_overlay() -> bool {
    /// `OVERLAYFS_SUPER_MAGIC` of linux/magic.h.
    const OVERLAY: rustix::fs::FsWord = 0x794c_7630;
    let is_overlay = rustix::fs::statfs("/").is_ok_and(|root| root.f_type == OVERLAY);
    is_overlay && !Path::new("/run/ostree-booted").exists()
}

#[cfg(not(target_os = "linux"))]
fn is_overlay() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{IN_CONTAINER, OF_KUBELET, SIGNS, default_directory, has_sign};

    #[test]
    fn each_sign_is_enough() {
        for sign in SIGNS {
            let root = tempfile::tempdir().unwrap();
            for common in ["dev", "etc", "run", "var/run"] {
                fs::create_dir_all(root.path().join(common)).unwrap();
            }
            assert!(!has_sign(root.path()), "{sign}");
            let place = root.path().join(sign);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, "").unwrap();
            assert!(has_sign(root.path()), "{sign}");
        }
    }

    #[test]
    fn a_link_that_leads_nowhere_is_a_sign_too() {
        let root = tempfile::tempdir().unwrap();
        symlink("/mnt/of/a/volume", root.path().join("trust")).unwrap();
        assert!(has_sign(root.path()));
    }

    #[test]
    fn what_a_kubelet_sets_is_enough_with_any_value() {
        for value in ["10.96.0.1", ""] {
            let variables = |name: &str| (name == OF_KUBELET).then(|| value.into());
            assert_eq!(default_directory(&variables), Path::new(IN_CONTAINER));
        }
    }
}
