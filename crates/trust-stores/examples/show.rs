#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use trust_stores::*;
fn main() {
    let mut args = std::env::args().skip(1);
    let options = DecodeOptions::default();
    while let (Some(file), Some(password)) = (args.next(), args.next()) {
        let bytes = std::fs::read(&file).unwrap();
        let key_entries = if std::env::var("SKIP").is_ok() {
            KeyEntries::Skip
        } else {
            KeyEntries::Refuse
        };
        let options = DecodeOptions {
            password: (password != "-").then(|| Password::new(password)),
            key_entries,
            budget: if std::env::var("SHARE").is_ok() {
                options.budget.clone()
            } else {
                Default::default()
            },
        };
        println!("{file} {:?}", SourceFormat::detect(&bytes));
        for s in decode(&bytes, &options) {
            match &s.content {
                Ok(c) => println!(
                    "  {} OK {} java={} {:?}",
                    s.position,
                    c.certificate.subject(),
                    c.trusted_by_java,
                    c.distrust
                ),
                Err(p) => println!("  {} ERR {p}", s.position),
            }
        }
    }
}
