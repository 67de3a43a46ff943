//! `env`: the wiring, printed.

use super::build::{password, wiring};
use crate::args::EnvPlan;
use crate::bundle::StoreSet;
use crate::error::Errors;

/// The wiring of stores as `plan` has them, in the form that it asks for.
pub fn run(plan: &EnvPlan) -> Result<String, Errors> {
    let password = password(&plan.stores)?;
    let stores = &plan.stores;
    Ok(wiring(stores, &stores.mounted_at, StoreSet::ALL, &password).print(plan.format))
}
