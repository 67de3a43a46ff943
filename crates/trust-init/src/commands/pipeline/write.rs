//! From a judgement to files under `--out`.

use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use super::encode::{manifest, stores_and_wiring};
use super::judge::JudgedInputs;
use crate::args::BuildPlan;
use crate::error::Errors;
use crate::layout::Tree;
use crate::write::{self, Written};
use trust_stores::Password;

/// Writes the stores, the wiring and the manifest; gives all files, and which of them were written.
pub(in crate::commands) fn encode_and_write(
    plan: &BuildPlan,
    judged: &JudgedInputs,
    password: &Password,
) -> Result<(Tree, Written), Errors> {
    let mut tree = stores_and_wiring(&plan.stores, password, judged)?;
    let manifest = || manifest(judged, &tree, plan.policy.at);
    // Hashing every file takes the processor as long as creating them takes the kernel.
    let (written, manifest) = thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, manifest);
        let manifest = || match thread.map(ScopedJoinHandle::join) {
            Ok(Ok(made)) => made,
            Ok(Err(panic)) => resume_unwind(panic),
            // No thread could be started, for instance because of a limit on processes.
            Err(_) => manifest(),
        };
        write::write(&tree, manifest, &plan.out, plan.write)
    })?;
    tree.files.push(manifest);
    Ok((tree, written))
}
