//! Rego beside compiled policies: each decides for itself. Rego that read a rule which was compiled would find it undefined, and
//! might allow what that rule denies, so it is refused.

use super::compile::{CompileOptions, RegoModule};
use super::frontend;
use super::problem::{CompileError, Problem};
use crate::evaluation::Location;
use crate::rego::Span;
use crate::rego::ast::{Module, Term, TermKind, Visit, walk_term};

/// Refuses modules, and a query, that read any of `entrypoints`, such as `main/deny`.
pub(super) fn check(modules: &[RegoModule], options: &CompileOptions, entrypoints: &[String]) -> Result<(), CompileError> {
    if entrypoints.is_empty() {
        return Ok(());
    }
    let query = options.query.iter().map(|query| RegoModule::new("<query>", format!("package query\nanswers := [1 | {query}]\n")));
    let mut problems = Vec::new();
    for module in modules.iter().cloned().chain(query) {
        // What cannot be read is refused for that where it is compiled.
        let Some(parsed) = frontend::parse(&module, options) else { continue };
        for (path, span) in Reads::of(&parsed) {
            let Some(read) = entrypoints.iter().find(|entrypoint| overlap(&path, entrypoint)) else { continue };
            let message = format!("reads `data.{}`, which is compiled to WebAssembly: Rego beside it cannot", read.replace('/', "."));
            let location = Location { file: module.name.clone(), line: span.row, column: span.column };
            problems.push(Problem { location: Some(location), message });
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(CompileError::from(problems)) }
}

/// Whether one path begins with the other.
fn overlap(path: &[String], entrypoint: &str) -> bool {
    path.iter().zip(entrypoint.split('/')).all(|(one, other)| one == other)
}

/// What a module reads of `data`, as far as it says so by name.
#[derive(Default)]
struct Reads(Vec<(Vec<String>, Span)>);

impl Reads {
    fn of(module: &Module) -> Vec<(Vec<String>, Span)> {
        let mut reads = Self::default();
        for import in &module.imports {
            if let Some((root, path)) = import.path.split_first()
                && root == "data"
            {
                reads.0.push((path.to_vec(), import.span));
            }
        }
        module.rules.iter().for_each(|rule| reads.rule(rule));
        reads.0
    }
}

impl<'a> Visit<'a> for Reads {
    fn term(&mut self, term: &'a Term) {
        match &term.kind {
            TermKind::Var(name) if name == "data" => self.0.push((Vec::new(), term.span)),
            TermKind::Ref(reference) if reference.head.as_var() == Some("data") => {
                let path = reference.path.iter().map_while(Term::as_string).map(str::to_owned).collect();
                self.0.push((path, term.span));
                reference.path.iter().for_each(|element| self.term(element));
                return;
            }
            _ => {}
        }
        walk_term(self, term);
    }
}
