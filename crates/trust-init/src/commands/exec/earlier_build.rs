//! `exec --from`: the stores and the wiring of an earlier build.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::args::Variables;
use crate::error::{Code, Error, Errors, shown_path};
use crate::image::Environment;
use crate::layout;
use crate::read;
use crate::report::log::Log;
use crate::sys::MAX_STORE_SIZE;
use crate::wiring::Wiring;
use crate::wiring::jvm_options;
use trust_stores::{DecodeOptions, Fingerprint, KeyEntries, Password};

/// The wiring that a build left in `directory`.
pub(super) fn wiring(
    directory: &Path,
    keep_env: bool,
    variables: Variables<'_>,
    log: &mut Log,
) -> Result<Wiring, Errors> {
    let file = directory.join(layout::TRUST_ENV);
    let hint = "--from must name the --out directory of an earlier build";
    let text = read::read_file(&file, MAX_STORE_SIZE).map_err(|fault| fault.hint(hint))?;
    let wiring = std::str::from_utf8(&text)
        .ok()
        .and_then(Wiring::parse)
        .ok_or_else(|| {
            Error::new(Code::Unreadable, "not a trust.env that build wrote")
                .at_path(&file)
                .hint(hint)
        })?;
    if wiring.has_placeholder() {
        let message = "it contains a placeholder instead of the truststore's password";
        return Err(Error::new(Code::PasswordFile, message)
            .at_path(&file)
            .hint("build with --java-store pkcs12, which needs no password")
            .into());
    }
    for (_, path) in wiring.files() {
        if let Err(mut fault) = read::read_file(&path, MAX_STORE_SIZE) {
            fault.hints = vec![format!(
                "{} names it: build with --mounted-at set to where this container mounts the stores",
                shown_path(&file)
            )];
            return Err(fault.into());
        }
    }
    if !keep_env {
        warn_about_lost_certificates(&wiring, variables, log);
    }
    Ok(wiring)
}

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
/// contain.
fn warn_about_lost_certificates(wiring: &Wiring, variables: Variables<'_>, log: &mut Log) {
    let files = wiring.files();
    let environment = Environment::of(variables, &[]);
    let lost = environment.named().filter_map(|(name, theirs, password)| {
        let variable = if jvm_options::VARIABLES.contains(&name) {
            jvm_options::VARIABLES[0]
        } else {
            name
        };
        let (_, ours) = files.iter().find(|(known, _)| *known == variable)?;
        let (before, after) = (anchors(theirs, password), anchors(ours, None));
        let count = before.difference(&after).count();
        (count > 0).then(|| Lost {
            variable: name,
            from: theirs.to_owned(),
            to: ours.clone(),
            count,
        })
    });
    let lost: Vec<Lost> = lost.collect();
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
            .hint("build inside this image with --base auto, which reads what variables name"),
    );
}

/// The certificates of a store, as far as it can be read.
fn anchors(store: &Path, password: Option<&Password>) -> BTreeSet<Fingerprint> {
    let unlock = DecodeOptions {
        password: password.cloned(),
        key_entries: KeyEntries::Skip,
        ..DecodeOptions::default()
    };
    let bytes = read::read_file(store, MAX_STORE_SIZE).unwrap_or_default();
    let found = trust_stores::decode(&bytes, &unlock).into_iter();
    let taken = found.filter_map(|found| found.content.ok());
    taken.map(|taken| taken.certificate.fingerprint()).collect()
}
