//! The wiring of the stores that a plan asks for.

use crate::args::StoresPlan;
use crate::error::{Code, Error};
use crate::report::log::Log;
use crate::wiring::{PASSWORD_PLACEHOLDER, Wiring};
use trust_stores::{Password, StoreSet};

/// The wiring of those stores that are `filled`, as seen under `mounted_at`.
pub(in crate::commands) fn wiring(
    plan: &StoresPlan,
    mounted_at: &str,
    filled: StoreSet,
    password: &Password,
) -> Wiring {
    let stores = filled & plan.stores;
    Wiring::new(
        mounted_at,
        stores,
        plan.layout,
        plan.java_store,
        password,
        plan.node,
    )
}

/// Warns where the wiring, in `file` if it is written, needs a password and has a placeholder for it.
pub(in crate::commands) fn warn_about_placeholder(
    plan: &StoresPlan,
    password: &Password,
    file: Option<&str>,
    log: &mut Log,
) {
    if plan.java_store.requires_password() && !password.is_default() {
        let message = format!(
            "JAVA_TOOL_OPTIONS contains {PASSWORD_PLACEHOLDER} instead of the truststore's password"
        );
        log.warning(&Error {
            place: file.map(str::to_owned),
            ..Error::new(Code::Password, message).hint(
                "passwords are never written to a file: replace the placeholder when you set the \
                 variable",
            )
        });
    }
}
