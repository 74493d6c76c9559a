//! Programs of several packages, with the rarer forms of the language: names with variables in them, chains of `else`,
//! functions with patterns and defaults, nested `with`, closures in closures, `not { .. }`, `and`, `or`, computed references.

use super::{Generator, tidy};

/// What each package begins with.
const HEAD: &str = "import future.keywords.and\nimport future.keywords.not\nimport future.keywords.or\n";

/// What each package has: functions of every kind, documents of unknown and of known types.
const COMMON: &str = r#"
f(x) := x
f2(x, y) := y if x == y
f2(x, y) := x if x != y
g([a, b]) := a if b
g({"k": v}) := v
g({"k": {"l": [v, _]}}) := v
h(x) if x.k
default d(_) := "none"
d(x) := x.l if x.k == 1
e(x) := "number" if is_number(x) else := "text" if is_string(x) else := [x] if is_array(x)
default s(_, _) := 0
s(x, x) := 1
base := json.unmarshal(`{"k": 1, "l": [1, 2], "m": {"x": "y"}}`)
table := {"k": {"l": 1}, "l": {"l": 2, "m": [1, "a"]}}
set_of contains x if some x in input.a
"#;

impl Generator {
    /// The modules of a program, each after those that it refers to.
    pub(crate) fn program(&mut self) -> Vec<String> {
        let count = 1 + self.below(3);
        (0..count).map(|number| self.package(number)).collect()
    }

    fn package(&mut self, number: usize) -> String {
        let mut text = format!("package t{number}\n\n{HEAD}");
        if number > 0 {
            text.push_str("import data.t0 as lib\nimport data.t0.base as imported\n");
        }
        text.push_str(COMMON);
        for index in 0..2 + self.below(3) {
            let rule = if self.below(4) == 0 { self.rule(index) } else { self.rare_rule(number, index) };
            text.push_str(&tidy::unused(&rule));
        }
        text
    }

    fn rare_rule(&mut self, number: usize, index: usize) -> String {
        self.variables.clear();
        self.next = 0;
        let body = self.rare_body(number, 3);
        let (value, key, other) = (self.term(2), self.key(), self.key());
        let name = format!("p{index}");
        match self.below(9) {
            0 => format!("{name}.b[{key}].c := {value} if {{\n{body}}}\n"),
            1 => format!("{name}[{key}] contains {value} if {{\n{body}}}\n"),
            2 => format!("{name}[{key}][{other}] := {value} if {{\n{body}}}\n"),
            3 => {
                let mut text = format!("{name} := {value} if {{\n{body}}}");
                for _ in 0..=self.below(2) {
                    self.variables.clear();
                    let (body, value) = (self.rare_body(number, 1), self.term(1));
                    text.extend([" else := ", &value, " if {\n", &body, "}"]);
                }
                text + "\n"
            }
            4 => {
                self.variables.clear();
                let more = self.rare_body(number, 1);
                let another = self.term(1);
                format!("{name} contains {value} if {{\n{body}}}\n{name} contains {another} if {{\n{more}}}\n")
            }
            5 => self.function(number, &name),
            6 => format!(
                "default {name} := {}\n{name} := {value} if {{\n{body}}}\n",
                self.one_of(&["{}", "[x | x := 1]", "false", "\"no\""])
            ),
            7 => format!("{name} := {value} if {{\n{body}}}\n"),
            _ => format!("{name} := {{{value}: {key} |\n{body}}}\n"),
        }
    }

    /// A key of a partial object: a variable, or a constant.
    fn key(&mut self) -> String {
        let index = self.below(self.variables.len() + 1);
        self.variables.get(index).cloned().unwrap_or_else(|| self.one_of(&["\"k\"", "\"l\"", "1"]).to_owned())
    }

    fn function(&mut self, number: usize, name: &str) -> String {
        self.variables.clear();
        let parameter = ["x", "[x, y]", "{\"k\": x}", "{\"k\": [x, _]}", "[{\"k\": x}, y]", "[x, x]"][self.below(6)];
        self.variables.push("x".to_owned());
        if parameter.contains('y') {
            self.variables.push("y".to_owned());
        }
        let (body, value) = (self.rare_body(number, 1), self.term(1));
        let (argument, other) = (self.pattern_value(), self.reference_outside());
        format!(
            "{name}_f({parameter}) := {value} if {{\n{body}}}\n{name}_f(1) := \"one\"\n{name} := [r | some a in [{argument}, {other}, 1]; r := {name}_f(a)]\n"
        )
    }

    fn pattern_value(&mut self) -> String {
        self.one_of(&["[1, 2]", "[1, 1]", "{\"k\": 1}", "{\"k\": [1, 2]}", "[{\"k\": 1}, input.n]", "input.o", "input.a"]).to_owned()
    }

    fn reference_outside(&mut self) -> String {
        self.variables.clear();
        self.reference()
    }

    fn rare_body(&mut self, number: usize, count: usize) -> String {
        let count = 1 + self.below(count);
        let lines =
            (0..count).map(|_| format!("  {}\n", if self.below(3) == 0 { self.literal() } else { self.rare_literal(number) })).collect();
        self.ordered(lines)
    }

    /// The text of a literal that no set in braces is.
    fn operand_literal(&mut self) -> String {
        let literal = self.literal();
        if self.below(4) == 0 { literal } else { format!("{literal}; {}", self.one_of(&["input.n", "1 == 1", "not input.missing"])) }
    }

    fn rare_literal(&mut self, number: usize) -> String {
        self.depth += 1;
        let choices = if self.depth > 2 { 7 } else { 16 };
        let text = match self.below(choices) {
            0 => {
                let (key, collection) = (self.scalar_key(), self.collection());
                self.binding(|name| format!("some {{\"{key}\": {name}}} in {collection}"))
            }
            1 => {
                let (collection, other) = (self.collection(), self.declared());
                self.variables.push(other.clone());
                self.binding(|name| format!("some {other}, [{name}, _] in {collection}"))
            }
            2 => {
                let path = self.computed(number);
                self.binding(|name| format!("{name} := {path}"))
            }
            3 => {
                let path = self.computed(number);
                let key = self.declared();
                self.variables.push(key.clone());
                self.binding(|name| format!("{name} := {path}[{key}]"))
            }
            4 => format!("{} in {}", self.term(0), self.computed(number)),
            5 => {
                let (one, two) = (self.reference(), self.call());
                self.binding(|name| format!("{name} := $\"<{{{one}}}|{{{two}}}>\""))
            }
            6 => format!("{} == {}", self.computed(number), self.term(1)),
            7 => self.within(|generator| format!("not {{ {}; {} }}", generator.rare_literal(number), generator.literal())),
            8 => self.within(|generator| format!("{{ {} }} or {{ {} }}", generator.operand_literal(), generator.operand_literal())),
            9 => self.within(|generator| format!("{{ {} }} and {{ {} }}", generator.operand_literal(), generator.operand_literal())),
            10 => self.every_pair(number),
            11 => {
                let term = self.nested_comprehension(number);
                self.binding(|name| format!("{name} := {term}"))
            }
            12 => {
                let path = self.computed(number);
                let modifiers = self.modifiers(number);
                self.binding(|name| format!("{name} := {path}{modifiers}"))
            }
            13 => {
                let operation = self.operation();
                let modifiers = self.modifiers(number);
                format!("not {operation}{modifiers}")
            }
            14 => {
                let value = self.term(1);
                let path = self.declared();
                self.variables.push(path.clone());
                self.binding(|name| format!("[{path}, {name}] := walk({value})[_]"))
            }
            _ => {
                let (value, one) = (self.reference(), self.declared());
                self.variables.push(one.clone());
                self.binding(|name| format!("{{\"k\": {one}, \"l\": [{name}, _]}} = {value}"))
            }
        };
        self.depth -= 1;
        text
    }

    fn scalar_key(&mut self) -> &'static str {
        self.one_of(&["k", "l", "p"])
    }

    /// What is bound in `make` is forgotten behind it.
    fn within(&mut self, make: impl FnOnce(&mut Self) -> String) -> String {
        let before = self.variables.clone();
        let text = make(self);
        self.variables = before;
        text
    }

    fn every_pair(&mut self, number: usize) -> String {
        let collection = self.collection();
        self.within(|generator| {
            let (key, value) = (generator.declared(), generator.declared());
            generator.variables.extend([key.clone(), value.clone()]);
            format!("every {key}, {value} in {collection} {{ {}; {} }}", generator.literal(), generator.rare_literal(number))
        })
    }

    fn nested_comprehension(&mut self, number: usize) -> String {
        self.within(|generator| {
            let outer = generator.literal();
            let inner = generator.within(|generator| {
                let (one, two) = (generator.rare_literal(number), generator.literal());
                let head = generator.term(1);
                format!("[{head} | {one}; {two}]")
            });
            let head = generator.term(1);
            match generator.below(3) {
                0 => format!("[[{head}, {inner}] | {outer}]"),
                1 => format!("{{{inner} | {outer}}}"),
                _ => format!("{{json.marshal({head}): {inner} | {outer}}}"),
            }
        })
    }

    /// A document or a call, also of another package, some by a computed name.
    fn computed(&mut self, number: usize) -> String {
        let below = self.below(number.max(1));
        let own =
            ["table[base.l[0]]", "table[\"k\"]", "table.l.m", "base[\"l\"]", "e(input.n)", "s(input.n, input.m)", "g(base)", "d(table)"];
        if number == 0 || self.below(2) == 0 {
            return self.one_of(&own).to_owned();
        }
        let rule = self.below(4);
        match self.below(8) {
            0 => format!("data.t{below}.p{rule}"),
            1 => format!("data.t{below}[concat(\"\", [\"p\", \"{rule}\"])]"),
            2 => "lib.e(input.s)".to_owned(),
            3 => "imported.l".to_owned(),
            4 => format!("data.t{below}.table[input.s]"),
            5 => format!("data.t{below}.table[_].l"),
            6 => format!("data[\"t{below}\"].base.m"),
            _ => "lib.set_of".to_owned(),
        }
    }

    fn modifiers(&mut self, number: usize) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(2) {
            let below = self.below(number.max(1));
            let modifier = match self.below(if number == 0 { 4 } else { 7 }) {
                0 => format!(" with input as {}", self.one_of(&["{\"n\": 5, \"a\": [5, 6], \"s\": \"k\"}", "{}", "[1]"])),
                1 => format!(" with input.n as {}", self.scalar()),
                2 => " with input.o.k as [input.n]".to_owned(),
                3 => " with startswith as true".to_owned(),
                4 => format!(" with data.t{below}.base as {}", self.one_of(&["{\"k\": 1}", "input.o", "{\"l\": [2, 1]}"])),
                5 => format!(" with data.t{below}.f as {}", self.one_of(&["1", "data.t0.e", "count"])),
                _ => format!(" with data.t{below}.set_of as {}", self.one_of(&["{1, 2}", "{\"a\"}"])),
            };
            text.push_str(&modifier);
        }
        text
    }
}
