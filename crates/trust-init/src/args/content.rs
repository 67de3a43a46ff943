//! What the stores will hold: the options that `build`, `watch`, `exec`, `check` and `render` share.

use std::path::Path;

use clap::Args;

use super::Variables;
use super::policy::{PolicyOptions, PolicyPlan};
use super::sources::{Consumer, ImageSearch, PositionalSources, SourceOptions, SourcesPlan};
use super::stores::{StoreOptions, StoresPlan};
use crate::error::Error;
use crate::write::default_directory::IN_CONTAINER;

#[derive(Debug, Args)]
pub(super) struct ContentOptions {
    #[command(flatten)]
    pub(super) sources: SourceOptions,
    #[command(flatten)]
    pub(super) policy: PolicyOptions,
    #[command(flatten)]
    pub(super) stores: StoreOptions,
}

impl ContentOptions {
    /// With the sources that no option names.
    pub(super) fn with(mut self, positional: PositionalSources) -> Self {
        self.sources.ca.extend(positional.source);
        self
    }
}

/// What the stores will hold.
#[derive(Debug)]
pub struct ContentPlan {
    /// Where the certificates come from.
    pub sources: SourcesPlan,
    /// What to judge by.
    pub policy: PolicyPlan,
    /// Which stores are built.
    pub stores: StoresPlan,
}

impl ContentPlan {
    /// `out` is where the consumer finds the stores, unless `--mounted-at` names another directory;
    /// `flag` is the option that names it.
    pub(super) fn resolve(
        typed: ContentOptions,
        consumer: Consumer,
        (flag, out): (&str, Option<&Path>),
        variables: Variables<'_>,
    ) -> Result<Self, Error> {
        let policy = PolicyPlan::resolve(typed.policy, typed.sources.at)?;
        let bases = typed.sources.bases(consumer)?;
        let mounted = (flag, out.unwrap_or(IN_CONTAINER.as_ref()));
        let stores = StoresPlan::resolve(typed.stores, bases.node_store(), mounted)?;
        let mut own_outputs: Vec<&Path> = out.into_iter().collect();
        // Without --out, exec writes to a directory of its own, and /trust is a base like any other.
        if consumer == Consumer::OtherContainers {
            own_outputs.push(Path::new(&stores.mounted_at));
        }
        let search = ImageSearch {
            variables,
            requested: &stores.requested,
            own_outputs: &own_outputs,
            consumer,
        };
        Ok(ContentPlan {
            sources: SourcesPlan::resolve(typed.sources, bases, &policy.policy, search)?,
            policy,
            stores,
        })
    }
}
