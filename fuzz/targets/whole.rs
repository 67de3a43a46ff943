//! A whole build from one blob, but for the disk: whatever it holds, the stores hold just what the
//! verdict says, read back by our own decoders.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trust_stores::{Bundle, Criteria, Days, DecodeOptions, DecodedSource, JavaFormat, Judge, Level, Timestamp, Password, Policy, Rule, SourceRole, Store, StoreSet, decode};
use trust_init::layout::{self, OsLayout, StoreForms, Tree};

fuzz_target!(|bytes: &[u8]| {
    let policy = Policy::with(&[(Level::Drop, Rule::Malformed)]).unwrap();
    let criteria = Criteria {
        policy: &policy,
        at: Timestamp::from_unix(1_795_219_200),
        expires_soon: Days::new(30),
        blocked: &[],
    };
    let mut judge = Judge::new(criteria, StoreSet::ALL);
    judge.add(DecodedSource {
        name: String::from("blob"),
        role: SourceRole::Customer,
        embedded: None,
        sections: decode(bytes, &DecodeOptions::default()),
    });
    let judgement = judge.finish();
    let counts = judgement.counts(0);
    assert_eq!(
        counts.seen,
        counts.kept + counts.merged + counts.dropped + counts.denied + counts.rejected
    );
    let stores = judgement.stores();
    let password = Password::default();
    for (layout, java) in [
        (OsLayout::Debian, JavaFormat::Pkcs12),
        (OsLayout::Rhel, JavaFormat::Jks),
        (OsLayout::Suse, JavaFormat::Pkcs12),
    ] {
        let forms = StoreForms {
            layout,
            java,
            password: &password,
        };
        let tree = layout::tree(&stores, StoreSet::ALL, forms).unwrap();
        for (store, bundle, path) in [
            (Store::Os, &stores.os, layout.bundle()),
            (Store::Java, &stores.java, layout::java_truststore(java)),
            (Store::Python, &stores.python, layout::PYTHON_BUNDLE),
            (Store::Custom, &stores.custom, layout::CUSTOM_CHAIN),
        ] {
            match bundle {
                Some(bundle) => reads_back(bundle, &tree, path),
                None => assert!(!tree.paths().any(|written| written == path), "{store}"),
            }
        }
    }
});

fn reads_back(bundle: &Bundle<'_>, tree: &Tree<'_>, path: &str) {
    let file = tree.files.iter().find(|file| file.path == path).unwrap();
    let found = decode(&file.content.bytes(), &DecodeOptions::default());
    let read: Vec<_> = found
        .iter()
        .map(|found| found.content.as_ref().unwrap().certificate.fingerprint())
        .collect();
    let written: Vec<_> = bundle.iter().map(|c| c.fingerprint()).collect();
    assert_eq!(read, written, "{path}");
}
