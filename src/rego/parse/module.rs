//! Modules: one statement behind the other, and going on behind a mistake.

use super::rule::Parsed;
use super::{MISTAKES, Mistake, Parse, Parser};
use crate::rego::ast::{Import, Module, Package, Version};
use crate::rego::token::{Kind, Word};

/// What a module is made of.
enum Statement {
    Package(Package),
    Import(Import),
    Rules(Vec<Parsed>),
}

impl Parser<'_> {
    /// The whole module, or all that is wrong with it.
    pub(super) fn module(&mut self) -> Result<Module, Vec<Mistake>> {
        let (mut package, mut imports, mut rules) = (None, Vec::new(), Vec::new());
        let mut mistakes = Vec::new();
        // A missing brace makes a statement read far too much; reading again behind its first line costs time.
        let limit = self.text.len().saturating_mul(8).saturating_add(10_000);
        let mut first = true;
        while !self.at(Kind::End) {
            self.forget();
            let place = self.token().span;
            match self.statement() {
                Ok(Statement::Package(found)) if first => package = Some(found),
                Ok(Statement::Package(found)) => mistakes.push(Self::mistake(found.span, "unexpected package")),
                Ok(Statement::Import(import)) => imports.push(import),
                Ok(Statement::Rules(found)) => rules.extend(found),
                Err(mistake) => {
                    let fatal = mistake.fatal || mistakes.len() + 1 >= MISTAKES || self.work > limit;
                    first &= !matches!(self.text_of(place), "package");
                    mistakes.push(mistake);
                    if fatal {
                        break;
                    }
                    self.recover();
                    continue;
                }
            }
            if first && package.is_none() {
                mistakes.push(Self::mistake(place, "package expected"));
            }
            first = false;
        }
        let package = match package {
            Some(package) if mistakes.is_empty() => package,
            _ => {
                if mistakes.is_empty() {
                    mistakes.push(Self::mistake(crate::rego::ast::Span::default(), "empty module"));
                }
                return Err(mistakes);
            }
        };
        self.finish(package, imports, rules)
    }

    fn finish(&mut self, package: Package, imports: Vec<Import>, rules: Vec<Parsed>) -> Result<Module, Vec<Mistake>> {
        let imported = imports.iter().filter_map(|import| match (import.path.first()?.as_str(), import.path.get(1)?.as_str()) {
            ("rego", "v1") => Some(Version::V1),
            ("rego", "v2") => Some(Version::V2),
            _ => None,
        });
        let version = imported.fold(self.version, Version::max);
        if version >= Version::V1 {
            let mistakes: Vec<Mistake> = rules.iter().flat_map(Self::strict_form).collect();
            if !mistakes.is_empty() {
                return Err(mistakes);
            }
        }
        let rules = rules.into_iter().map(|parsed| parsed.rule).collect();
        let mut module = Module { file: self.file, version, keywords: self.keywords, package, imports, rules, annotations: Vec::new() };
        self.annotate(&mut module)?;
        Ok(module)
    }

    /// What v1 asks of the form of a rule.
    fn strict_form(parsed: &Parsed) -> Vec<Mistake> {
        let rule = &parsed.rule;
        let what = if rule.head.parameters.is_some() { "function" } else { "rule" };
        let name = rule.head.name.head.as_var().unwrap_or_default();
        let mut found = Vec::new();
        if rule.head.name.path.is_empty() && Word::of(name).is_some_and(|word| !matches!(word, Word::And | Word::Or)) {
            found.push(format!("{name} keyword cannot be used for rule name"));
        }
        if parsed.bare_name {
            found.push(format!("{what} must have value assignment and/or body declaration"));
        }
        if parsed.bare_body.is_some() {
            found.push(format!("`if` keyword is required before {what} body"));
        }
        if parsed.bare_key {
            found.push("`contains` keyword is required for partial set rules".to_owned());
        }
        let span = parsed.bare_body.unwrap_or(rule.span);
        found.into_iter().map(|message| Self::mistake(span, message)).collect()
    }

    fn statement(&mut self) -> Parse<Statement> {
        self.depth = 0;
        self.refuse_keyword_name()?;
        let attached = self.at_reference_word();
        let statement = match self.kind() {
            Kind::Word(Word::Package) if !attached => Statement::Package(self.package()?),
            Kind::Word(Word::Import) if !attached => Statement::Import(self.import()?),
            _ => return Ok(Statement::Rules(self.rule()?)),
        };
        if self.at(Kind::Operator(crate::rego::ast::Operator::Minus)) {
            return Err(self.unexpected(""));
        }
        Ok(statement)
    }

    /// `every := 1`: a keyword where a name should stand.
    fn refuse_keyword_name(&mut self) -> Parse<()> {
        let token = self.token();
        let Kind::Word(word) = token.kind else { return Ok(()) };
        let behind = self.ahead(1).kind;
        let assigned = matches!(behind, Kind::Assign | Kind::Unify);
        let ruled = matches!(behind, Kind::Word(Word::If | Word::Contains));
        let called = behind == Kind::OpenParen;
        let refused = match word {
            Word::Every | Word::If | Word::In | Word::Some | Word::As => assigned || ruled || called,
            Word::Package | Word::Import => assigned || called,
            Word::Not | Word::And | Word::Or | Word::Contains => assigned || ruled,
            _ => false,
        };
        if refused {
            let word = self.text_of(token.span);
            return Err(Self::mistake(token.span, format!("{word} keyword cannot be used for rule name")));
        }
        Ok(())
    }

    /// Drops the tokens of the statements before, but for the last one.
    fn forget(&mut self) {
        self.tokens.drain(..self.next.saturating_sub(1));
        self.next = self.next.min(1);
        self.held = None;
    }

    /// Goes on at the next line that begins, at its very start, with a word: there rules begin.
    fn recover(&mut self) {
        self.next = self.next.min(self.tokens.len()).min(1);
        self.lexer.reset();
        let from = self.token().span.row;
        if !self.lexer.begins_line() {
            self.lexer.finish();
        }
        loop {
            let token = self.token();
            let begins = matches!(token.kind, Kind::Name | Kind::Word(_)) && token.span.column == 1 && token.span.row > from;
            if token.kind == Kind::End || (begins && token.kind != Kind::Word(Word::Else)) {
                break;
            }
            self.advance();
        }
    }
}
