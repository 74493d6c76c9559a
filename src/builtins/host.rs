//! What reaches out of an evaluation or into the engine, and what is not there.

use std::fmt::Write as _;

use super::call::Value;
use super::operand::{self, Answer, Fault, type_name};
use super::{Availability, Family, order, term_text};

pub(super) const FAMILY: Family = &[
    ("assign", Availability::Rewritten),
    ("http.send", Availability::OffByDefault),
    ("internal.print", Availability::Rewritten),
    ("internal.template_string", Availability::Pure(template_string)),
    ("internal.test_case", Availability::Rewritten),
    // Policies see nothing of the process that they run in.
    ("opa.runtime", Availability::Pure(|_| Ok(Value::new_object()))),
    ("print", Availability::Rewritten),
    ("rego.metadata.chain", Availability::Rewritten),
    ("rego.metadata.rule", Availability::Rewritten),
    ("rego.parse_module", Availability::Absent("the syntax tree would not be OPA's")),
    ("trace", Availability::Pure(|operands| operand::string(operands, 1).map(|_| Value::from(true)))),
];

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
