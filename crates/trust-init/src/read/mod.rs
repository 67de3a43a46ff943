//! I/O in: the paths that a plan names become bytes, each read once, so that the bytes that are
//! hashed are the bytes that are parsed.
//!
//! A customer's source that cannot be read fails the run. A base's is left out with a warning:
//! it must never stop a pod.

pub mod changes;
pub mod roots;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use crate::error::{Code, Error, Errors};
use crate::image::{self, Image};
use trust_stores::escape::escape;
use trust_stores::{Fingerprint, Level, Password, Rule, SourceRole, StoreSet};

/// A source that a plan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file, or a directory whose files are read.
    Path(PathBuf),
    /// `-`.
    StandardInput,
}

/// A base that a plan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The embedded Mozilla roots.
    Mozilla,
    /// A file, or a directory whose files are read.
    Path(PathBuf),
}

/// Bytes with where they came from.
#[derive(Debug)]
pub struct Source {
    /// As messages name it; escaped.
    pub name: String,
    /// The last part of its path, which goes into `caBundleHash`.
    pub base_name: Vec<u8>,
    /// Whose it is.
    pub role: SourceRole,
    /// What led to it, where nobody named it: a variable, or the kind of place.
    pub found_by: Option<&'static str>,
    /// Its password, where a variable gave one with it.
    pub password: Option<Password>,
    /// What was read.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes.
    pub sha256: Fingerprint,
}

/// A base is read up to this size, whatever `--max-size` says: a merged bundle is far larger
/// than a customer's chain.
pub(crate) const MAX_BASE_SIZE: u64 = 4 << 20;

/// A password is a line.
pub(crate) const MAX_PASSWORD_SIZE: u64 = 4096;

/// Where `too-large` does not deny, a customer's source is still read no further than this.
const MAX_TOLERATED_SIZE: u64 = 64 << 20;

/// How large a customer's source may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimit {
    /// `--max-size`, in bytes.
    pub bytes: u64,
    /// The level of `too-large`.
    pub level: Level,
}

/// What was read, and what could not be of the bases.
#[derive(Debug, Default)]
pub struct Inputs {
    /// What a rule refuses of the customer's sources before anything in them is looked at.
    pub refused: Vec<Error>,
    /// The customer's sources, then the bases that are files.
    pub sources: Vec<Source>,
    /// Which stores take the embedded Mozilla roots; none if they are no base.
    pub mozilla: Option<StoreSet>,
    /// To be said as warnings: bases left out, sources over the limit where that is tolerated.
    pub warnings: Vec<Error>,
}

/// Reads all that is named. Every customer's source that cannot be read is told, not only the
/// first.
///
/// The stores of `image` are looked for that the outputs in `wanted` need.
pub fn read(
    customer: &[Location],
    bases: &[(Base, StoreSet)],
    image: Option<(&Image, StoreSet)>,
    limit: SizeLimit,
    expected: Option<Fingerprint>,
) -> Result<Inputs, Errors> {
    let mut inputs = Inputs::default();
    let mut faults = Vec::new();
    for location in customer {
        faults.extend(inputs.customer(location, limit));
    }
    if let Some((image, _)) = image {
        faults.extend(fs::read_dir(&image.root).err().map(|error| {
            let mut fault = Error::unreadable(&image.root, &error);
            fault.message.insert_str(0, "--root names it: ");
            fault
        }));
    }
    if !faults.is_empty() {
        faults.append(&mut inputs.refused);
    }
    Errors::check(faults)?;
    // Of sources that were not read whole there is no hash.
    if inputs.refused.is_empty() {
        inputs.refused.extend(inputs.mismatch(expected));
    }
    for (base, stores) in bases {
        match base {
            Base::Mozilla => inputs.mozilla = Some(*stores),
            Base::Path(path) => inputs.base(path, *stores),
        }
    }
    if let Some((image, wanted)) = image {
        inputs.image(image, wanted & StoreSet::MERGED);
    }
    Ok(inputs)
}

impl SizeLimit {
    /// One byte more than is taken, so that what is too large is seen to be.
    pub(crate) fn read_limit(self) -> u64 {
        let limit = if self.level == Level::Deny {
            self.bytes
        } else {
            self.bytes.max(MAX_TOLERATED_SIZE)
        };
        limit.saturating_add(1)
    }
}

impl Inputs {
    /// Takes a customer's source, or every file of one; gives what could not be taken.
    fn customer(&mut self, location: &Location, limit: SizeLimit) -> Vec<Error> {
        let most = limit.read_limit();
        let files = match location {
            Location::StandardInput => {
                let name = Path::new("<stdin>");
                let read = read_up_to(io::stdin().lock(), most)
                    .map_err(|error| Error::unreadable(name, &error))
                    .and_then(|bytes| self.customer_file(name, b"-", bytes, limit));
                return read.err().into_iter().collect();
            }
            Location::Path(path) => match files_of(path) {
                Ok(files) => files,
                Err(fault) => return vec![fault],
            },
        };
        let take = |file: PathBuf| {
            let bytes = read_file(&file, most)?;
            let base_name = file.file_name().unwrap_or(file.as_os_str());
            self.customer_file(&file, base_name.as_encoded_bytes(), bytes, limit)
        };
        files
            .into_iter()
            .map(take)
            .filter_map(Result::err)
            .collect()
    }

    fn customer_file(
        &mut self,
        path: &Path,
        base_name: &[u8],
        bytes: Vec<u8>,
        limit: SizeLimit,
    ) -> Result<(), Error> {
        let size = bytes.len() as u64;
        if size > limit.bytes {
            let fault = too_large(size, limit).at_path(path);
            if limit.level == Level::Deny {
                self.refused.push(fault);
                return Ok(());
            }
            if size >= limit.read_limit() {
                return Err(fault);
            }
            if limit.level == Level::Warn {
                self.warnings.push(fault);
            }
        }
        self.sources.push(Source {
            name: escape(&path.to_string_lossy()).into_owned(),
            base_name: base_name.to_owned(),
            role: SourceRole::Customer,
            found_by: None,
            password: None,
            sha256: Fingerprint::of(&bytes),
            bytes,
        });
        Ok(())
    }

    /// SHA-256 of what the customer gave: for one source just what `sha256sum` says of it; for
    /// several, the SHA-256 of the lines that `sha256sum` prints for them, with base names, sorted.
    /// None without a customer's source.
    pub fn ca_bundle_hash(&self) -> Option<Fingerprint> {
        let mut customer = self.sources.iter().filter(|s| s.role.is_customer());
        let first = customer.next()?;
        let mut lines = vec![sha256sum_line(first)];
        lines.extend(customer.map(sha256sum_line));
        if lines.len() == 1 {
            return Some(first.sha256);
        }
        lines.sort_unstable();
        Some(Fingerprint::of(&lines.concat()))
    }

    fn mismatch(&self, expected: Option<Fingerprint>) -> Option<Error> {
        let (expected, found) = (expected?, self.ca_bundle_hash()?);
        if found == expected {
            return None;
        }
        let message = format!("the customer's sources hash to {found}, not to {expected}");
        Some(
            Error::new(Rule::HashMismatch, message)
                .at("--expect-sha256")
                .hint(
                    "they changed since the hash was declared: look at them again (sha256sum), \
                     then declare the new hash",
                ),
        )
    }

    fn base(&mut self, path: &Path, stores: StoreSet) {
        let files = match files_of(path) {
            Ok(files) => files,
            Err(fault) => return self.warnings.push(left_out(fault)),
        };
        for file in files {
            match read_file(&file, MAX_BASE_SIZE + 1) {
                Ok(bytes) => self.base_file(&file, stores, bytes, None, None),
                Err(fault) => self.warnings.push(left_out(fault)),
            }
        }
    }

    fn image(&mut self, image: &Image, wanted: StoreSet) {
        let (holdings, faults) = image::find(image, wanted, MAX_BASE_SIZE + 1);
        self.warnings.extend(faults.into_iter().map(left_out));
        for holding in holdings {
            let found_by = Some(holding.found_by);
            self.base_file(
                &holding.path,
                holding.stores,
                holding.bytes,
                found_by,
                holding.password,
            );
        }
    }

    fn base_file(
        &mut self,
        path: &Path,
        stores: StoreSet,
        bytes: Vec<u8>,
        found_by: Option<&'static str>,
        password: Option<Password>,
    ) {
        if bytes.len() as u64 > MAX_BASE_SIZE {
            let fault = Error::new(Code::Unreadable, "a base is read up to 4 MiB only");
            return self.warnings.push(left_out(fault.at_path(path)));
        }
        self.sources.push(Source {
            name: escape(&path.to_string_lossy()).into_owned(),
            base_name: Vec::new(),
            role: SourceRole::Base(stores),
            found_by,
            password,
            sha256: Fingerprint::of(&bytes),
            bytes,
        });
    }
}

fn sha256sum_line(source: &Source) -> Vec<u8> {
    let mut line = format!("{}  ", source.sha256).into_bytes();
    line.extend(&source.base_name);
    line.push(b'\n');
    line
}

/// Waits until each of the customer's sources is there and holds a byte, but no longer than
/// `limit`. `OpenShift` fills a ConfigMap after the pod has started; a volume can come late.
/// What is not there at the end, reading tells.
pub fn wait(customer: &[Location], limit: Duration) {
    const PAUSE: Duration = Duration::from_millis(100);
    let end = Instant::now() + limit;
    let is_there = |location: &Location| match location {
        Location::StandardInput => true,
        Location::Path(path) => files_of(path).is_ok_and(|files| {
            files
                .iter()
                .any(|file| fs::metadata(file).is_ok_and(|metadata| metadata.len() > 0))
        }),
    };
    while Instant::now() < end && !customer.iter().all(is_there) {
        thread::sleep(PAUSE.min(end.saturating_duration_since(Instant::now())));
    }
}

fn left_out(mut fault: Error) -> Error {
    fault.message.push_str(": this base is left out");
    fault
}

fn too_large(size: u64, limit: SizeLimit) -> Error {
    let bytes = limit.bytes;
    let message = if size >= limit.read_limit() {
        format!("larger than {bytes} bytes, the most that is taken")
    } else {
        format!("{size} bytes, more than {bytes}")
    };
    Error::new(Rule::TooLarge, message).hint(
        "a customer's CA chain is a few kilobytes: check that this is not a whole bundle or \
         another file; --max-size raises the limit",
    )
}

/// The file itself, or the files at the top of a directory in the order of their names. Names
/// that start with a dot are passed over, as a ConfigMap mount's `..data` must be, and
/// directories too; links are followed, as its keys are links.
pub(crate) fn files_of(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error: io::Error| Error::unreadable(path, &error);
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let file = entry.path();
        let metadata = fs::metadata(&file).map_err(|error| Error::unreadable(&file, &error))?;
        if !metadata.is_dir() {
            files.push(file);
        }
    }
    if files.is_empty() {
        let message = "the directory holds no file at its top";
        return Err(Error::new(Code::Unreadable, message).at_path(path).hint(
            "names that start with a dot and directories in it are not read; check that the \
             ConfigMap or Secret behind it has a key, and that it is mounted",
        ));
    }
    files.sort_unstable();
    Ok(files)
}

/// All of a regular file, but no more than `limit` bytes; or of the pipe that a shell's `<(…)`
/// stands for.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let unreadable = |error: io::Error| Error::unreadable(path, &error);
    // An open descriptor of this process: whoever wrote to it is there, or has been.
    let is_open = path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd");
    let flags = if is_open {
        OFlags::empty()
    } else {
        // A FIFO without a writer would hang the open, and so the pod.
        OFlags::NONBLOCK
    };
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
        .map_err(unreadable)?;
    let kind = file.metadata().map_err(unreadable)?.file_type();
    if is_open && kind.is_fifo() {
        return read_up_to(file, limit).map_err(unreadable);
    }
    if !kind.is_file() {
        let what = if kind.is_dir() {
            "a directory"
        } else if kind.is_fifo() {
            "a pipe (FIFO)"
        } else if kind.is_socket() {
            "a socket"
        } else {
            "a device"
        };
        let fault = Error::new(Code::Unreadable, format!("{what}, not a file")).at_path(path);
        return Err(if kind.is_fifo() {
            fault.hint("name a file; a shell's <(…) does too, and '--ca -' reads standard input")
        } else {
            fault
        });
    }
    read_all(file, limit).map_err(unreadable)
}

fn read_all(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len().min(limit);
    // One more byte than the size shows the end of the file without a second growth.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_up_to(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The password in a file: its first line, without the line's end.
pub fn password(path: &Path) -> Result<Password, Error> {
    let refused = |message: &str| Error::new(Code::PasswordFile, message).at_path(path);
    let bytes = read_file(path, MAX_PASSWORD_SIZE + 1)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| refused("not UTF-8 text"))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        // The JVM takes an empty password for none, and then finds no anchors in silence; a store
        // that is read is tried with the empty one anyway.
        return Err(refused("the password is empty").hint("put one line with the password there"));
    }
    if bytes.len() as u64 > MAX_PASSWORD_SIZE || line.contains(['\n', '\r', '\0']) {
        return Err(refused("more than one line of text").hint("put only the password there"));
    }
    Ok(Password::new(line))
}
