//! What reaches out of an evaluation or into the engine, and what is not there.

use std::fmt::Write as _;

use super::call::Value;
use super::operand::{self, Answer, Fault, type_name};
use super::{Availability, Family, order, term_text};

pub(super) const FAMILY: Family = &[
    ("assign", Availability::Rewritten),
    ("graphql.is_valid", GRAPHQL),
    ("graphql.parse", GRAPHQL),
    ("graphql.parse_and_verify", GRAPHQL),
    ("graphql.parse_query", GRAPHQL),
    ("graphql.parse_schema", GRAPHQL),
    ("graphql.schema_is_valid", GRAPHQL),
    ("http.send", Availability::OffByDefault),
    ("internal.print", Availability::Rewritten),
    ("internal.template_string", Availability::Pure(template_string)),
    ("internal.test_case", Availability::Rewritten),
    // Policies see nothing of the process that they run in.
    ("opa.runtime", Availability::Pure(|_| Ok(Value::new_object()))),
    ("print", Availability::Rewritten),
    ("providers.aws.sign_req", Availability::Absent("requests are not signed for cloud providers here")),
    ("rego.metadata.chain", Availability::Rewritten),
    ("rego.metadata.rule", Availability::Rewritten),
    ("rego.parse_module", Availability::Absent("the syntax tree would not be OPA's")),
    ("trace", Availability::Pure(|operands| operand::string(operands, 1).map(|_| Value::from(true)))),
];

const GRAPHQL: Availability = Availability::Absent("no library gives OPA's syntax trees and messages");

/// `$"..{x}.."`: literal parts, and a set of one value or none for each expression.
fn template_string(operands: &[Value]) -> Answer {
    let mut text = String::new();
    for part in operand::array(operands, 1)? {
        let value = match part {
            Value::Set(values) => match order::of_set(values).as_slice() {
                [] => {
                    text.push_str("<undefined>");
                    continue;
                }
                [one] => *one,
                _ => return Err(Fault::failed("template-strings must not produce multiple outputs")),
            },
            Value::Array(_) | Value::Object(_) => return Err(Fault::failed(format!("illegal argument type: {}", type_name(part)))),
            scalar => scalar,
        };
        match value {
            Value::String(literal) => text.push_str(literal),
            other => {
                let _ = write!(text, "{}", term_text::of(other));
            }
        }
    }
    Ok(Value::from(text))
}
