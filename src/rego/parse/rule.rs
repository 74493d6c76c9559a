//! Rules.

use super::{Parse, Parser};
use crate::rego::ast::{Body, Else, Expr, ExprKind, Head, Rule, Span, TermKind};
use crate::rego::token::{Kind, Word};

/// A rule, and what the text of v1 rules must have.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) rule: Rule,
    /// A body without `if`, here.
    pub(super) bare_body: Option<Span>,
    /// A partial set without `contains`.
    pub(super) bare_key: bool,
    /// Neither value nor body.
    pub(super) bare_name: bool,
}

impl Parser<'_> {
    /// A rule; each body that is chained to it is one more.
    pub(super) fn rule(&mut self) -> Parse<Vec<Parsed>> {
        let start = self.token().span;
        if self.at_reference_word() {
            self.rename();
        }
        let default = self.at_word(Word::Default);
        if default {
            self.advance();
            if self.at_reference_word() {
                self.rename();
            }
            if let Kind::Word(_) = self.kind() {
                let word = self.word();
                return Err(Self::mistake(start, format!("{word} keyword cannot be used for rule name")));
            }
        }
        if !self.at(Kind::Name) {
            return Err(self.no_rule());
        }
        let mut head = self.head()?;
        if default {
            Self::check_default(&head)?;
            forget_no_parameters(&mut head);
            let rule =
                Rule { span: start.to(self.last()), default, head, body: Vec::new(), otherwise: Vec::new(), annotations: Vec::new() };
            return Ok(vec![Parsed { rule, bare_body: None, bare_key: false, bare_name: false }]);
        }
        self.rule_behind(start, head)
    }

    fn no_rule(&mut self) -> super::Mistake {
        match self.kind() {
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen => self.unexpected("nothing is open that it could close"),
            _ => self.unexpected("expected a rule, an import or a package"),
        }
    }

    /// The rule behind its head.
    fn rule_behind(&mut self, start: Span, mut head: Head) -> Parse<Vec<Parsed>> {
        let has_if = self.at_word(Word::If);
        let contains = head.key.is_some();
        let open = self.token().span;
        let has_body = has_if || self.at(Kind::OpenBrace);
        // `p[x] { .. }` and `p[x]` of v0 define a set; with `if` they define one member of an object.
        let bare_key = !has_if && !contains && head.parameters.is_none() && head.value.is_none() && head.name.path.len() == 1;
        if bare_key {
            head.key = head.name.path.pop();
        }
        let bare_name = !has_body && !contains && head.value.is_none() && head.parameters.is_none();
        let mut body = Vec::new();
        if has_if {
            self.advance();
            body = self.conditional()?;
        } else if has_body {
            self.advance();
            body = self.body(Kind::CloseBrace)?;
        } else if !contains {
            self.check_bare(&head)?;
        }
        forget_no_parameters(&mut head);
        let bare_body = (has_body && !has_if).then_some(start);
        let mut parsed = Parsed {
            rule: Rule { span: start, default: false, head, body, otherwise: Vec::new(), annotations: Vec::new() },
            bare_body,
            bare_key,
            bare_name: bare_name && !bare_key,
        };
        if has_body && self.at_word(Word::Else) && !self.at_reference_word() {
            self.otherwise(&mut parsed)?;
        }
        parsed.rule.span = start.to(self.last());
        let mut rules = vec![parsed];
        if has_body {
            self.chained(&mut rules, open, has_if)?;
        }
        Ok(rules)
    }

    /// A name that stands there alone, or with a value only.
    fn check_bare(&mut self, head: &Head) -> Parse<()> {
        if head.value.is_none() && head.key.is_none() && head.parameters.is_none() && head.name.path.is_empty() {
            let hint = match self.word() {
                word @ ("if" | "contains") => format!(" (hint: `import future.keywords.{word}` for `{word}` rules)"),
                _ => String::new(),
            };
            return Err(Self::mistake(head.span, format!("var cannot be used for rule name{hint}")));
        }
        if head.parameters.as_ref().is_some_and(Vec::is_empty) && head.value.is_none() {
            return Err(Self::mistake(head.span, "rule argument list must take at least one argument"));
        }
        let behind = self.text.get(head.name.head.span.end as usize..).unwrap_or_default();
        if head.span.end > head.name.head.span.end
            && behind.starts_with(char::is_whitespace)
            && behind.trim_start().starts_with(['(', '[', '.'])
        {
            // Only where a body follows may white space stand there.
            return Err(Self::mistake(head.span, "var cannot be used for rule name"));
        }
        match self.kind() {
            Kind::Semicolon | Kind::Operator(_) | Kind::Unify | Kind::Assign | Kind::Word(Word::With | Word::Else | Word::In) => {
                Err(self.unexpected("expected the end of the rule"))
            }
            Kind::Illegal => Err(self.unexpected("")),
            _ => Ok(()),
        }
    }

    /// What follows `if`: a body in braces or one expression.
    fn conditional(&mut self) -> Parse<Body> {
        if !self.at(Kind::OpenBrace) || self.is_brace_expression() {
            return Ok(vec![self.nested(Self::literal)?]);
        }
        self.advance();
        self.body(Kind::CloseBrace)
    }

    /// Whether the brace behind `if` begins an expression: an object, a comprehension, or a set with something behind it.
    fn is_brace_expression(&mut self) -> bool {
        let (next, depth, height) = (self.next, self.depth, self.height);
        let read = self.nested(Self::literal);
        let expression = match read {
            Ok(Expr { kind: ExprKind::Term(term), .. }) => !matches!(term.kind, TermKind::Set(_)),
            Ok(_) => true,
            Err(_) => false,
        };
        (self.next, self.depth, self.height, self.held) = (next, depth, height, None);
        expression
    }

    /// `else := value if { .. }`, any number of them.
    fn otherwise(&mut self, parsed: &mut Parsed) -> Parse<()> {
        if parsed.rule.head.name.path.iter().any(|element| !element.is_ground()) {
            return Err(self.unexpected("else keyword cannot be used on rules with variables in head"));
        }
        if parsed.rule.head.key.is_some() {
            return Err(self.unexpected("else keyword cannot be used on multi-value rules"));
        }
        while self.at_word(Word::Else) {
            let start = self.advance().span;
            let valued = matches!(self.kind(), Kind::Assign | Kind::Unify);
            let value = if valued {
                self.advance();
                Some(self.infix(None, true)?)
            } else {
                None
            };
            let has_if = self.at_word(Word::If);
            if !valued && !has_if && !self.at(Kind::OpenBrace) {
                return Err(self.unexpected("expected else value term or rule body"));
            }
            let body = if has_if || self.at(Kind::OpenBrace) { self.else_body(has_if)? } else { Vec::new() };
            if !has_if && !body.is_empty() {
                parsed.bare_body = parsed.bare_body.or(Some(start));
            }
            let last = body.is_empty();
            parsed.rule.otherwise.push(Else { span: start.to(self.last()), value, body });
            if last {
                break;
            }
        }
        Ok(())
    }

    fn else_body(&mut self, has_if: bool) -> Parse<Body> {
        if has_if {
            self.advance();
        }
        if self.at(Kind::OpenBrace) {
            self.advance();
            return self.body(Kind::CloseBrace);
        }
        if self.at(Kind::End) {
            return Err(self.unexpected("rule body expected"));
        }
        Ok(vec![self.nested(Self::literal)?])
    }

    /// `{ .. }` behind a rule: the same rule with another body.
    fn chained(&mut self, rules: &mut Vec<Parsed>, _open: Span, has_if: bool) -> Parse<()> {
        while self.at(Kind::OpenBrace) {
            let start = self.token().span;
            let Some(first) = rules.first() else { return Ok(()) };
            if !first.rule.otherwise.is_empty() {
                return Err(self.unexpected("expected else keyword"));
            }
            let head = Head { span: start, ..first.rule.head.clone() };
            let bare_key = first.bare_key;
            self.advance();
            let body = self.body(Kind::CloseBrace)?;
            let span = start.to(self.last());
            let rule = Rule { span, default: false, head, body, otherwise: Vec::new(), annotations: Vec::new() };
            rules.push(Parsed { rule, bare_body: (!has_if).then_some(start), bare_key, bare_name: false });
        }
        Ok(())
    }
}

/// `f() := 1` defines no function, as OPA has it.
fn forget_no_parameters(head: &mut Head) {
    if head.parameters.as_ref().is_some_and(Vec::is_empty) {
        head.parameters = None;
    }
}
