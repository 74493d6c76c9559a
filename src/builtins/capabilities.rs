//! The table as OPA's capabilities document, which `opa`, `regal` and editors read.

use serde_json::{Map, Value as Json, json};

use super::types::{Argument, Decl, Type};
use super::{Builtin, table};

/// Everything that policies can call, OPA's builtins and ours, in the form of `opa capabilities`.
#[must_use]
pub fn capabilities() -> Json {
    json!({
        "builtins": table().iter().map(builtin).collect::<Vec<_>>(),
        "future_keywords": ["and", "not", "or"],
        "features": ["keywords_in_refs", "rego_v1", "rego_v2", "rego_v2_import", "template_strings"],
    })
}

fn builtin(builtin: &Builtin) -> Json {
    let mut entry = json!({ "name": builtin.name, "decl": decl(&builtin.decl) });
    let flags = [("nondeterministic", builtin.nondeterministic), ("deprecated", builtin.deprecated), ("relation", builtin.relation)];
    if let Some(entry) = entry.as_object_mut() {
        entry.extend(flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| (flag.to_owned(), Json::Bool(true))));
        entry.extend(builtin.infix.map(|infix| ("infix".to_owned(), Json::from(infix))));
    }
    entry
}

fn decl(decl: &Decl) -> Json {
    let mut entry = Map::from_iter([("type".to_owned(), Json::from("function"))]);
    if !decl.arguments.is_empty() {
        entry.insert("args".to_owned(), decl.arguments.iter().map(argument).collect());
    }
    entry.extend(decl.result.as_ref().map(|result| ("result".to_owned(), argument(result))));
    entry.extend(decl.variadic.as_ref().map(|of| ("variadic".to_owned(), kind(of))));
    Json::Object(entry)
}

fn argument(argument: &Argument) -> Json {
    kind(&argument.of)
}

fn kind(of: &Type) -> Json {
    match of {
        Type::Any(of) if of.is_empty() => json!({ "type": "any" }),
        Type::Any(of) => json!({ "type": "any", "of": of.iter().map(kind).collect::<Vec<_>>() }),
        Type::Null => json!({ "type": "null" }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Number => json!({ "type": "number" }),
        Type::String => json!({ "type": "string" }),
        Type::Set(of) => json!({ "type": "set", "of": kind(of) }),
        Type::Array { fixed, rest } => {
            let mut entry = Map::from_iter([("type".to_owned(), Json::from("array"))]);
            if !fixed.is_empty() {
                entry.insert("static".to_owned(), fixed.iter().map(kind).collect());
            }
            entry.extend(rest.as_ref().map(|rest| ("dynamic".to_owned(), kind(rest))));
            Json::Object(entry)
        }
        Type::Object { fixed, rest } => {
            let mut entry = Map::from_iter([("type".to_owned(), Json::from("object"))]);
            if !fixed.is_empty() {
                let members = fixed.iter().map(|(key, of)| json!({ "key": key, "value": kind(of) }));
                entry.insert("static".to_owned(), members.collect());
            }
            entry.extend(rest.as_ref().map(|rest| ("dynamic".to_owned(), json!({ "key": kind(&rest.0), "value": kind(&rest.1) }))));
            Json::Object(entry)
        }
    }
}
