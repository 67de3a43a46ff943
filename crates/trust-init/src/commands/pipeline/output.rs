//! From a judgement to every byte and variable that clients get, and to files under `--out`.

use super::input::JudgedInputs;
use crate::args::{BuildPlan, StoresPlan};
use crate::error::{Code, Error, Errors};
use crate::layout::{self, File, Recipe, Tree};
use crate::read;
use crate::report::log::Log;
use crate::report::manifest::BuildManifest;
use crate::wiring::{PASSWORD_PLACEHOLDER, Wiring};
use crate::write::{self, Written};
use trust_stores::{Password, Store, StoreSet, Timestamp};

/// The stores to judge for. `os/` brings its own java/cacerts even if no Java truststore is asked for,
/// because mounted over /etc/ssl/certs it hides the image's.
pub(crate) fn stores_to_judge(plan: &StoresPlan) -> StoreSet {
    if plan.selected.contains(Store::Os) {
        plan.selected | Store::Java.into()
    } else {
        plan.selected
    }
}

/// The password of the Java truststore. Reads its file.
pub(crate) fn java_password(plan: &StoresPlan) -> Result<Password, Error> {
    let Some(path) = &plan.java_password_file else {
        return Ok(Password::default());
    };
    let password = read::password(path)?;
    if plan.java_store.accepts(&password) {
        return Ok(password);
    }
    let message = "the password is not printable ASCII, and no JVM opens a PKCS#12 store with such a password";
    Err(Error::new(Code::PasswordFile, message)
        .at_path(path)
        .hint("use only ASCII letters, digits and punctuation, or --java-store jks"))
}

/// The stores and the wiring.
pub(crate) fn stores_and_wiring<'j>(
    plan: &StoresPlan,
    password: &Password,
    judged: &'j JudgedInputs,
) -> Result<Tree<'j>, Errors> {
    let stores = judged.judgement.stores();
    let mut tree = layout::tree(&stores, plan.selected, plan.forms(password))?;
    let filled = judged.judgement.non_empty_stores();
    let wiring = wiring(plan, &plan.mounted_at, filled, password).dotenv();
    let wiring = Recipe::Bytes(wiring.into_bytes());
    tree.files.push(File::new(layout::TRUST_ENV, wiring));
    Ok(tree)
}

/// The manifest of `tree`, with `at` where `--at` was given.
pub(crate) fn manifest<'a>(
    judged: &'a JudgedInputs,
    tree: &'a Tree<'a>,
    at: Option<Timestamp>,
) -> BuildManifest<'a> {
    BuildManifest {
        judgement: &judged.judgement,
        inputs: &judged.inputs,
        empty_stores: judged.empty_stores(),
        tree,
        at,
    }
}

/// Encodes and writes `tree`, which was made of what was judged, and its manifest.
pub(crate) fn write_tree<'t>(
    plan: &BuildPlan,
    judged: &JudgedInputs,
    tree: &'t Tree<'t>,
) -> Result<Written<'t>, Error> {
    let manifest = manifest(judged, tree, plan.content.policy.at);
    write::write(tree, &manifest, &plan.out, plan.write)
}

/// The wiring of those stores that are `filled`, as seen under `mounted_at`.
pub(crate) fn wiring(
    plan: &StoresPlan,
    mounted_at: &str,
    filled: StoreSet,
    password: &Password,
) -> Wiring {
    let stores = filled & plan.selected;
    let wiring = Wiring::new(mounted_at, stores, plan.forms(password), plan.node);
    wiring.with(&plan.requested)
}

/// Whether the wiring needs a password, and has a placeholder for it.
pub(crate) fn needs_placeholder(plan: &StoresPlan, password: &Password) -> bool {
    plan.java_store.requires_password() && !password.is_default()
}

/// Warns where the wiring, in `file` if it is written, needs a password and has a placeholder for it.
pub(crate) fn warn_about_placeholder(
    plan: &StoresPlan,
    password: &Password,
    file: Option<&str>,
    log: &mut Log,
) {
    if needs_placeholder(plan, password) {
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
