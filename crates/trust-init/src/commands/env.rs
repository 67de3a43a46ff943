//! `env`: the wiring, printed.

use std::path::Path;

use super::pipeline::output::{java_password, warn_about_placeholder, wiring};
use crate::args::EnvPlan;
use crate::error::{Errors, ExitCode};
use crate::report;
use crate::report::log::Log;
use crate::wiring::EnvFormat;
use trust_stores::StoreSet;

pub(super) fn run(plan: &EnvPlan, log: &mut Log) -> Result<ExitCode, Errors> {
    let stores = &plan.stores;
    let password = java_password(stores)?;
    warn_about_placeholder(stores, &password, None, log);
    let wiring = wiring(stores, &stores.mounted_at, StoreSet::ALL, &password);
    report::print(&wiring.print(plan.format))?;
    // The other formats are for containers.
    if plan.format == EnvFormat::Shell && !Path::new(&stores.mounted_at).exists() {
        log.no_stores_at(&stores.mounted_at);
    }
    Ok(ExitCode::Done)
}
