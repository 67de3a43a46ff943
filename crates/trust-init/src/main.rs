//! The binary: argv, environment and clock in, exit code out.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::SystemTime;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let run = || {
        let argv: Vec<OsString> = std::env::args_os().collect();
        let variables = |name: &str| std::env::var_os(name);
        let names: Vec<OsString> = std::env::vars_os().map(|(name, _)| name).collect();
        trust_init::run(&argv, &variables, &names, SystemTime::now().into())
    };
    trust_init::sys::within_limits(run).into()
}
