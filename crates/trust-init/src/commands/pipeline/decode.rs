//! From bytes to certificates: which password opens which source.

use crate::args::UnlockPlan;
use crate::error::Error;
use crate::read::{self, Source, roots};
use trust_stores::{
    DecodeOptions, DecodedSource, KeyEntries, Password, Section, SourceRole, StoreSet,
};

/// The options that open protected stores. Reads the password file.
pub(in crate::commands) fn unlock(plan: &UnlockPlan) -> Result<DecodeOptions, Error> {
    let password = plan.password_file.as_deref().map(read::password);
    Ok(DecodeOptions {
        password: password.transpose()?,
        key_entries: if plan.certificates_only {
            KeyEntries::Skip
        } else {
            KeyEntries::Refuse
        },
    })
}

/// Decodes one source.
pub(in crate::commands) fn decode(source: &Source, unlock: &DecodeOptions) -> DecodedSource {
    let sections = if source.role.is_customer() {
        trust_stores::decode(&source.bytes, unlock)
    } else {
        decode_base(source, unlock)
    };
    DecodedSource {
        name: source.name.clone(),
        role: source.role,
        embedded: None,
        sections,
    }
}

/// Skips keys, because a base is what the image trusts anyway. The customer's password is tried last:
/// it was not meant for a base.
fn decode_base(source: &Source, unlock: &DecodeOptions) -> Vec<Section> {
    let with = |password: Option<Password>| {
        let unlock = DecodeOptions {
            password,
            key_entries: KeyEntries::Skip,
        };
        trust_stores::decode(&source.bytes, &unlock)
    };
    let first = with(source.password.clone());
    let is_read = first.iter().any(|found| found.content.is_ok());
    match &unlock.password {
        Some(password) if !is_read && source.password.is_none() => with(Some(password.clone())),
        _ => first,
    }
}

/// The embedded Mozilla roots, as a base of `stores`.
pub(super) fn mozilla(stores: StoreSet) -> DecodedSource {
    DecodedSource {
        name: roots::NAME.to_owned(),
        role: SourceRole::Base(stores),
        embedded: Some(roots::DATE),
        sections: roots::sections(),
    }
}
