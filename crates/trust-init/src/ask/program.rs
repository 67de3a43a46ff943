//! Finds a program as `execvp` does, and decides whether it may be run.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::process::geteuid;
use trust_stores::escape::escape;

/// Where programs are if `PATH` is not set, as glibc and musl have it.
const DEFAULT_PATH: &str = "/usr/local/bin:/bin:/usr/bin";

/// What came of looking for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is here.
    Here(PathBuf),
    /// There is none.
    Nowhere,
    /// It is here and is not to be run, for this reason.
    Forbidden(PathBuf, String),
}

/// Looks for `name` in the directories of `path`, the value of `PATH`.
///
/// A relative directory is passed over: what is in the directory that `kubectl exec` happens to start in
/// is not what the job runs.
pub(super) fn find(name: &str, path: Option<&OsStr>) -> Found {
    let path = path.unwrap_or(OsStr::new(DEFAULT_PATH));
    let mut directories = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    let found = directories.find_map(|directory| Some(directory.join(name)).filter(is_program));
    found.map_or(Found::Nowhere, judge)
}

/// The program at `path`, if there is one.
pub(super) fn at(path: PathBuf) -> Found {
    if path.is_absolute() && is_program(&path) {
        judge(path)
    } else {
        Found::Nowhere
    }
}

fn is_program(path: &PathBuf) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// A job runs whatever program its user is given, so any other user may do that too. Root runs only
/// what no other user can replace: it has more to lose than the job.
fn judge(path: PathBuf) -> Found {
    if !geteuid().is_root() {
        return Found::Here(path);
    }
    match replaceable(&path) {
        None => Found::Here(path),
        Some(place) => {
            let place = place.to_string_lossy();
            let reason = format!(
                "users other than root can change {}: run doctor as the job's user",
                escape(&place)
            );
            Found::Forbidden(path, reason)
        }
    }
}

/// The program, or a directory on the way to it, if a user other than root can change that.
fn replaceable(path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).ok()?;
    let places = [path.parent(), real.parent(), Some(real.as_path())];
    let mut places = places.into_iter().flatten();
    let place = places.find(|place| fs::metadata(place).is_ok_and(|found| is_open(&found)))?;
    Some(place.to_owned())
}

fn is_open(found: &Metadata) -> bool {
    /// In a directory with this bit, only the owner of a file may rename it (`inode(7)`).
    const STICKY: u32 = 0o1000;
    let is_shared = found.mode() & 0o002 != 0;
    found.uid() != 0 || (is_shared && !(found.is_dir() && found.mode() & STICKY != 0))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::{Found, find};

    #[test]
    fn the_first_program_of_the_path_that_can_be_run_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let make = |place: &str, mode| {
            let at = directory.path().join(place);
            fs::create_dir(&at).unwrap();
            fs::write(at.join("tool"), "").unwrap();
            fs::set_permissions(at.join("tool"), fs::Permissions::from_mode(mode)).unwrap();
            at.to_str().unwrap().to_owned()
        };
        let (text, first, second) = (make("a", 0o644), make("b", 0o755), make("c", 0o755));
        let path = format!(":.:{text}:{first}:{second}");
        let found = find("tool", Some(OsStr::new(&path)));
        assert_eq!(found, Found::Here(directory.path().join("b/tool")));
        assert_eq!(find("tool", Some(OsStr::new(""))), Found::Nowhere);
        assert_eq!(find("tool", Some(OsStr::new(&text))), Found::Nowhere);
    }
}
