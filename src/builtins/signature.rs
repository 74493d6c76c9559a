//! The declarations, one line each in OPA's own notation: `concat (delimiter: string, ..) => output: string`.
//!
//! `opa-1.22.txt` is OPA's list, `ours.txt` is what we add. The notation's end may carry flags after ` # `.

use super::types::{Argument, Decl, Type};
use super::{Availability, Builtin};

const OPA: &str = include_str!("opa-1.22.txt");
const OURS: &str = include_str!("ours.txt");

/// Every builtin that is declared. One without a function of ours is the engine's.
pub(super) fn declared() -> impl Iterator<Item = Builtin> {
    OPA.lines().chain(OURS.lines()).filter_map(read_line)
}

fn read_line(line: &'static str) -> Option<Builtin> {
    let (signature, flags) = line.split_once(" # ").unwrap_or((line, ""));
    let (name, types) = signature.split_once(' ')?;
    let decl = Reader { rest: types }.decl()?;
    Some(Builtin {
        name,
        decl,
        nondeterministic: has_flag(flags, "nondeterministic"),
        deprecated: has_flag(flags, "deprecated"),
        relation: has_flag(flags, "relation"),
        infix: flags.split(' ').find_map(|flag| flag.strip_prefix("infix=")),
        availability: Availability::Engine,
    })
}

fn has_flag(flags: &str, flag: &str) -> bool {
    flags.split(' ').any(|given| given == flag)
}

/// Reads a declaration from its front.
struct Reader {
    rest: &'static str,
}

impl Reader {
    fn eat(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn decl(&mut self) -> Option<Decl> {
        let mut decl = Decl { arguments: Vec::new(), variadic: None, result: None };
        self.eat("(").then_some(())?;
        while !self.eat(")") {
            if self.eat("...") {
                decl.variadic = Some(self.read_type()?);
            } else {
                decl.arguments.push(self.argument()?);
            }
            self.eat(", ");
        }
        if self.eat(" => ") {
            decl.result = Some(self.argument()?);
        }
        Some(decl)
    }

    /// A name is whatever stands before the first colon, if no bracket comes before it.
    fn argument(&mut self) -> Option<Argument> {
        let end = self.rest.find([':', ',', ')', '<', '[']).unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        let name = after.strip_prefix(": ").map(|after| {
            self.rest = after;
            word.to_owned()
        });
        Some(Argument { name, of: self.read_type()? })
    }

    fn read_type(&mut self) -> Option<Type> {
        let end = self.rest.find([':', ',', ')', '<', '[', ']', '>']).unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        self.rest = after;
        Some(match word {
            "any" => Type::Any(self.list()?),
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "number" => Type::Number,
            "string" => Type::String,
            "array" => Type::Array { fixed: self.list()?, rest: self.rest_of_array()? },
            "set" => Type::Set(self.rest_of_array()??),
            "object" => Type::Object { fixed: self.members()?, rest: self.rest_of_object()? },
            _ => return None,
        })
    }

    fn list(&mut self) -> Option<Vec<Type>> {
        let mut types = Vec::new();
        if self.eat("<") {
            while !self.eat(">") {
                types.push(self.read_type()?);
                self.eat(", ");
            }
        }
        Some(types)
    }

    fn members(&mut self) -> Option<Vec<(String, Type)>> {
        let mut members = Vec::new();
        if self.eat("<") {
            while !self.eat(">") {
                let (key, rest) = self.rest.split_once(": ")?;
                self.rest = rest;
                members.push((key.to_owned(), self.read_type()?));
                self.eat(", ");
            }
        }
        Some(members)
    }

    #[expect(clippy::option_option, reason = "none is what cannot be read, some none is what is not there")]
    fn rest_of_array(&mut self) -> Option<Option<Box<Type>>> {
        if !self.eat("[") {
            return Some(None);
        }
        let of = self.read_type()?;
        self.eat("]").then_some(Some(Box::new(of)))
    }

    #[expect(clippy::option_option, reason = "none is what cannot be read, some none is what is not there")]
    fn rest_of_object(&mut self) -> Option<Option<Box<(Type, Type)>>> {
        if !self.eat("[") {
            return Some(None);
        }
        let key = self.read_type()?;
        self.eat(": ").then_some(())?;
        let value = self.read_type()?;
        self.eat("]").then_some(Some(Box::new((key, value))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_written_back_as_it_stands() {
        for line in OPA.lines().chain(OURS.lines()) {
            let builtin = read_line(line).unwrap_or_else(|| panic!("cannot read {line}"));
            let mut parts: Vec<String> = builtin.decl.arguments.iter().map(ToString::to_string).collect();
            parts.extend(builtin.decl.variadic.iter().map(|of| format!("...{of}")));
            let result = builtin.decl.result.as_ref().map(|result| format!(" => {result}")).unwrap_or_default();
            let written = format!("{} ({}){result}", builtin.name, parts.join(", "));
            assert_eq!(line.split(" # ").next(), Some(written.as_str()));
        }
    }
}
