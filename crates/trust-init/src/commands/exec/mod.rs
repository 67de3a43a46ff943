//! `exec`: the whole line, then the environment, then another program in place of this one.

mod earlier_build;
mod lost;

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::build;
use super::pipeline::input::read_and_judge;
use super::pipeline::output::{java_password, wiring};
use crate::args::{ContentPlan, ExecPlan, ExecStores, StoresPlan, Variables};
use crate::error::{Code, Error, Errors, ExitCode, shown_path, system_message};
use crate::layout;
use crate::report::log::Log;
use crate::wiring::{Wiring, foreign, unknown};
use crate::write::content_addressed::{self, StoresDirectory};
use trust_stores::escape::escape;
use trust_stores::{Password, Timestamp};

/// Becomes the plan's command. Returns only if that fails.
pub(super) fn run(
    plan: &ExecPlan,
    variables: Variables<'_>,
    names: &[OsString],
    now: Timestamp,
    log: &mut Log,
) -> Result<ExitCode, Errors> {
    let wiring = match &plan.stores {
        ExecStores::From(directory) => earlier_build::wiring(directory, plan, variables, log)?,
        ExecStores::Built(plan) => {
            let stores = &plan.content.stores;
            let password = password(stores)?;
            let judged = build(plan, &password, now, log)?;
            wiring(
                stores,
                &stores.mounted_at,
                judged.judgement.non_empty_stores(),
                &password,
            )
        }
        ExecStores::BuiltAt(plan, places) => build_at(plan, places, now, log)?,
    };
    let merged = wiring.merged_into(variables, plan.keep_env);
    warn_about_kept(&merged.kept, log);
    let set: Vec<&str> = merged.set.iter().map(|(name, _)| *name).collect();
    let own: Vec<PathBuf> = wiring.files().into_iter().map(|(_, file)| file).collect();
    if let Some(message) = foreign::warning(variables, &own, &set) {
        log.warning(&Error::new(Code::ForeignVariable, message).hint(
            "point them at the file in SSL_CERT_FILE, or unset them; docs/exec.md says what each does",
        ));
    }
    let is_known = |path: &Path| own.iter().any(|file| file == path) || plan.reads(path);
    warn_about_unknown(&unknown::naming_cas(names, variables, &is_known), log);
    if !set.is_empty() {
        log.info(&format!("set {}", set.join(", ")));
    }
    let (code, fault) = become_command(&plan.command, merged.set);
    log.errors(&fault.into());
    Ok(code)
}

/// One warning about variables of clients that are not known here, each of which names a CA.
fn warn_about_unknown(unknown: &[&str], log: &mut Log) {
    if unknown.is_empty() {
        return;
    }
    let message = format!(
        "these variables name CAs for clients that trust-init does not know: {}",
        unknown.join(", ")
    );
    log.warning(
        &Error::new(Code::ForeignVariable, escape(&message)).hint(
            "if these clients need the customer's CAs, point them at the file in SSL_CERT_FILE",
        ),
    );
}

/// One warning for each reason, however many variables keep their value for it.
fn warn_about_kept(kept: &[(&'static str, &'static str)], log: &mut Log) {
    let mut reasons: Vec<&str> = kept.iter().map(|(_, reason)| *reason).collect();
    reasons.dedup();
    for reason in reasons {
        let alike = kept.iter().filter(|(_, other)| *other == reason);
        let names: Vec<&str> = alike.map(|(name, _)| *name).collect();
        let what = match names.len() {
            1 => "the store that it names does",
            _ => "the stores that they name do",
        };
        let message = format!("left unchanged, {reason}: {what} not contain the customer's CAs");
        log.warning(&Error::new(Code::KeepEnv, message).at(names.join(", ")));
    }
}

/// Builds, and writes only what variables name, to the first of `places` that can be written.
fn build_at(
    content: &ContentPlan,
    places: &[PathBuf],
    now: Timestamp,
    log: &mut Log,
) -> Result<Wiring, Errors> {
    let plan = &content.stores;
    let password = password(plan)?;
    let judged = read_and_judge(content, plan.selected, now, log)?;
    judged.accept(log)?;
    let stores = judged.judgement.stores();
    let tree = layout::bundles(&stores, plan.selected, plan.forms(&password))?;
    let StoresDirectory {
        path: directory,
        is_exposed,
    } = content_addressed::write(&tree, places)?;
    if is_exposed {
        let message = "any user can rename files in this directory, and so replace the stores";
        log.warning(
            &Error::new(Code::SharedPlace, message)
                .at_path(&directory)
                .hint("set TMPDIR to a directory that only this user can write to; in a pod, mount an emptyDir for this container only"),
        );
    }
    log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
    log.info(&format!("the stores are in {}", shown_path(&directory)));
    let mounted_at = directory.to_string_lossy();
    Ok(wiring(
        plan,
        &mounted_at,
        judged.judgement.non_empty_stores(),
        &password,
    ))
}

/// The password of the Java truststore. It must not be a secret: a JVM takes it only from its options,
/// which every process of the user can read.
fn password(plan: &StoresPlan) -> Result<Password, Error> {
    let password = java_password(plan)?;
    if password.is_default() || !plan.java_store.requires_password() {
        return Ok(password);
    }
    let message = "exec would have to put the password into a variable for the JVM, where every \
                   process of this user can read it";
    Err(Error::usage(message)
        .at("--java-password-file")
        .hint("use --java-store pkcs12 or jks, which need no password, or leave out the option"))
}

/// Replaces this process. Returns only if that fails, with the reason.
fn become_command(
    command: &[OsString],
    variables: Vec<(&'static str, OsString)>,
) -> (ExitCode, Error) {
    let Some((program, arguments)) = command.split_first() else {
        return (ExitCode::NotFound, Error::usage("no command is given"));
    };
    // This also resets SIGPIPE to its default, which Rust's runtime had set to be ignored.
    let error = Command::new(program).args(arguments).envs(variables).exec();
    let code = ExitCode::of_exec(&error);
    let (message, hint) = match code {
        ExitCode::NotFound => (
            "command not found, or the interpreter in its #! line is missing".to_owned(),
            "give its full path, or set PATH",
        ),
        _ => (
            format!("cannot be run: {}", system_message(&error)),
            "it must be a program for this machine, or a script with a #! line, with mode 0755",
        ),
    };
    let fault = Error::new(Code::Command, message)
        .at(shown_path(Path::new(program)))
        .hint(hint);
    (code, fault)
}
