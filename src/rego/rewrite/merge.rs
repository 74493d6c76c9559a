//! The files of one package become one module (B4): regorus looks for the parameters of a function in one module only.

use std::collections::BTreeMap;

use crate::rego::ast::Module;

/// One module for each package, in the order of their first files.
pub(super) fn by_package(modules: Vec<Module>) -> Vec<Module> {
    let mut merged: Vec<Module> = Vec::new();
    let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for module in modules {
        let place = *places.entry(module.package.path.clone()).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(first) => first.rules.extend(module.rules),
            None => merged.push(module),
        }
    }
    merged
}
