//! Overlapping rule heads.
use super::world::World;
use crate::rego::ast::Module;
pub(super) fn apply(_world: &World<'_>, _modules: &mut Vec<Module>) {}
