//! `regex.template_match`: literal text with expressions between delimiters.

use super::{Answer, Fault, Value, compile, operand};

pub(super) fn is_match(operands: &[Value]) -> Answer {
    let (template, text) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    let (start, end) = (operand::string(operands, 3)?, operand::string(operands, 4)?);
    let one = |text: &str, which: &str| {
        // Both complaints tell the length of the start delimiter, as OPA's do.
        let complaint = format!("{which} delimiter has to be exactly one character long but is {} long", start.len());
        if text.len() == 1 { text.chars().next().ok_or_else(|| Fault::failed(complaint)) } else { Err(Fault::failed(complaint)) }
    };
    let pattern = pattern(template, one(start, "start")?, one(end, "end")?)?;
    Ok(Value::from(compile(&pattern)?.regex.on(text)?.is_match(text)))
}

fn pattern(template: &str, start: char, end: char) -> Result<String, Fault> {
    let unbalanced = || {
        let mut quoted = String::new();
        crate::builtins::term_text::quote(template, &mut quoted);
        Fault::failed(format!("unbalanced braces in {quoted}"))
    };
    let (mut pattern, mut part) = (String::from("^"), String::new());
    let mut level = 0_usize;
    for c in template.chars() {
        if c == start {
            level += 1;
            if level == 1 {
                pattern.push_str(&regex::escape(&std::mem::take(&mut part)));
                continue;
            }
        } else if c == end {
            level = level.checked_sub(1).ok_or_else(unbalanced)?;
            if level == 0 {
                compile(&format!("^{part}$"))?;
                pattern.extend(['('].into_iter().chain(std::mem::take(&mut part).chars()).chain([')']));
                continue;
            }
        }
        part.push(c);
    }
    if level != 0 {
        return Err(unbalanced());
    }
    pattern.push_str(&regex::escape(&part));
    pattern.push('$');
    Ok(pattern)
}
