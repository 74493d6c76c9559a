//! Calls by their number: recorded ones with something changed, ones of the declared types, and hostile ones.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::builtins::recorded::value;
use crate::builtins::{Availability, Builtin, Type, Value, lookup, table};

mod change;
mod random;

pub(super) use random::Random;

/// Makes calls.
#[derive(Debug)]
pub(super) struct Generator {
    builtins: Vec<&'static Builtin>,
    recorded: BTreeMap<&'static str, Vec<Vec<Value>>>,
    /// Texts by the family of the builtins that were called with them.
    texts: BTreeMap<String, Vec<String>>,
    hostile: Vec<Value>,
}

/// What is before the first dot.
fn family(name: &str) -> String {
    name.split('.').next().unwrap_or(name).to_owned()
}

fn texts_of(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.to_string()),
        Value::Array(array) => array.iter().for_each(|item| texts_of(item, out)),
        Value::Set(set) => set.iter().for_each(|item| texts_of(item, out)),
        Value::Object(object) => object.iter().for_each(|(key, member)| {
            texts_of(key, out);
            texts_of(member, out);
        }),
        _ => {}
    }
}

impl Generator {
    /// From the recorded calls.
    pub(super) fn new() -> Self {
        let is_called = |builtin: &&Builtin| {
            let is_ours = matches!(builtin.availability, Availability::Pure(_) | Availability::Calling(_));
            is_ours && !builtin.reaches_outside()
        };
        let mut generator = Generator {
            builtins: table().iter().filter(is_called).collect(),
            recorded: BTreeMap::new(),
            texts: BTreeMap::new(),
            hostile: hostile(),
        };
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/builtins");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for path in files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")) {
            std::fs::read_to_string(path).unwrap().lines().for_each(|line| generator.learn(line));
        }
        generator
    }

    fn learn(&mut self, line: &str) {
        let line: Json = serde_json::from_str(line).unwrap();
        let Some(builtin) = lookup(line["name"].as_str().unwrap()) else { return };
        let operands: Vec<Value> = line["args"].as_array().unwrap().iter().map(value).collect();
        let texts = self.texts.entry(family(builtin.name)).or_default();
        for operand in &operands {
            texts_of(operand, texts);
        }
        self.recorded.entry(builtin.name).or_default().push(operands);
    }

    /// The call of this number.
    pub(super) fn call(&self, number: u64) -> (&'static Builtin, Vec<Value>) {
        let mut random = Random::new(number);
        let builtin = self.builtins[random.below(self.builtins.len())];
        let recorded = self.recorded.get(builtin.name).filter(|_| random.chance(60));
        let mut operands = match recorded {
            Some(calls) => calls[random.below(calls.len())].clone(),
            None => builtin.decl.arguments.iter().map(|argument| self.typed(builtin, &argument.of, &mut random)).collect(),
        };
        for _ in 0..random.below(3) {
            if operands.is_empty() {
                break;
            }
            let at = random.below(operands.len());
            operands[at] =
                if random.chance(8) { self.any(builtin, 3, &mut random) } else { self.changed(builtin, &operands[at], &mut random) };
        }
        (builtin, operands)
    }

    /// A call that another library can be asked, and answers in its turn: of moderate size, and no chance in it.
    pub(super) fn comparable(&self, number: u64) -> Option<(&'static Builtin, Vec<Value>)> {
        let (builtin, operands) = self.call(number);
        let by_chance = builtin.nondeterministic || builtin.name.starts_with("io.jwt.encode_sign") || builtin.name == "opa.runtime";
        (!by_chance && super::written::call(builtin.name, &operands).len() < 3_000).then_some((builtin, operands))
    }

    /// A value of a type, most of the time.
    fn typed(&self, builtin: &Builtin, of: &Type, random: &mut Random) -> Value {
        if random.chance(5) {
            return self.any(builtin, 2, random);
        }
        let count = random.below(4);
        match of {
            Type::Null => Value::Null,
            Type::Boolean => Value::from(random.chance(50)),
            Type::Number => random.number(),
            Type::String => Value::from(self.text(builtin, random)),
            Type::Any(of) if of.is_empty() => self.any(builtin, 3, random),
            Type::Any(of) => self.typed(builtin, &of[random.below(of.len())], random),
            Type::Set(of) => (0..count).map(|_| self.typed(builtin, of, random)).collect::<regorus::value::Set>().into_value(),
            Type::Array { fixed, rest } => {
                let mut items: Vec<Value> = fixed.iter().map(|of| self.typed(builtin, of, random)).collect();
                if let Some(of) = rest {
                    items.extend((0..count).map(|_| self.typed(builtin, of, random)));
                }
                Value::from(items)
            }
            Type::Object { fixed, rest } => {
                let mut members: Vec<(Value, Value)> =
                    fixed.iter().map(|(key, of)| (Value::from(key.as_str()), self.typed(builtin, of, random))).collect();
                if let Some(of) = rest {
                    members.extend((0..count).map(|_| (self.typed(builtin, &of.0, random), self.typed(builtin, &of.1, random))));
                }
                members.into_iter().collect::<regorus::value::Object>().into_value()
            }
        }
    }

    /// Any value at all.
    fn any(&self, builtin: &Builtin, levels: usize, random: &mut Random) -> Value {
        let count = random.below(4);
        match random.below(if levels == 0 { 5 } else { 9 }) {
            0 => Value::from(self.text(builtin, random)),
            1 | 2 => random.number(),
            3 => Value::from(random.chance(50)),
            4 => Value::Null,
            5 => Value::from((0..count).map(|_| self.any(builtin, levels - 1, random)).collect::<Vec<_>>()),
            6 => (0..count).map(|_| self.any(builtin, levels - 1, random)).collect::<regorus::value::Set>().into_value(),
            7 => {
                let member = |random: &mut Random| (self.any(builtin, levels - 1, random), self.any(builtin, levels - 1, random));
                (0..count).map(|_| member(random)).collect::<regorus::value::Object>().into_value()
            }
            _ => self.hostile[random.below(self.hostile.len())].clone(),
        }
    }

    /// A text that builtins of the family were called with, or another, and perhaps changed.
    fn text(&self, builtin: &Builtin, random: &mut Random) -> String {
        let own = self.texts.get(&family(builtin.name)).filter(|texts| !texts.is_empty() && random.chance(75));
        let mut text = match own {
            Some(texts) => texts[random.below(texts.len())].clone(),
            None => random.text(),
        };
        for _ in 0..random.below(3) {
            text = random.changed_text(&text);
        }
        text
    }
}

/// Texts that functions are not made for.
const HOSTILE: [&str; 33] = [
    "",
    "\0",
    "%",
    "%!",
    "%1000000d%1000000d",
    "%[999999999999]d",
    "{{",
    "((((",
    "[",
    "a{1000}{1000}",
    "(a*)*b",
    "(x+x+)+y",
    "{a,{b,{c,**}}}**{d,*}",
    "\\",
    "é\u{301}",
    "1e999999",
    "1e20000",
    "::/0",
    "0.0.0.0/0",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    "a.b.c",
    "{\"keys\":[{}]}",
    "[[[[",
    "$$${",
    "/a/~2/-",
    "9999999999999999999999y",
    "\u{202e}",
    "http://[::1%25]:99999/%zz",
    "!!binary",
    "&a [*a]",
    "/////4D//w==",
    "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ne: [*d,*d,*d,*d]",
    "{{range .x}}{{range $.x}}{{range $.x}}{{.}}{{end}}{{end}}{{end}}",
];

/// Values that functions are not made for.
pub(in crate::builtins) fn hostile() -> Vec<Value> {
    let deep = (0..900).fold(Value::new_array(), |inner, _| Value::from(vec![inner]));
    let long = "a".repeat(100_000);
    let mut values: Vec<Value> = HOSTILE.into_iter().map(Value::from).collect();
    values.extend([
        Value::from(long.as_str()),
        Value::from("[".repeat(50_000)),
        Value::from("(".repeat(20_000)),
        Value::from("{a".repeat(5_000)),
        Value::from(format!("query {}", "{a".repeat(20_000))),
        Value::Null,
        Value::from(true),
        Value::from(0),
        Value::from(-1),
        Value::from(1_000_000_000),
        Value::from(i64::MIN),
        Value::from(u64::MAX),
        Value::from(1e308),
        Value::from(-0.0),
        Value::from_numeric_string(&format!("1{}", "0".repeat(5_000))).unwrap(),
        Value::new_array(),
        Value::new_object(),
        Value::new_set(),
        deep.clone(),
        Value::from((0..20_000).map(|_| Value::from("xy")).collect::<Vec<_>>()),
        (0..5_000).map(Value::from).collect::<regorus::value::Set>().into_value(),
        Value::from(vec![Value::from("a"), Value::from(1), Value::Null]),
        Value::from(vec![Value::from(1e300), Value::from(-1e300), Value::from(i64::MAX)]),
        [(Value::from("a"), deep), (Value::from(1), Value::Null)].into_iter().collect::<regorus::value::Object>().into_value(),
        [Value::from("x"), Value::from(2)].into_iter().collect::<regorus::value::Set>().into_value(),
    ]);
    values
}
