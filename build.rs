//! What makes the static binary smaller: relative relocations in their packed form, and no tables for
//! unwinding, which a program that aborts on a panic never reads.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=no-unwind.ld");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // The release profile aborts on a panic; CARGO_CFG_PANIC does not tell of a profile. A debugger wants
    // the tables.
    if is("CARGO_CFG_TARGET_ENV", "musl") && is("PROFILE", "release") {
        let directory = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        for argument in [
            "-Wl,-z,pack-relative-relocs",
            "-Wl,--no-eh-frame-hdr",
            &format!("-Wl,-T,{directory}/no-unwind.ld"),
        ] {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
}
