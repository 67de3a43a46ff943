//! `install`: this program, copied to where others can run it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Errors, ExitCode};
use crate::report::log::Log;
use crate::write::by_content::random;
use trust_stores::escape::escape;

const NAME: &str = "trust-init";
const MODE: u32 = 0o755;

/// Puts this program into `directory`, by a rename: whoever runs it finds the old one or the new
/// one, whole.
pub(super) fn run(directory: &Path, log: &mut Log) -> Result<ExitCode, Errors> {
    // Not by its path: it may have been replaced since, or be outside of a chroot.
    let running = Path::new("/proc/self/exe");
    let mut program = File::open(running).map_err(|error| {
        Error::unreadable(running, &error).hint("install copies the running program from there")
    })?;
    let unwritable = |error: io::Error| {
        let mut fault = Error::unwritable(directory, &error);
        fault.hints = vec![String::from(
            "name a directory that this process's user may write",
        )];
        fault
    };
    // Others are to run it, whatever the umask.
    if !directory.is_dir() {
        fs::create_dir_all(directory)
            .and_then(|()| fs::set_permissions(directory, Permissions::from_mode(MODE)))
            .map_err(unwritable)?;
    }
    let target = directory.join(NAME);
    let fresh = Fresh::create(directory).map_err(unwritable)?;
    io::copy(&mut program, &mut &fresh.file)
        // After the copy, and whatever the umask: nobody may run half of it.
        .and_then(|_| fresh.file.set_permissions(Permissions::from_mode(MODE)))
        .and_then(|()| fs::rename(&fresh.path, &target))
        .map_err(unwritable)?;
    log.info(&format!("wrote {}", escape(&target.to_string_lossy())));
    Ok(ExitCode::Done)
}

/// A file that goes again, unless it was renamed.
struct Fresh {
    path: PathBuf,
    file: File,
}

impl Fresh {
    fn create(directory: &Path) -> io::Result<Self> {
        // In a container every process can be number 1: no two runs may share a name.
        let path = directory.join(format!(".{NAME}.{}", random()?));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Fresh { path, file })
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
