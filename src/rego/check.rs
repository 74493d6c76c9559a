//! What OPA refuses when compiling, with OPA's words: each check in a file of its own, all mistakes of all modules at once.

mod call;
mod conflict;
mod declare;
mod import;
mod index;
mod modifier;
mod recursion;
mod resolve;
mod safety;
mod template;
mod types;
mod variable;

use super::ast::{Module, Span};
use super::compile::{Options, Source, Unit};
use super::diagnostic::{Code, Diagnostic};
use super::signature::Signatures;
use index::Index;

/// Checks all modules.
///
/// # Errors
/// Every mistake, ordered by file and position.
pub(crate) fn check(unit: &Unit, options: &Options<'_>) -> Result<(), Vec<Diagnostic>> {
    let mut report = Report { names: unit.sources.iter().map(|source| source.name.as_str()).collect(), found: Vec::new() };
    let resolved = resolve::modules(unit, options.builtins);
    import::check(unit, &resolved, options.strict, &mut report);
    let bare = resolved.iter().flat_map(|resolved| resolved.bare.iter().copied()).collect();
    let mut modules: Vec<Module> = resolved.into_iter().map(|resolved| resolved.module).collect();
    declare::check(&unit.sources, &mut modules, options, &mut report);
    let index = Index::new(&modules);
    let world =
        World { sources: &unit.sources, generated: unit.fresh.prefix(), modules: &modules, index: &index, builtins: options.builtins };
    conflict::check(&world, &mut report);
    call::check(&world, options.strict, &mut report);
    modifier::check(&world, &mut report);
    template::check(&world, &bare, &mut report);
    safety::check(&world, &mut report);
    recursion::check(&world, &mut report);
    if report.found.is_empty() {
        // Types are only meaningful where all names are.
        types::check(&world, &mut report);
    }
    report.finish()
}

/// All modules, their names resolved: what an import or a rule of the package brings is spelled `data.a.b`.
struct World<'a> {
    sources: &'a [Source],
    /// What the names begin with that stand in no source.
    generated: &'a str,
    modules: &'a [Module],
    index: &'a Index<'a>,
    builtins: &'a dyn Signatures,
}

/// The mistakes found so far.
struct Report<'a> {
    names: Vec<&'a str>,
    found: Vec<(Span, Diagnostic)>,
}

impl Report<'_> {
    fn push(&mut self, span: Span, code: Code, message: impl Into<String>) {
        let file = self.names.get(span.file as usize).copied().unwrap_or_default().to_owned();
        self.found.push((span, Diagnostic { file, row: span.row, column: span.column, code, message: message.into() }));
    }

    /// Whether a mistake was found in this part of a file: more of them there may follow from it.
    fn has_mistake_in(&self, span: Span) -> bool {
        self.found.iter().any(|(found, _)| found.file == span.file && found.start >= span.start && found.end <= span.end)
    }

    /// Where a node stands, for a message.
    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.names.get(span.file as usize).copied().unwrap_or_default(), span.row)
    }

    fn finish(mut self) -> Result<(), Vec<Diagnostic>> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort();
        let mut found: Vec<Diagnostic> = self.found.into_iter().map(|found| found.1).collect();
        found.dedup();
        Err(found)
    }
}

#[cfg(test)]
mod tests;
