//! `build`: sources in, every store under `--out`; the whole line.

use std::ffi::OsString;
use std::mem;

use super::install;
use super::pipeline::input::{JudgedInputs, read_and_judge};
use super::pipeline::output::{
    java_password, needs_placeholder, stores_and_wiring, stores_to_judge, warn_about_placeholder,
    write_tree,
};
use crate::args::BuildPlan;
use crate::error::{Code, Error, Errors, ExitCode};
use crate::layout;
use crate::report::log::Log;
use trust_stores::{Password, Timestamp};

/// Where `--install` puts the program, under `--out`.
const PROGRAM_DIRECTORY: &str = "bin";

pub(super) fn run(
    plan: &BuildPlan,
    argv: &[OsString],
    now: Timestamp,
    log: &mut Log,
) -> Result<ExitCode, Errors> {
    let password = java_password(&plan.content.stores)?;
    let judged = build(plan, &password, now, log)?;
    let stores = &plan.content.stores;
    if stores.is_for(&plan.out) && !needs_placeholder(stores, &password) {
        log.how_to_use(argv.first(), &plan.out);
    }
    // The process ends: to free thousands of certificates one by one would only take time.
    mem::forget(judged);
    Ok(ExitCode::Done)
}

/// Builds what `plan` asks for, with `password` for the Java truststore; gives what was judged.
pub(super) fn build(
    plan: &BuildPlan,
    password: &Password,
    now: Timestamp,
    log: &mut Log,
) -> Result<JudgedInputs, Errors> {
    let stores = &plan.content.stores;
    let judged = read_and_judge(&plan.content, stores_to_judge(stores), now, log)?;
    judged.accept(log)?;
    warn_about_placeholder(stores, password, Some(layout::TRUST_ENV), log);
    let tree = stores_and_wiring(stores, password, &judged)?;
    let written = write_tree(plan, &judged, &tree)?;
    log.stores_written(&plan.out, &tree, &written.written);
    log.leftovers_removed(&plan.out, &tree, &written.removed);
    if !written.is_locked {
        log.warning(&Error::new(
            Code::Unlocked,
            "this file system does not support locks: do not run builds of different sources there at the same time",
        ));
    }
    log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
    if plan.install {
        install::run(&plan.out.join(PROGRAM_DIRECTORY), log)?;
    }
    Ok(judged)
}
