//! `--format` of commands that say one thing: for people, or for machines.

use clap::ValueEnum;

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    Pretty,
    Json,
}
