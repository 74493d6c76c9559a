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

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: all files of a package define one document (B4).
    #[test]
    fn the_files_of_a_package_become_one_module() {
        let expected = r#"
f(1) := "one"

p := __00001 if {
  __00001 := data.t.f(input.x)
}
"#;
        assert_eq!(lowered(&[r#"f(1) := "one""#, r"p := f(input.x)"]), expected.trim());
    }
}
