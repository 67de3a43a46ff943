//! `build`: sources in, every store under `--out`; the whole line.

use std::io::Write;
use std::mem;
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use super::judged::{Judged, judged};
use crate::args::{BuildPlan, StoresPlan};
use crate::error::{Error, Errors};
use crate::layout::{self, File, MANIFEST, Tree};
use crate::read;
use crate::report::log::Log;
use crate::report::manifest::{self, Account};
use crate::wiring::{PASSWORD_PLACEHOLDER, Wiring};
use crate::write::atomic::{self, Written};
use trust_stores::{Password, Store, StoreSet, Timestamp};

/// Where `--install` puts the program, under `--out`.
const PROGRAM_DIRECTORY: &str = "bin";

/// Builds what `plan` asks for, judging validity at `--at`, else `now`.
pub fn run<W: Write>(plan: &BuildPlan, now: Timestamp, log: &mut Log<W>) -> Result<(), Errors> {
    build(plan, now, log).map(|_| ())
}

/// The same; gives the wiring of what was written.
pub(super) fn build<W: Write>(
    plan: &BuildPlan,
    now: Timestamp,
    log: &mut Log<W>,
) -> Result<Wiring, Errors> {
    let (judged, password) = accepted(plan, now, log)?;
    first(plan, &judged, &password, log)?;
    let filled = judged.judgement.non_empty_stores();
    // The process now ends or becomes another, and what it holds goes with it.
    mem::forget(judged);
    Ok(wiring(
        &plan.stores,
        &plan.stores.mounted_at,
        filled,
        &password,
    ))
}

/// What is to be written, which no rule refuses, and the password of the Java truststore.
pub(super) fn accepted<W: Write>(
    plan: &BuildPlan,
    now: Timestamp,
    log: &mut Log<W>,
) -> Result<(Judged, Password), Errors> {
    let password = password(&plan.stores)?;
    let wanted = wanted(&plan.stores);
    let judged = judged(&plan.sources, &plan.policy, wanted, now, log)?;
    Errors::check(judged.refusals())?;
    log.judgement(&judged.judgement);
    Ok((judged, password))
}

/// Writes it, as the first build of this process: with the program, and all that is to be said once.
pub(super) fn first<W: Write>(
    plan: &BuildPlan,
    judged: &Judged,
    password: &Password,
    log: &mut Log<W>,
) -> Result<(), Errors> {
    warn_of_placeholder(&plan.stores, password, Some(layout::TRUST_ENV), log);
    let (tree, written) = put(plan, judged, password)?;
    tell(plan, judged, &tree, &written, log);
    if plan.install {
        super::install::run(&plan.out.join(PROGRAM_DIRECTORY), log)?;
    }
    Ok(())
}

/// Writes it.
pub(super) fn put(
    plan: &BuildPlan,
    judged: &Judged,
    password: &Password,
) -> Result<(Tree, Written), Errors> {
    let mut tree = stores(&plan.stores, password, judged)?;
    let account = || account(judged, &tree, plan.policy.at);
    // Hashing every file takes the processor as long as creating them takes the kernel.
    let (written, account) = thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, account);
        let account = || match thread.map(ScopedJoinHandle::join) {
            Ok(Ok(made)) => made,
            Ok(Err(panic)) => resume_unwind(panic),
            // No thread is to be had, under a limit of processes for instance.
            Err(_) => account(),
        };
        atomic::write(&tree, account, &plan.out, plan.write)
    })?;
    tree.files.push(account);
    Ok((tree, written))
}

/// Says where the wiring has no password, and needs one.
pub(super) fn warn_of_placeholder<W: Write>(
    plan: &StoresPlan,
    password: &Password,
    file: Option<&str>,
    log: &mut Log<W>,
) {
    if plan.java_store.requires_password() && !password.is_default() {
        log.warning(
            "password",
            file,
            &format!("JAVA_TOOL_OPTIONS has {PASSWORD_PLACEHOLDER} for the truststore's password"),
            &[String::from(
                "a password is written to no file: put it there from where it is kept",
            )],
        );
    }
}

/// The stores to judge for. Mounted over /etc/ssl/certs, os/ hides the image's own java/cacerts,
/// so it brings one, whether the Java truststore itself is asked for or not.
pub(super) fn wanted(plan: &StoresPlan) -> StoreSet {
    if plan.stores.contains(Store::Os) {
        plan.stores | Store::Java.into()
    } else {
        plan.stores
    }
}

/// The password of the Java truststore.
pub(super) fn password(plan: &StoresPlan) -> Result<Password, Error> {
    let Some(path) = &plan.java_password_file else {
        return Ok(Password::default());
    };
    let password = read::password(path)?;
    if plan.java_store.accepts(&password) {
        return Ok(password);
    }
    let message = "no JVM opens a PKCS#12 store with it: it is not printable ASCII";
    Err(Error::input("password-file", message)
        .at_path(path)
        .hint("choose one of ASCII letters, digits and signs, or --java-store jks"))
}

/// The stores, the wiring and the manifest, every byte of them.
pub(super) fn encode(
    plan: &StoresPlan,
    password: &Password,
    judged: &Judged,
    at: Option<Timestamp>,
) -> Result<Tree, Errors> {
    let mut tree = stores(plan, password, judged)?;
    tree.files.push(account(judged, &tree, at));
    Ok(tree)
}

/// The stores and the wiring.
fn stores(plan: &StoresPlan, password: &Password, judged: &Judged) -> Result<Tree, Errors> {
    let stores = judged.judgement.stores();
    let mut tree = layout::tree(&stores, plan.stores, plan.layout, plan.java_store, password)?;
    let wiring = wiring(
        plan,
        &plan.mounted_at,
        judged.judgement.non_empty_stores(),
        password,
    );
    tree.files.push(File::new(
        layout::TRUST_ENV,
        wiring.dotenv().into_bytes(),
        0,
    ));
    Ok(tree)
}

/// The manifest of `tree`.
fn account(judged: &Judged, tree: &Tree, at: Option<Timestamp>) -> File {
    let manifest = manifest::encode(&Account {
        judgement: &judged.judgement,
        inputs: &judged.inputs,
        tree,
        at,
    });
    File::new(MANIFEST, manifest, 0)
}

/// The wiring of the stores that are `filled`, where they are seen under `mounted_at`.
pub(super) fn wiring(
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

fn tell<W: Write>(
    plan: &BuildPlan,
    judged: &Judged,
    tree: &Tree,
    written: &Written,
    log: &mut Log<W>,
) {
    log.tree(&plan.out, tree, &written.written);
    log.removed(&plan.out, &written.removed);
    if !written.locked {
        log.warning(
            "unlocked",
            None,
            "this file system cannot lock a directory: do not run two builds there at once",
            &[],
        );
    }
    log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
}
