//! `# METADATA` blocks: finding them among the comments, and attaching each to what stands below it.

use super::{Mistake, Parser, yaml};
use crate::rego::ast::{Annotation, Json, Module, Place, Span};

/// What stands below a block.
#[derive(Clone, Copy)]
enum Below {
    Package,
    Import,
    Rule(usize),
    Nothing,
}

impl Parser<'_> {
    /// Adds the annotations of a module.
    pub(super) fn annotate(&mut self, module: &mut Module) -> Result<(), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for block in self.blocks() {
            let below = below(module, block.span.row);
            match self.annotation(&block, below) {
                Ok(annotation) => {
                    if let Place::Rule(index) = annotation.place
                        && let Some(rule) = module.rules.get_mut(index)
                    {
                        rule.annotations.push(module.annotations.len());
                    }
                    module.annotations.push(annotation);
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }

    /// The blocks: comments in the first column, line below line, the first of them `# METADATA`.
    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut last = 0;
        for comment in self.lexer.comments() {
            let text = self.text_of(*comment).trim_end_matches('\r');
            // The span begins behind the `#`.
            if comment.column != 2 {
                last = 0;
                continue;
            }
            if text.trim().starts_with("METADATA") {
                blocks.push(Block { span: Span { column: 1, start: comment.start.saturating_sub(1), ..*comment }, yaml: String::new() });
                last = comment.row;
            } else if last > 0 && comment.row == last + 1 {
                last = comment.row;
                if let Some(block) = blocks.last_mut() {
                    block.span.end = comment.end;
                    block.yaml.push_str(text.strip_prefix(' ').unwrap_or(text));
                    block.yaml.push('\n');
                }
            } else {
                last = 0;
            }
        }
        blocks
    }

    fn annotation(&self, block: &Block, below: Below) -> Result<Annotation, Mistake> {
        let mistake = |message: String| Self::mistake(block.span, message);
        if block.yaml.trim().is_empty() {
            return Err(mistake("expected METADATA block, found whitespace".to_owned()));
        }
        let mut members = yaml::annotation(&block.yaml, |text| self.reference_path(text)).map_err(|wrong| {
            let row = block.span.row + u32::try_from(wrong.line).unwrap_or_default();
            Self::mistake(Span { row, ..block.span }, wrong.message)
        })?;
        let entrypoint = members.get("entrypoint") == Some(&Json::Boolean(true));
        let scope = match members.get("scope") {
            Some(Json::String(scope)) => scope.clone(),
            _ => match below {
                Below::Rule(_) if entrypoint => "document".to_owned(),
                Below::Rule(_) => "rule".to_owned(),
                Below::Package => "package".to_owned(),
                Below::Import => "import".to_owned(),
                Below::Nothing => String::new(),
            },
        };
        let place = match (scope.as_str(), below) {
            ("rule" | "document", Below::Rule(index)) => Place::Rule(index),
            ("package" | "subpackages", Below::Package) => Place::Package,
            ("rule" | "document", _) => {
                return Err(mistake(format!("annotation scope '{scope}' must be applied to rule{}", have(below))));
            }
            ("package" | "subpackages", _) => {
                return Err(mistake(format!("annotation scope '{scope}' must be applied to package{}", have(below))));
            }
            _ => {
                let message = "Use one of 'rule', 'document', 'package', or 'subpackages'";
                return Err(mistake(format!("invalid annotation scope '{scope}'. {message}")));
            }
        };
        if entrypoint && !matches!(scope.as_str(), "document" | "package") {
            return Err(mistake(format!("annotation entrypoint applied to non-document or package scope '{scope}'")));
        }
        members.insert("scope".to_owned(), Json::String(scope.clone()));
        Ok(Annotation { span: block.span, scope, place, value: Json::Object(members) })
    }

    /// The elements of a reference such as `data.a["b"]`.
    fn reference_path(&self, text: &str) -> Option<Vec<String>> {
        let mut parser = Parser::new(text, self.file, self.version);
        let term = parser.term().ok()?;
        if parser.kind() != crate::rego::token::Kind::End {
            return None;
        }
        term.as_path().map(|path| path.into_iter().map(str::to_owned).collect())
    }
}

/// A block of comments.
struct Block {
    span: Span,
    yaml: String,
}

/// The first statement below a row.
fn below(module: &Module, row: u32) -> Below {
    let package = (module.package.span.row, Below::Package);
    let imports = module.imports.iter().map(|import| (import.span.row, Below::Import));
    let first_rule = module.rules.partition_point(|rule| rule.span.row <= row);
    let rules = module.rules.get(first_rule).map(|rule| (rule.span.row, Below::Rule(first_rule)));
    std::iter::once(package).chain(imports).chain(rules).filter(|at| at.0 > row).min_by_key(|at| at.0).map_or(Below::Nothing, |at| at.1)
}

fn have(below: Below) -> &'static str {
    match below {
        Below::Package => " (have package)",
        Below::Import => " (have import)",
        Below::Rule(_) => " (have rule)",
        Below::Nothing => "",
    }
}
