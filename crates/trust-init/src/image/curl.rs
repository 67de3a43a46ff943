//! curl and libcurl: whether they are here, and the bundle and directory that were compiled in.

use std::path::{Path, PathBuf};

use memchr::{memchr, memmem};

use super::openssl::system_library;
use super::places::OS_BUNDLES;
use super::root::Root;

/// A library of more is no libcurl.
const MAX_LIBRARY: u64 = 32 << 20;

/// The directory that Debian and Alpine compile in (`--with-ca-path`).
const DIRECTORY: &str = "/etc/ssl/certs";

/// What is here of curl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curl {
    /// The bundle that it reads if no variable names one (`curl-config --ca`); `None` if it is not seen.
    pub bundle: Option<PathBuf>,
    /// The directory that it reads besides.
    pub directory: Option<PathBuf>,
    /// The first two numbers of its version, if they are seen.
    pub version: Option<(u32, u32)>,
    /// Whether a libcurl with `GnuTLS` is here: Debian's `libcurl3-gnutls`.
    pub has_gnutls: bool,
    /// Whether there is none with OpenSSL.
    pub is_only_gnutls: bool,
}

/// Looks for the program on `path` and the library; `None` if neither is here.
pub fn find(root: &Root, path: &[PathBuf], library_path: &[PathBuf]) -> Option<Curl> {
    let mut programs = path.iter().map(|directory| directory.join("curl"));
    let program = programs
        .find(|program| root.is_file(program))
        .and_then(|program| root.real(&program).ok());
    // conda's is next to its library.
    let beside = program
        .iter()
        .filter_map(|program| Some(program.ancestors().nth(2)?.join("lib/libcurl.so.4")));
    let library = beside
        .filter(|library| root.is_file(library))
        .chain(system_library(root, library_path, &["libcurl.so.4"]))
        .next();
    let has_gnutls = system_library(root, library_path, &["libcurl-gnutls.so.4"]).is_some();
    if program.is_none() && library.is_none() && !has_gnutls {
        return None;
    }
    // The library's, or those of a program that is linked with it statically.
    let own = library.as_ref().or(program.as_ref());
    let code = own.and_then(|file| root.read(file, MAX_LIBRARY).ok());
    let code = code.unwrap_or_default();
    let compiled_in = absolute_paths(&code);
    let is_compiled_in = |path: &str| compiled_in.contains(&path.as_bytes());
    let conda = own
        .and_then(|file| Some(file.ancestors().nth(2)?.join("ssl/cacert.pem")))
        .filter(|bundle| root.is_file(bundle));
    let mut bundles = OS_BUNDLES.into_iter().filter(|path| is_compiled_in(path));
    Some(Curl {
        version: version_in(&code),
        bundle: conda.or_else(|| bundles.next().map(PathBuf::from)),
        directory: is_compiled_in(DIRECTORY).then(|| Path::new(DIRECTORY).to_owned()),
        has_gnutls,
        is_only_gnutls: has_gnutls && program.is_none() && library.is_none(),
    })
}

/// The C strings in a library or program that start with a slash.
fn absolute_paths(code: &[u8]) -> Vec<&[u8]> {
    let starts = memmem::find_iter(code, b"\0/").map(|at| &code[at + 1..]);
    let strings = starts.filter_map(|rest| Some(&rest[..memchr(0, rest)?]));
    strings.collect()
}

/// What `curl_version` begins with: `libcurl/8.5.0`.
fn version_in(code: &[u8]) -> Option<(u32, u32)> {
    const NAME: &[u8] = b"libcurl/";
    memmem::find_iter(code, NAME).find_map(|at| {
        let rest = &code[at + NAME.len()..];
        let text = rest
            .split(|byte| !byte.is_ascii_digit() && *byte != b'.')
            .next()?;
        let mut numbers = std::str::from_utf8(text).ok()?.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    })
}
