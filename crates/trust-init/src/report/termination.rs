//! The reason of a failure, where `kubectl describe pod` shows it.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

use crate::error::Errors;

/// Where Kubernetes reads the reason, unless the pod says otherwise (`terminationMessagePath`).
pub const DEFAULT_PATH: &str = "/dev/termination-log";

/// Kubernetes reads no more than this.
const MAX_SIZE: usize = 4096;

/// Writes `errors` into the file at `path` if it exists: in place, because it is a bind mount that
/// cannot be renamed over. A failure here must not hide the one that is reported, so it is ignored.
pub fn write(path: &Path, errors: &Errors) {
    let opened = OpenOptions::new()
        .write(true)
        .truncate(true)
        // A FIFO that nobody reads would hang the open; this way it is refused.
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path);
    if let Ok(mut file) = opened {
        let _ = file.write_all(message(errors).as_bytes());
    }
}

/// The errors and their hints as lines, cut at the end of a line where they do not fit.
fn message(errors: &Errors) -> String {
    const MORE: &str = "... more errors: see the container's log\n";
    let mut out = String::new();
    for error in errors.iter() {
        let mut lines = format!("trust-init: {error}\n");
        for hint in &error.hints {
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "hint: {hint}");
        }
        if out.len() + lines.len() + MORE.len() > MAX_SIZE {
            let room = MAX_SIZE - MORE.len();
            if out.is_empty() {
                out.push_str(&lines[..lines.floor_char_boundary(room - 1)]);
                out.push('\n');
            }
            out.push_str(MORE);
            break;
        }
        out.push_str(&lines);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{MAX_SIZE, message};
    use crate::error::{Error, Errors};

    fn errors(count: usize, length: usize) -> Errors {
        let fault = Error::usage("é".repeat(length)).hint("mend it");
        Errors::check(vec![fault; count]).unwrap_err()
    }

    #[test]
    fn what_fits_is_whole() {
        let text = message(&errors(2, 3));
        let one = "trust-init: error[usage]: ééé\nhint: mend it\n";
        assert_eq!(text, one.repeat(2));
    }

    #[test]
    fn what_does_not_fit_is_cut_and_says_so() {
        for (count, length) in [(1, 5000), (500, 10), (2, 1900)] {
            let text = message(&errors(count, length));
            assert!(text.len() <= MAX_SIZE, "{}", text.len());
            assert!(text.ends_with("more errors: see the container's log\n"));
            assert!(text.starts_with("trust-init: error[usage]: é"));
        }
    }
}
