//! Certificates that variables of the process name and that the stores of an earlier build lack.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use memchr::arch::all::is_equal;

use crate::args::Variables;
use crate::error::{Code, Error, shown_path};
use crate::image::Environment;
use crate::read;
use crate::report::log::Log;
use crate::sys::{MAX_STORE_SIZE, RegularFile};
use crate::wiring::jvm_options;
use crate::wiring::{Wiring, path_variables};
use trust_stores::{DecodeOptions, Fingerprint, KeyEntries, Password, pem};

/// Certificates that a variable names and that are missing from the stores.
struct Lost {
    variable: &'static str,
    /// The file that it names.
    from: PathBuf,
    /// The file that it is going to name.
    to: PathBuf,
    count: usize,
}

/// Warns, once, about certificates that variables name now and that the stores, built elsewhere, do not
/// contain. Variables that are not ours keep their value then.
pub(super) fn warn(
    wiring: &mut Wiring,
    requested: &[&str],
    variables: Variables<'_>,
    log: &mut Log,
) {
    let (lost, of_others): (Vec<Lost>, Vec<Lost>) = lost(wiring, requested, variables)
        .into_iter()
        .partition(|one| is_ours(one.variable));
    for one in of_others {
        wiring.leave(one.variable);
    }
    let message = match &lost[..] {
        [] => return,
        [one] => format!(
            "names {}, but {} of its certificates are missing from {}",
            shown_path(&one.from),
            one.count,
            shown_path(&one.to)
        ),
        several => {
            let mut files: Vec<String> = several
                .iter()
                .map(|one| format!("{} ({})", shown_path(&one.from), one.count))
                .collect();
            files.dedup();
            let files = files.join(", ");
            format!("name files with certificates that are missing from the stores: {files}")
        }
    };
    let names: Vec<&str> = lost.iter().map(|one| one.variable).collect();
    log.warning(
        &Error::new(Code::NotMerged, message)
            .at(names.join(", "))
            .hint("build again here with --base auto, which adds what variables name"),
    );
}

fn is_ours(name: &str) -> bool {
    jvm_options::VARIABLES.contains(&name) || path_variables().any(|known| known.name == name)
}

fn lost(wiring: &Wiring, requested: &[&str], variables: Variables<'_>) -> Vec<Lost> {
    let environment = Environment::of(variables, requested, &[]);
    let mut stores = Stores::default();
    let lost = environment.named().filter_map(|(name, theirs, password)| {
        let variable = if jvm_options::VARIABLES.contains(&name) {
            jvm_options::VARIABLES[0]
        } else {
            name
        };
        let ours = &wiring.file_of(variable)?;
        let replaced = [stores.open(theirs, password)?, stores.open(ours, None)?];
        let count = stores.count_lost(replaced);
        (count > 0).then(|| Lost {
            variable: name,
            from: theirs.to_owned(),
            to: ours.clone(),
            count,
        })
    });
    lost.collect()
}

/// The stores that variables name, before and after. Most variables name the same few: each is read once, and
/// each two are compared once.
#[derive(Default)]
struct Stores {
    opened: Vec<OpenedStore>,
    /// How many certificates of the first are missing from the second.
    compared: HashMap<[usize; 2], usize>,
}

impl Stores {
    /// The index of the store at `path`; `None` if it cannot be opened, and so no client reads it.
    fn open(&mut self, path: &Path, password: Option<&Password>) -> Option<usize> {
        let store = OpenedStore {
            file: read::open_file(path).ok()?,
            password: password.cloned(),
            bytes: OnceCell::new(),
            certificates: OnceCell::new(),
        };
        let is_known =
            |known: &OpenedStore| known.is_same_file(&store) && known.password == store.password;
        Some(self.opened.iter().position(is_known).unwrap_or_else(|| {
            self.opened.push(store);
            self.opened.len() - 1
        }))
    }

    fn count_lost(&mut self, replaced: [usize; 2]) -> usize {
        let count = || {
            let [theirs, ours] = replaced.map(|index| &self.opened[index]);
            theirs.count_missing_from(ours)
        };
        *self.compared.entry(replaced).or_insert_with(count)
    }
}

/// A store, with what is known of it so far.
struct OpenedStore {
    file: RegularFile,
    password: Option<Password>,
    bytes: OnceCell<Vec<u8>>,
    certificates: OnceCell<BTreeSet<Fingerprint>>,
}

impl OpenedStore {
    fn is_same_file(&self, other: &OpenedStore) -> bool {
        self.file.identity() == other.file.identity()
    }

    fn count_missing_from(&self, other: &OpenedStore) -> usize {
        if self.is_same_file(other) || self.is_part_of(other) {
            return 0;
        }
        self.certificates().difference(other.certificates()).count()
    }

    /// Whether the other has all its certificates in the same letters. If not, it may still have them.
    fn is_part_of(&self, other: &OpenedStore) -> bool {
        let sections = pem::sections(self.bytes()).zip(pem::sections(other.bytes()));
        let Some((own, mut others)) = sections else {
            return false;
        };
        others.sort_unstable_by_key(|section| end_of_body(section));
        own.into_iter().all(|section| {
            let end = end_of_body(section);
            let first = others.partition_point(|other| end_of_body(other) < end);
            let alike = others[first..].iter();
            let mut alike = alike.take_while(|other| end_of_body(other) == end);
            // Slices compare by musl's memcmp, which takes a byte at a time.
            alike.any(|other| is_equal(section, other))
        })
    }

    fn bytes(&self) -> &[u8] {
        let read = || self.file.read(MAX_STORE_SIZE).unwrap_or_default();
        self.bytes.get_or_init(read)
    }

    /// Its certificates, as far as it can be read.
    fn certificates(&self) -> &BTreeSet<Fingerprint> {
        self.certificates.get_or_init(|| {
            let unlock = DecodeOptions {
                password: self.password.clone(),
                key_entries: KeyEntries::Skip,
                ..DecodeOptions::default()
            };
            let found = trust_stores::decode(self.bytes(), &unlock).into_iter();
            let taken = found.filter_map(|found| found.content.ok());
            taken.map(|taken| taken.certificate.fingerprint()).collect()
        })
    }
}

/// The last base64 of a section, which is that of a signature and differs from all others. The first is the
/// same in most.
fn end_of_body(section: &[u8]) -> &[u8] {
    const LENGTH: usize = 32;
    const AFTER: usize = "\n-----END CERTIFICATE-----".len();
    let body = &section[..section.len().saturating_sub(AFTER)];
    &body[body.len().saturating_sub(LENGTH)..]
}
