//! From the sources that a plan names to a judgement: read, decode, judge.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use crate::args::{ContentPlan, SourcesPlan, UnlockPlan};
use crate::error::{Code, Error, Errors};
use crate::image::{self, OwnStores};
use crate::read::{self, Base, CustomerSources, Inputs, PasswordFile, Source};
use crate::report::log::Log;
use crate::report::siblings::Siblings;
use crate::sys::side_by_side;
use trust_stores::{
    DecodeOptions, DecodedSource, DerivationBudget, Hint, Judge, Judgement, KeyEntries, Password,
    Problem, ProblemKind, Section, StoreSet, Timestamp, mozilla,
};

/// What was read, and what the rules found in it.
pub(crate) struct JudgedInputs {
    pub(crate) inputs: Inputs,
    pub(crate) judgement: Judgement,
    /// The stores that it is for.
    pub(crate) stores: StoreSet,
}

impl JudgedInputs {
    /// Everything that a rule refuses.
    pub(crate) fn refusals(&self) -> Vec<Error> {
        let mut refusals = self.inputs.refused.clone();
        let mut siblings = Siblings::new(&self.inputs, &self.judgement);
        // Denials come in the order of their sections, some of which have several.
        let mut entries = self.judgement.sections.iter().peekable();
        refusals.extend(self.judgement.denials().into_iter().map(|denial| {
            let rule = denial.rule;
            let mut fault = Error::from(denial);
            if let Some(place) = &fault.place {
                while entries.next_if(|entry| entry.origin != *place).is_some() {}
                if let Some(entry) = entries.peek() {
                    fault.hints = siblings.hints(entry, rule, fault.hints);
                }
            }
            fault
        }));
        refusals
    }

    /// Fails if a rule refuses anything, and otherwise logs what the rules found.
    pub(crate) fn accept(&self, log: &mut Log) -> Result<(), Errors> {
        Errors::check(self.refusals())?;
        log.judgement(&self.judgement);
        log.stores_empty(self.empty_stores());
        Ok(())
    }

    /// The stores that are not written, because the rules left no certificate for them. Only the
    /// customer's chain is empty where there is no customer.
    pub(crate) fn empty_stores(&self) -> StoreSet {
        let empty = self.stores - self.judgement.non_empty_stores();
        match self.judgement.customer_counts().seen {
            0 => empty & StoreSet::MERGED,
            _ => empty,
        }
    }
}

/// Reads, decodes and judges what `plan` names, for `stores`.
pub(crate) fn read_and_judge(
    plan: &ContentPlan,
    stores: StoreSet,
    now: Timestamp,
    log: &mut Log,
) -> Result<JudgedInputs, Errors> {
    let sources = &plan.sources;
    let unlock = unlock(&sources.unlock)?;
    let mut inputs = read(plan, stores, &unlock.budget, log)?;
    let mut judge = Judge::new(plan.policy.criteria(now), stores);
    for source in &mut inputs.sources {
        judge.add(decode_and_hash(source, &unlock));
        source.release();
    }
    let embedded = stores_for_mozilla(sources, &inputs, &judge, log);
    if !embedded.is_empty() {
        judge.add(mozilla::source(embedded));
    }
    let judgement = judge.finish();
    if let Some(image) = &sources.image {
        let added = image::added_cas(image, &unlock.budget);
        log.added_apart(&added, &judgement, stores & StoreSet::MERGED);
    }
    Ok(JudgedInputs {
        inputs,
        judgement,
        stores,
    })
}

fn read(
    plan: &ContentPlan,
    stores: StoreSet,
    budget: &DerivationBudget,
    log: &mut Log,
) -> Result<Inputs, Errors> {
    let sources = &plan.sources;
    let password_files = [
        &sources.unlock.password_file,
        &plan.stores.java_password_file,
    ];
    let password_files: Vec<&Path> = password_files
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .collect();
    read::wait(&sources.customer, sources.wait);
    let customer = CustomerSources {
        locations: &sources.customer,
        limit: sources.limit,
        expected: sources.expected,
        presence: sources.presence,
        password_files: &password_files,
    };
    let image = sources.image.as_ref().map(|image| (image, stores));
    let inputs = read::read(customer, &sources.bases, image, budget)?;
    for fault in &inputs.warnings {
        log.warning(fault);
    }
    log.not_read(&inputs);
    log.bases_found(&inputs);
    Ok(inputs)
}

/// The stores that the embedded Mozilla roots go to: those that were asked for, or those for which the
/// bases that were asked for have no certificate. Without a base a store would contain the customer's
/// CAs alone, and trust is added, never replaced.
fn stores_for_mozilla(
    sources: &SourcesPlan,
    inputs: &Inputs,
    judge: &Judge<'_>,
    log: &mut Log,
) -> StoreSet {
    if sources.bases.contains(&Base::Mozilla) {
        return StoreSet::MERGED;
    }
    let is_images = sources
        .image
        .as_ref()
        .is_some_and(|image| image.own != OwnStores::NONE);
    if sources.bases.is_empty() && !is_images {
        return StoreSet::NONE;
    }
    let stores = judge.stores_without_base() & StoreSet::MERGED;
    let is_found = |store| {
        let mut found = inputs.sources.iter().filter(|s| s.found_by.is_some());
        found.any(|source| source.role.stores().contains(store))
    };
    if is_images && !stores.iter().any(is_found) {
        log.bases_embedded(stores);
    } else if !stores.is_empty() {
        let message = format!(
            "no base provides a certificate for {stores}: using the embedded Mozilla roots instead"
        );
        log.warning(&Error::new(Code::BaseEmpty, message).at("--base"));
    }
    stores
}

/// The options that open protected stores. Reads the password file.
pub(crate) fn unlock(plan: &UnlockPlan) -> Result<DecodeOptions, Error> {
    let password = plan.password_file.as_deref().map(read::password);
    Ok(DecodeOptions {
        password: password.transpose()?,
        key_entries: if plan.certificates_only {
            KeyEntries::Skip
        } else {
            KeyEntries::Refuse
        },
        budget: DerivationBudget::default(),
    })
}

/// Decodes one source.
pub(crate) fn decode(source: &Source, unlock: &DecodeOptions) -> DecodedSource {
    DecodedSource {
        name: source.name.clone(),
        role: source.role,
        embedded: None,
        sections: sections(source, unlock),
    }
}

/// Decodes one source. A large one is hashed at the same time, on a thread of its own.
fn decode_and_hash(source: &Source, unlock: &DecodeOptions) -> DecodedSource {
    // A tenth of a millisecond of hashing or more, which a thread takes to start.
    const LARGE: usize = 256 << 10;
    if source.size < LARGE {
        return decode(source, unlock);
    }
    let hash = || Ok::<_, Infallible>(source.sha256());
    let (decoded, _) = side_by_side(|_| decode(source, unlock), hash);
    decoded
}

/// Decodes with each password that there may be for the source, until one opens it.
///
/// Of a customer's, the password that was named comes first, then those next to it; of a base, its own, and
/// the customer's last: it was not meant for a base. Without a named one, a store is also tried without.
fn sections(source: &Source, unlock: &DecodeOptions) -> Vec<Section> {
    let is_customer = source.role.is_customer();
    let named = || unlock.password.clone().into_iter();
    let beside = || source.passwords.iter().map(|one| one.password.clone());
    let mut candidates: Vec<Option<Password>> = Vec::new();
    if is_customer {
        candidates.extend(named().chain(beside()).map(Some));
        if unlock.password.is_none() {
            candidates.push(None);
        }
    } else {
        candidates.extend(source.password.iter().cloned().chain(beside()).map(Some));
        if source.password.is_none() {
            candidates.push(None);
            candidates.extend(named().map(Some));
        }
    }
    let with = |password: Option<Password>| {
        let unlock = DecodeOptions {
            password,
            key_entries: if is_customer {
                unlock.key_entries
            } else {
                // A base is what the image trusts anyway.
                KeyEntries::Skip
            },
            budget: unlock.budget.clone(),
        };
        trust_stores::decode(&source.bytes, &unlock)
    };
    let mut sections = Vec::new();
    for password in candidates {
        let read = with(password);
        if !is_locked(&read) {
            return read;
        }
        sections = read;
    }
    name_the_passwords(&mut sections, &source.passwords);
    sections
}

fn is_locked(sections: &[Section]) -> bool {
    sections.iter().any(|section| locked(section).is_some())
}

/// The problem of a store that its password does not open, and what to do about it.
fn locked(section: &Section) -> Option<(&Problem, Hint)> {
    let problem = section.content.as_ref().err()?;
    let hint = problem
        .hint()
        .filter(|_| problem.kind() == ProblemKind::WrongPassword)?;
    Some((problem, hint))
}

/// Says which passwords next to a store do not open it.
fn name_the_passwords(sections: &mut [Section], passwords: &[PasswordFile]) {
    if passwords.is_empty() {
        return;
    }
    let names: Vec<&str> = passwords.iter().map(|one| one.name.as_str()).collect();
    for section in sections {
        if let Some((problem, hint)) = locked(section) {
            let names = names.join(", ");
            section.content = Err(Problem::WrongPasswords {
                message: format!("{problem}; nor does the password in {names}"),
                hint,
            });
        }
    }
}
