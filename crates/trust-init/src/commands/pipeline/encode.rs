//! From a judgement to every byte that is to be written.

use super::judge::JudgedInputs;
use super::wiring::wiring;
use crate::args::StoresPlan;
use crate::error::{Code, Error, Errors};
use crate::layout::{self, File, MANIFEST, Tree};
use crate::read;
use crate::report::manifest::{self, ManifestInput};
use trust_stores::{Password, Store, StoreSet, Timestamp};

/// The stores to judge for. `os/` brings its own java/cacerts even if no Java truststore is asked for,
/// because mounted over /etc/ssl/certs it hides the image's.
pub(in crate::commands) fn stores_to_judge(plan: &StoresPlan) -> StoreSet {
    if plan.stores.contains(Store::Os) {
        plan.stores | Store::Java.into()
    } else {
        plan.stores
    }
}

/// The password of the Java truststore. Reads its file.
pub(in crate::commands) fn java_password(plan: &StoresPlan) -> Result<Password, Error> {
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
pub(in crate::commands) fn stores_and_wiring(
    plan: &StoresPlan,
    password: &Password,
    judged: &JudgedInputs,
) -> Result<Tree, Errors> {
    let stores = judged.judgement.stores();
    let mut tree = layout::tree(&stores, plan.stores, plan.layout, plan.java_store, password)?;
    let filled = judged.judgement.non_empty_stores();
    let wiring = wiring(plan, &plan.mounted_at, filled, password).dotenv();
    tree.files
        .push(File::new(layout::TRUST_ENV, wiring.into_bytes(), 0));
    Ok(tree)
}

/// The manifest of `tree`, with `at` where `--at` was given.
pub(in crate::commands) fn manifest(
    judged: &JudgedInputs,
    tree: &Tree,
    at: Option<Timestamp>,
) -> File {
    let manifest = manifest::encode(&ManifestInput {
        judgement: &judged.judgement,
        inputs: &judged.inputs,
        tree,
        at,
    });
    File::new(MANIFEST, manifest, 0)
}
