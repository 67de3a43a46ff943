//! `exec`: the whole line, then the environment, then another program in place of this one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{build, password, wiring};
use super::judged::judged;
use crate::args::{BuildPlan, ExecPlan, ExecStores, Variables};
use crate::error::{Error, Errors};
use crate::image::Environment;
use crate::layout;
use crate::read;
use crate::report::log::Log;
use crate::wiring::Wiring;
use crate::wiring::jvm_options;
use crate::write::by_content;
use trust_stores::escape::escape;
use trust_stores::{DecodeOptions, Fingerprint, KeyEntries, Password, Timestamp};

/// As a shell and env(1) say that a command is there and cannot be run.
const CANNOT_RUN: u8 = 126;
/// As they say that there is none.
const NOT_FOUND: u8 = 127;

/// A bundle that a variable names is read no further.
const MOST: u64 = 4 << 20;

/// Becomes the plan's command. Comes back only if that fails, with the exit code.
pub fn run<W: Write>(
    plan: &ExecPlan,
    variables: Variables<'_>,
    now: Timestamp,
    log: &mut Log<W>,
) -> Result<u8, Errors> {
    let wiring = match &plan.stores {
        ExecStores::From(directory) => built_before(directory, plan.keep_env, variables, log)?,
        ExecStores::Built(build_plan) => {
            let java_password = password(&build_plan.stores)?;
            told_to_the_jvm(build_plan, java_password.is_default())?;
            build(build_plan, now, log)?
        }
        ExecStores::BuiltAt(build_plan, places) => built(build_plan, places, now, log)?,
    };
    let merged = wiring.merged_into(variables, plan.keep_env);
    for (name, reason) in &merged.kept {
        let message =
            format!("stays as it is, {reason}: the customer's CAs are not in what it names");
        log.warning("keep-env", Some(name), &message, &[]);
    }
    let names: Vec<&str> = merged.set.iter().map(|(name, _)| *name).collect();
    log.info(&format!("set {}", names.join(", ")));
    Ok(become_command(&plan.command, merged.set, log))
}

/// Builds, and writes what variables name.
fn built<W: Write>(
    plan: &BuildPlan,
    places: &[PathBuf],
    now: Timestamp,
    log: &mut Log<W>,
) -> Result<Wiring, Errors> {
    let password = password(&plan.stores)?;
    told_to_the_jvm(plan, password.is_default())?;
    let judged = judged(&plan.sources, &plan.policy, plan.stores.stores, now, log)?;
    Errors::check(judged.refusals())?;
    log.judgement(&judged.judgement);
    let stores = judged.judgement.stores();
    let plan = &plan.stores;
    let tree = layout::bundles(
        &stores,
        plan.stores,
        plan.layout,
        plan.java_store,
        &password,
    )?;
    let (directory, is_shared) = by_content::write(&tree, places)?;
    if is_shared {
        log.warning(
            "shared-place",
            directory.to_str(),
            "every user may rename what stands there: one of them could put other stores in its place",
            &[String::from("mount an emptyDir of this container's own, or set TMPDIR")],
        );
    }
    log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
    log.info(&format!(
        "stores in {}",
        escape(&directory.to_string_lossy())
    ));
    let mounted_at = directory.to_string_lossy();
    Ok(wiring(
        plan,
        &mounted_at,
        judged.judgement.non_empty_stores(),
        &password,
    ))
}

/// A JVM gets a password by its options alone, which every process of the user can read.
fn told_to_the_jvm(plan: &BuildPlan, is_default: bool) -> Result<(), Error> {
    if is_default || !plan.stores.java_store.requires_password() {
        return Ok(());
    }
    let message = "the JVM would have to be told it, and a password is put into no variable";
    Err(Error::usage(message)
        .at("--java-password-file")
        .hint("--java-store pkcs12 and jks need none; changeit is no secret"))
}

/// The wiring that a build left in `directory`.
fn built_before<W: Write>(
    directory: &Path,
    keep_env: bool,
    variables: Variables<'_>,
    log: &mut Log<W>,
) -> Result<Wiring, Errors> {
    let file = directory.join(layout::TRUST_ENV);
    let text = read::read_file(&file, MOST)?;
    let wiring = std::str::from_utf8(&text)
        .ok()
        .and_then(Wiring::parse)
        .ok_or_else(|| {
            Error::input("unreadable", "not the wiring that build writes")
                .at_path(&file)
                .hint("--from names the directory of a build: its --out")
        })?;
    if wiring.has_placeholder() {
        let message = "the truststore's password is not in it, and the JVM would have to be told";
        return Err(Error::input("password-file", message)
            .at_path(&file)
            .hint("build with --java-store pkcs12, which needs none")
            .into());
    }
    for (_, path) in wiring.files() {
        if let Err(mut fault) = read::read_file(&path, MOST) {
            fault.hints = vec![format!(
                "{} names it: build with --mounted-at where this container sees the stores",
                escape(&file.to_string_lossy())
            )];
            return Err(fault.into());
        }
    }
    if !keep_env {
        lost(&wiring, variables, log);
    }
    Ok(wiring)
}

/// Says what a variable names now and the stores do not have: they were built elsewhere.
fn lost<W: Write>(wiring: &Wiring, variables: Variables<'_>, log: &mut Log<W>) {
    let files = wiring.files();
    for (name, theirs, password) in Environment::of(variables, &[]).named() {
        let variable = if jvm_options::VARIABLES.contains(&name) {
            jvm_options::VARIABLES[0]
        } else {
            name
        };
        let Some((_, ours)) = files.iter().find(|(known, _)| *known == variable) else {
            continue;
        };
        let (before, after) = (anchors(theirs, password), anchors(ours, None));
        let missing = before.iter().filter(|one| !after.contains(one)).count();
        if missing > 0 {
            let message = format!(
                "named {}, of which {missing} certificates are not in {}",
                escape(&theirs.to_string_lossy()),
                escape(&ours.to_string_lossy())
            );
            let hint = "build in this image with --base auto, which takes what variables name";
            log.warning("not-merged", Some(name), &message, &[hint.to_owned()]);
        }
    }
}

/// What can be read of a store.
fn anchors(store: &Path, password: Option<&Password>) -> BTreeSet<Fingerprint> {
    let unlock = DecodeOptions {
        password: password.cloned(),
        key_entries: KeyEntries::Skip,
    };
    let bytes = read::read_file(store, MOST).unwrap_or_default();
    let found = trust_stores::decode(&bytes, &unlock).into_iter();
    let taken = found.filter_map(|found| found.content.ok());
    taken.map(|taken| taken.certificate.fingerprint()).collect()
}

/// Replaces this process; comes back only if that fails.
fn become_command<W: Write>(
    command: &[OsString],
    variables: Vec<(&'static str, OsString)>,
    log: &mut Log<W>,
) -> u8 {
    let Some((program, arguments)) = command.split_first() else {
        return NOT_FOUND;
    };
    // It also puts SIGPIPE back to its default, which Rust's start-up had ignored.
    let error = Command::new(program).args(arguments).envs(variables).exec();
    let (code, message, hint) = if error.kind() == io::ErrorKind::NotFound {
        let message = "no such command, or its interpreter (the #! line) is not there";
        (
            NOT_FOUND,
            message.to_owned(),
            "name it by its path, or set PATH",
        )
    } else {
        let reason = Error::unreadable(Path::new(program), &error).message;
        let hint = "it must be a program of this machine, or a script with a #! line, mode 0755";
        (CANNOT_RUN, format!("cannot be run: {reason}"), hint)
    };
    let name = escape(&program.to_string_lossy()).into_owned();
    let fault = Error::input("command", message).at(name).hint(hint);
    log.errors(&fault.into());
    code
}
