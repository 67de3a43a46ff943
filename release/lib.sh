# shellcheck shell=bash
# What the release scripts share. Sourced from the root of the checkout, never run.

# shellcheck disable=SC2034 # its users source this
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
# Where releases are published.
# shellcheck disable=SC2034
repository=$(sed -n 's/^repository = "\(.*\)"$/\1/p' Cargo.toml)
# The commit's time: every packager here takes it from the environment.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
# DIST names another directory than dist.
# shellcheck disable=SC2034
dist=$(realpath -m "${DIST:-dist}")
