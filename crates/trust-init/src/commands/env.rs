//! `env`: the wiring, printed.

use std::io::Write;

use super::build::{password, warn_of_placeholder, wiring};
use crate::args::EnvPlan;
use crate::error::Errors;
use crate::report::log::Log;
use trust_stores::StoreSet;

/// The wiring of stores as `plan` has them, in the form that it asks for.
pub fn run<W: Write>(plan: &EnvPlan, log: &mut Log<W>) -> Result<String, Errors> {
    let password = password(&plan.stores)?;
    let stores = &plan.stores;
    warn_of_placeholder(stores, &password, None, log);
    Ok(wiring(stores, &stores.mounted_at, StoreSet::ALL, &password).print(plan.format))
}
