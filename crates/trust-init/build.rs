//! Flags for the linker, which a manifest cannot give and `cargo install` takes only from here.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("musl") {
        // A static binary that can be loaded at any address corrects 4,000 of its own pointers as it starts. This
        // writes their places as a bitmap instead of 24 bytes each. musl reads it since 1.2.4; glibc would demand
        // 2.36 of whoever runs the program. A linker that does not know the flag ignores it.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        // The index of the unwind tables, 50 kB that only a backtrace reads. A panic aborts, and a release has no names
        // that a backtrace could show.
        if std::env::var("PROFILE").as_deref() == Ok("release") {
            println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        }
    }
}
