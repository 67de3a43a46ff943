//! Whether a file holds what is written to it.

use std::fs::File;
use std::io::{self, Read as _, Write};

use super::RegularFile;

/// Compares what is written to it with a file, which it reads block by block. Writing fails at the first
/// difference.
#[derive(Debug)]
pub struct Comparison {
    file: File,
    /// How many bytes of the file have not been compared yet.
    left: u64,
    block: Vec<u8>,
    is_different: bool,
}

impl Comparison {
    /// Compares with `found`, from its start.
    pub fn with(found: RegularFile) -> Self {
        Comparison {
            file: found.file,
            left: found.metadata.len(),
            block: Vec::new(),
            is_different: false,
        }
    }

    /// Whether the file holds exactly what `write` writes. Fails if it cannot be read.
    pub fn holds(
        mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<bool> {
        match write(&mut self) {
            Ok(()) => Ok(self.left == 0),
            Err(_) if self.is_different => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn differ<T>(&mut self) -> io::Result<T> {
        self.is_different = true;
        Err(io::Error::other("the file is different"))
    }
}

impl Write for Comparison {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            return self.differ();
        };
        self.left = left;
        self.block.resize(bytes.len(), 0);
        match self.file.read_exact(&mut self.block) {
            Ok(()) if self.block == bytes => Ok(bytes.len()),
            Ok(()) => self.differ(),
            // It has become shorter.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.differ(),
            Err(error) => Err(error),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io;

    use super::Comparison;
    use crate::sys::RegularFile;

    #[test]
    fn a_file_holds_what_has_its_bytes_and_no_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "some content").unwrap();
        let holds = |pieces: &[&str]| {
            let file = RegularFile::new(File::open(&path).unwrap()).unwrap();
            let compared = Comparison::with(file).holds(|out| {
                let mut pieces = pieces.iter();
                pieces.try_for_each(|piece| out.write_all(piece.as_bytes()))
            });
            compared.unwrap()
        };
        assert!(holds(&["some content"]) && holds(&["some", "", " ", "content"]));
        for other in ["", "some", "some content ", "some Content", "another"] {
            assert!(!holds(&[other]), "{other:?}");
        }
        fs::write(&path, "").unwrap();
        assert!(holds(&[]) && holds(&[""]) && !holds(&["a"]));
    }

    #[test]
    fn what_cannot_be_encoded_or_read_is_no_difference() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "some content").unwrap();
        let open = || RegularFile::new(File::open(&path).unwrap()).unwrap();
        let failed = Comparison::with(open()).holds(|_| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let for_writing = File::options().append(true).open(&path).unwrap();
        let unreadable = RegularFile::new(for_writing).unwrap();
        let failed = Comparison::with(unreadable).holds(|out| out.write_all(b"some content"));
        assert!(failed.is_err());
    }
}
