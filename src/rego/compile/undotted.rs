//! Names without dots for builtins that have some.
//!
//! The engine spells out the name of a function from its parts at every call, twice, each part a string of its own: for
//! `ec.sigstore.verify_image` that costs as much as the answer. A name of one part is spelled out in a third of the time.

use std::borrow::Cow;

use crate::builtins;
use crate::rego::ast::{Module, Term, TermKind, VisitMut, walk_module_mut, walk_term_mut};

/// The name by which printed modules call a builtin that is ours.
pub(crate) fn undotted(name: &str) -> Cow<'_, str> {
    if name.contains('.') { Cow::Owned(format!("__vidimus_{}", name.replace('.', "_"))) } else { Cow::Borrowed(name) }
}

/// Renames the builtins that a lowered module calls. What some `with` replaces is called by other names by now.
pub(super) fn apply(module: &mut Module) {
    walk_module_mut(&mut Renamer, module);
}

struct Renamer;

impl VisitMut for Renamer {
    fn term(&mut self, term: &mut Term) {
        if let TermKind::Call(function, _) = &mut term.kind
            && let TermKind::Ref(_) = function.kind
            && let Some(name) = function.as_path().map(|path| path.join("."))
            && builtins::lookup(&name).is_some_and(builtins::Builtin::is_native)
        {
            function.kind = TermKind::Var(undotted(&name).into_owned());
        }
        walk_term_mut(self, term);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rego::rewrite::lowered;

    #[test]
    fn calls_are_renamed_and_calls_of_rules_are_not() {
        let text = lowered(&["p := time.format(bits[\"or\"](input.x, count(input.y)))\nq := data.t.f(1)\nf(x) := x"]);
        assert!(text.contains("__vidimus_time_format(") && text.contains("__vidimus_bits_or("), "{text}");
        assert!(text.contains(" count(") && text.contains("data.t.f("), "{text}");
    }

    /// What `with` names goes by the name of a rule: no name of a builtin stands in a modifier, where it would not be renamed.
    #[test]
    fn replacements_are_rules() {
        let text = lowered(&["p if json.marshal(1) == \"1\" with json.marshal as json.unmarshal"]);
        assert!(!text.contains("json.") && text.contains("__vidimus_json_marshal("), "{text}");
    }

    #[test]
    fn no_two_builtins_go_by_one_name() {
        let names: BTreeSet<_> = builtins::table().iter().map(|builtin| undotted(builtin.name)).collect();
        assert_eq!(names.len(), builtins::table().len());
    }
}
