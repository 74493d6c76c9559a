//! `package` and `import`.

use super::{Parse, Parser};
use crate::rego::ast::{Import, Package, Span, Term, Version};
use crate::rego::token::{Kind, Word};

impl Parser<'_> {
    /// `package a.b`
    pub(super) fn package(&mut self) -> Parse<Package> {
        let start = self.advance().span;
        let path = self.path("package path")?;
        Ok(Package { span: start.to(self.last()), path: path.into_iter().map(|(_, name)| name).collect() })
    }

    /// `import data.a.b as c`; keywords that it brings are known from here on.
    pub(super) fn import(&mut self) -> Parse<Import> {
        let start = self.advance().span;
        let path = self.path("import path")?;
        let first = path.first().map(|(span, name)| (*span, name.clone())).unwrap_or_default();
        if !matches!(first.1.as_str(), "data" | "input" | "future" | "rego") {
            let message = format!("unexpected import path, must begin with one of: {{data, future, input, rego}}, got: {}", first.1);
            return Err(Self::mistake(first.0, message));
        }
        let alias = self.alias()?;
        let end = self.last();
        if alias.is_none() && first.1 != "future" {
            self.refuse_keyword(&path)?;
        }
        let names: Vec<String> = path.into_iter().map(|(_, name)| name).collect();
        match first.1.as_str() {
            "future" => self.future(first.0, &names, alias.as_ref())?,
            "rego" => self.language(first.0, &names, alias.as_ref())?,
            _ => {}
        }
        Ok(Import { span: start.to(end), path: names, alias: alias.map(|(_, name)| name) })
    }

    /// The names of a path, all of them constant.
    fn path(&mut self, what: &str) -> Parse<Vec<(Span, String)>> {
        if !matches!(self.kind(), Kind::Name | Kind::Word(_)) {
            return Err(self.unexpected(&format!("expected {what}")));
        }
        let first = self.advance().span;
        let mut path = vec![(first, self.text_of(first).to_owned())];
        let head = self.behind(Term::var(first, self.text_of(first)))?;
        match head.kind {
            crate::rego::ast::TermKind::Var(_) => Ok(path),
            crate::rego::ast::TermKind::Ref(reference) if reference.head.as_var().is_some() => {
                for element in reference.path {
                    match element.as_string() {
                        Some(name) => path.push((element.span, name.to_owned())),
                        None => return Err(Self::mistake(element.span, format!("{what} must consist of names and strings"))),
                    }
                }
                Ok(path)
            }
            _ => Err(Self::mistake(first, format!("expected {what}"))),
        }
    }

    /// `as name`
    fn alias(&mut self) -> Parse<Option<(Span, String)>> {
        if !self.at_word(Word::As) {
            return Ok(None);
        }
        self.advance();
        let token = self.token();
        let name = self.text_of(token.span);
        let behind = self.ahead(1);
        let is_reference = !behind.spaced && matches!(behind.kind, Kind::Dot | Kind::OpenBracket | Kind::OpenParen);
        if token.kind != Kind::Name || is_reference {
            return Err(self.unexpected("expected var"));
        }
        if matches!(name, "input" | "data") {
            return Err(Self::mistake(token.span, format!("unexpected import alias, must not be a reserved name, got: {name}")));
        }
        self.advance();
        Ok(Some((token.span, name.to_owned())))
    }

    /// The last element names the import: no keyword can.
    fn refuse_keyword(&self, path: &[(Span, String)]) -> Parse<()> {
        let Some((span, name)) = path.last() else { return Ok(()) };
        let keyword = match Word::of(name) {
            None => false,
            Some(Word::In | Word::Every | Word::Contains | Word::If) => self.version >= Version::V1,
            Some(Word::And | Word::Or) => self.version >= Version::V2,
            Some(_) => true,
        };
        if keyword {
            let message =
                format!("unexpected import path, must not end with a keyword, got: {name} (hint: import a different path or use an alias)");
            return Err(Self::mistake(*span, message));
        }
        Ok(())
    }

    /// `future.keywords`, `future.keywords.in`
    fn future(&mut self, span: Span, path: &[String], alias: Option<&(Span, String)>) -> Parse<()> {
        if path.get(1).map(String::as_str) != Some("keywords") || path.len() > 3 {
            return Err(Self::mistake(span, "invalid import, must be `future.keywords`"));
        }
        if let Some((span, _)) = alias {
            return Err(Self::mistake(*span, "`future` imports cannot be aliased"));
        }
        let keywords = &mut self.keywords;
        match path.get(2).map(String::as_str) {
            None => *keywords = Version::V2.keywords(),
            Some("in") => keywords.member = true,
            Some("every") => (keywords.every, keywords.member) = (true, true),
            Some("contains") => keywords.contains = true,
            Some("if") => keywords.when = true,
            Some("not") => keywords.not = true,
            Some("and") => keywords.and = true,
            Some("or") => keywords.or = true,
            Some(_) => {
                return Err(Self::mistake(span, "unexpected keyword, must be one of [and contains every if in not or]"));
            }
        }
        Ok(())
    }

    /// `rego.v1`, `rego.v2`
    fn language(&mut self, span: Span, path: &[String], alias: Option<&(Span, String)>) -> Parse<()> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let version = match path.as_slice() {
            ["rego", "v1"] => Version::V1,
            ["rego", "v2"] => Version::V2,
            _ => {
                let message = format!("invalid import `{}`, must be one of: `rego.v1`, `rego.v2`", path.join("."));
                return Err(Self::mistake(span, message));
            }
        };
        if let Some((span, _)) = alias {
            return Err(Self::mistake(*span, "`rego` imports cannot be aliased"));
        }
        let (now, new) = (self.keywords, version.keywords());
        self.keywords = crate::rego::ast::Keywords {
            member: now.member || new.member,
            every: now.every || new.every,
            contains: now.contains || new.contains,
            when: now.when || new.when,
            not: now.not || new.not,
            and: now.and || new.and,
            or: now.or || new.or,
        };
        Ok(())
    }
}
