//! Says what the rules make of files, one after the other: tests and fuzzers compare the answers with those of
//! real programs that read the same bytes.
//!
//! Each file comes on standard input as its password and its content, each after four bytes of length; a length
//! of `ffffffff` means no password. Each gets a line of JSON: its certificates in Base64, whatever the verdict on
//! them; its other sections with rule, level and reason; whether a build would fail; the counts of its sections.
//! With a second question in mind, key entries of stores are skipped if the only argument is `--certificates-only`.

use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trust_stores::{
    Criteria, DecodeOptions, DecodedSource, Judge, Judgement, KeyEntries, Password, Policy,
    StoreSet, Timestamp, decode,
};

/// What is never asked is when.
const AT: Timestamp = Timestamp::from_unix(1_795_219_200);

fn main() -> io::Result<()> {
    let key_entries = match std::env::args().nth(1).as_deref() {
        Some("--certificates-only") => KeyEntries::Skip,
        _ => KeyEntries::Refuse,
    };
    let mut records = BufReader::new(io::stdin().lock());
    let mut out = BufWriter::new(io::stdout().lock());
    while !records.fill_buf()?.is_empty() {
        let password = field(&mut records)?;
        let content = field(&mut records)?.unwrap_or_default();
        let options = DecodeOptions {
            password: password
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .map(Password::new),
            key_entries,
            ..DecodeOptions::default()
        };
        writeln!(out, "{}", answer(&content, &options))?;
        out.flush()?;
    }
    Ok(())
}

/// Four bytes of length, then so many bytes.
fn field(records: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    records.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length == u32::MAX {
        return Ok(None);
    }
    let mut bytes = vec![0; length as usize];
    records.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

fn answer(content: &[u8], options: &DecodeOptions) -> Value {
    let policy = Policy::default();
    let mut judge = Judge::new(Criteria::new(&policy, AT), StoreSet::ALL);
    judge.add(DecodedSource::customer("", decode(content, options)));
    let judgement = judge.finish();
    let counts = judgement.counts(0);
    json!({
        "certificates": certificates(&judgement),
        "problems": problems(&judgement),
        "denied": !judgement.denials().is_empty(),
        "adds_up": counts.seen
            == counts.kept + counts.merged + counts.dropped + counts.denied + counts.rejected,
    })
}

fn certificates(judgement: &Judgement) -> Vec<Value> {
    let sections = judgement.sections.iter();
    let found = sections.filter_map(|section| Some((section, section.certificate.as_ref()?)));
    found
        .map(|(section, certificate)| {
            json!({
                "der": STANDARD.encode(certificate.der()),
                "verdict": section.verdict.name(),
                "rules": section.findings.iter().map(|one| one.rule.code()).collect::<Vec<_>>(),
            })
        })
        .collect()
}

fn problems(judgement: &Judgement) -> Vec<Value> {
    let sections = judgement.sections.iter();
    let others = sections.filter(|section| section.certificate.is_none());
    others
        .flat_map(|section| {
            section.findings.iter().map(|finding| {
                json!({
                    "origin": section.origin,
                    "rule": finding.rule.code(),
                    "level": finding.level.name(),
                    "reason": finding.reason,
                })
            })
        })
        .collect()
}
