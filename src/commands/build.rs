//! `build`: sources in, every store under `--out`; the whole line.

use std::io::Write;

use crate::args::BuildPlan;
use crate::bundle::StoreSet;
use crate::error::{Error, Errors};
use crate::formats;
use crate::formats::password::Password;
use crate::judge::{self, Decoded, Judgement};
use crate::moment::Moment;
use crate::read::{self, Inputs, Role, roots};
use crate::report::log::Log;
use crate::report::manifest::{self, Account};
use crate::wiring::{PASSWORD_PLACEHOLDER, Wiring};
use crate::write::atomic;
use crate::write::layout::{self, File, MANIFEST, Tree};

/// Builds what `plan` asks for, judging validity at `plan.at`, else `now`.
pub fn run<W: Write>(plan: &BuildPlan, now: Moment, log: &mut Log<W>) -> Result<(), Errors> {
    let password = password(plan)?;
    let inputs = read::read(&plan.customer, &plan.bases, plan.limit)?;
    for fault in &inputs.warnings {
        log.warning(
            fault.code,
            fault.place.as_deref(),
            &fault.message,
            &fault.hints,
        );
    }
    let judgement = judge::judge(
        decode(&inputs, plan, log),
        &plan.policy,
        plan.at.unwrap_or(now),
        plan.stores,
    )?;
    log.judgement(&judgement);
    let tree = encode(plan, &password, &inputs, &judgement)?;
    if plan.java_store.wants_password() && !password.is_default() {
        log.warning(
            "password",
            Some(layout::TRUST_ENV),
            &format!("JAVA_TOOL_OPTIONS has {PASSWORD_PLACEHOLDER} for the truststore's password"),
            &[String::from(
                "a password is written to no file: put it there from where it is kept",
            )],
        );
    }
    let written = atomic::write(&tree, &plan.out, plan.write)?;
    tell(plan, &inputs, &judgement, &tree, &written, log);
    Ok(())
}

fn password(plan: &BuildPlan) -> Result<Password, Error> {
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

/// Every source decoded: the customer's, the bases that are files, the embedded roots.
fn decode<W: Write>(inputs: &Inputs, plan: &BuildPlan, log: &mut Log<W>) -> Vec<Decoded> {
    let mut decoded: Vec<Decoded> = inputs
        .sources
        .iter()
        .map(|source| Decoded {
            source: source.name.clone(),
            role: source.role,
            found: formats::decode(&source.bytes),
        })
        .collect();
    let base_holds_any = decoded
        .iter()
        .filter(|decoded| !decoded.role.is_customer())
        .any(|decoded| decoded.found.iter().any(|found| found.content.is_ok()));
    let mozilla = match inputs.mozilla {
        Some(stores) => Some(stores),
        // Bases were named, and none of them holds anything. Without any base the stores would
        // hold the customer's CAs alone: trust is added, never replaced.
        None if !plan.bases.is_empty() && !base_holds_any => {
            log.warning(
                "base-empty",
                Some("--base"),
                "no base holds a certificate: the embedded Mozilla roots take their place",
                &[],
            );
            Some(StoreSet::MERGED)
        }
        None => None,
    };
    decoded.extend(mozilla.map(|stores| Decoded {
        source: roots::NAME.to_owned(),
        role: Role::Base(stores),
        found: roots::found(),
    }));
    decoded
}

/// The stores, the wiring and the manifest, every byte of them, before anything is written.
fn encode(
    plan: &BuildPlan,
    password: &Password,
    inputs: &Inputs,
    judgement: &Judgement,
) -> Result<Tree, Errors> {
    let stores = judgement.stores();
    let mut tree = layout::debian(&stores, plan.java_store, password)?;
    let wiring = Wiring::new(&plan.mounted_at, stores.filled(), plan.java_store, password);
    tree.files.push(File::new(
        layout::TRUST_ENV,
        wiring.dotenv().into_bytes(),
        0,
    ));
    let manifest = manifest::encode(&Account {
        judgement,
        sources: &inputs.sources,
        tree: &tree,
        at: plan.at,
    });
    // Last in the tree, so last in place: it then speaks of files that stand.
    tree.files.push(File::new(MANIFEST, manifest, 0));
    Ok(tree)
}

fn tell<W: Write>(
    plan: &BuildPlan,
    inputs: &Inputs,
    judgement: &Judgement,
    tree: &Tree,
    written: &atomic::Written,
    log: &mut Log<W>,
) {
    log.tree(&plan.out, tree);
    for path in &written.removed {
        log.removed(&plan.out, path);
    }
    if !written.locked {
        log.warning(
            "unlocked",
            None,
            "this file system cannot lock a directory: do not run two builds there at once",
            &[],
        );
    }
    log.total(judgement, manifest::ca_bundle_hash(&inputs.sources));
}
