//! `exec --from`: the stores and the wiring of an earlier build.

use std::path::{Path, PathBuf};

use super::lost;
use crate::args::{ExecPlan, SET_VARIABLE, Variables};
use crate::error::{Code, Error, Errors, shown_path};
use crate::layout;
use crate::read;
use crate::report::log::Log;
use crate::sys::MAX_STORE_SIZE;
use crate::wiring::Wiring;

/// The wiring that a build left in `directory`.
pub(super) fn wiring(
    directory: &Path,
    plan: &ExecPlan,
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
    let mut wiring = wiring.with(&plan.requested);
    if !plan.requested.is_empty() && !wiring.has_bundle() {
        let message = "the build in --from has no bundle that it could name";
        return Err(Error::usage(message).at(SET_VARIABLE).into());
    }
    let mut stores: Vec<PathBuf> = wiring.files().into_iter().map(|(_, path)| path).collect();
    // Variables of the same clients name the same store.
    stores.dedup();
    for path in stores {
        // What is in them is for the command to read.
        if let Err(mut fault) = read::open_file(&path) {
            fault.hints = vec![format!(
                "{} names it: build again with --mounted-at set to where the stores are here",
                shown_path(&file)
            )];
            return Err(fault.into());
        }
    }
    if !plan.keep_env {
        lost::warn(&mut wiring, &plan.requested, variables, log);
    }
    Ok(wiring)
}
