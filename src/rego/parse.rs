//! From text to the tree, in time linear in the text and with bounded depth.
//!
//! The grammar is OPA's. Where it is ambiguous (`{a | b}`, `x, y in z`, `{ .. } and ..`) OPA tries and goes back; here a
//! look ahead or a rearrangement of what was read decides, so that nothing is read again and again.

mod annotation;
mod body;
mod collection;
mod cursor;
mod group;
mod head;
mod import;
mod literal;
mod module;
mod rule;
mod term;
mod text;
mod union;
mod yaml;

use super::ast::{Body, Module, Version};
use super::diagnostic::{Code, Diagnostic};
use super::lexer::Lexer;
use super::token::Token;
use crate::rego::ast::{Keywords, Span, Term};

/// How deep terms may be nested, operators in a row included. OPA allows more; beyond this nobody writes by hand, and
/// each level costs stack here and in the engine.
pub(crate) const NESTING: u32 = 160;

/// How many mistakes of one file are reported.
const MISTAKES: usize = 100;

/// Why a statement could not be read.
#[derive(Debug)]
struct Mistake {
    span: Span,
    message: String,
    /// There is no use in reading on.
    fatal: bool,
}

type Parse<T> = Result<T, Mistake>;

/// Reads one source.
#[derive(Debug)]
struct Parser<'s> {
    text: &'s str,
    file: u32,
    lexer: Lexer<'s>,
    /// The tokens of this statement, as far as they were looked at.
    tokens: Vec<Token>,
    /// Index of the next one.
    next: usize,
    /// How many tokens were read and read again.
    work: usize,
    version: Version,
    keywords: Keywords,
    /// How deep the place is that is being read.
    depth: u32,
    /// How high the tree is that was read last.
    height: u32,
    /// A term that was read behind a comma, in case it is asked for again: the index of its first token, the index behind
    /// its last one, and its height.
    held: Option<(usize, Term, usize, u32)>,
}

/// Reads a module.
///
/// # Errors
/// Every mistake of the source, in order.
pub(crate) fn parse(name: &str, text: &str, file: u32, version: Version) -> Result<Module, Vec<Diagnostic>> {
    let mut parser = Parser::new(text, file, version);
    parser.module().map_err(|mistakes| diagnostics(name, mistakes))
}

/// Reads a query: the expressions of a body.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse_query(text: &str, file: u32, version: Version, keywords: Keywords) -> Result<Body, Vec<Diagnostic>> {
    let mut parser = Parser::new(text, file, version);
    parser.keywords = keywords;
    parser.query().map_err(|mistake| diagnostics("", vec![mistake]))
}

fn diagnostics(name: &str, mut mistakes: Vec<Mistake>) -> Vec<Diagnostic> {
    mistakes.sort_by_key(|mistake| mistake.span);
    mistakes
        .into_iter()
        .map(|mistake| Diagnostic {
            file: name.to_owned(),
            row: mistake.span.row,
            column: mistake.span.column,
            code: Code::Parse,
            message: mistake.message,
        })
        .collect()
}

impl Version {
    /// The words that are keywords without any import.
    pub(crate) fn keywords(self) -> Keywords {
        let (v1, v2) = (self >= Self::V1, self >= Self::V2);
        Keywords { member: v1, every: v1, contains: v1, when: v1, not: v2, and: v2, or: v2 }
    }
}

#[cfg(test)]
mod tests;
