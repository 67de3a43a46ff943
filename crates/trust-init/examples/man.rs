//! The man pages, from the definition of the command line; for a release:
//!
//! ```sh
//! cargo run --example man -- target/man
//! ```
//!
//! writes trust-init.1 and a page for each command. They are made when they are packaged and kept
//! nowhere, so none can say what an older program did. Not a command of the program: a static image has
//! no man(1), and the pages' crate stays out of it.

#![allow(clippy::print_stderr)]

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;
use std::{env, fs, io};

use clap_mangen::Man;
use trust_stores::Timestamp;

fn main() -> ExitCode {
    let Some(directory) = env::args_os().nth(1) else {
        eprintln!("usage: cargo run --example man -- DIRECTORY");
        return ExitCode::from(2);
    };
    let directory = Path::new(&directory);
    match write(directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", directory.display());
            ExitCode::FAILURE
        }
    }
}

/// Writes the pages into `directory`; the test of them calls it too.
pub fn write(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let program = trust_init::args::command();
    let source = concat!("trust-init ", env!("CARGO_PKG_VERSION"));
    let date = date().date();
    for command in program.get_subcommands().chain([&program]) {
        Man::new(command.clone())
            .source(source)
            .date(&date)
            .generate_to(directory)?;
    }
    Ok(())
}

/// The commit's where a release says so (reproducible-builds.org/specs/source-date-epoch), else now.
fn date() -> Timestamp {
    let seconds = env::var("SOURCE_DATE_EPOCH").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    seconds.map_or_else(|| SystemTime::now().into(), Timestamp::from_unix)
}
