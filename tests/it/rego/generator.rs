//! Programs from a seed: small modules that use what engines differ in.

mod program;
mod tidy;

/// Inputs that every program is evaluated with: as its rules expect it, with other types, with nothing.
pub(crate) const INPUTS: [&str; 4] = [
    r#"{"n": 1, "m": 2, "s": "a", "t": true, "z": null, "f": 0.5, "a": [1, 2, "x", [3, {"k": 1}]], "o": {"k": 1, "l": "v", "m": [1, 2]}, "e": []}"#,
    r#"{"n": "x", "m": 0, "s": 7, "t": false, "z": 1, "f": "y", "a": {"p": 1, "q": [2]}, "o": [{"k": 1}, {"k": 1, "l": 2}], "e": {}}"#,
    r#"{"n": 3, "o": {"k": {"l": 1}}, "a": "text"}"#,
    "{}",
];

/// A program in the making.
#[derive(Debug)]
pub(crate) struct Generator {
    state: u64,
    /// The variables that can be used here.
    variables: Vec<String>,
    next: usize,
    depth: usize,
}

impl Generator {
    /// The generator of one program.
    pub(crate) fn new(seed: u64) -> Self {
        let mut generator =
            Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03, variables: Vec::new(), next: 0, depth: 0 };
        generator.below(2);
        generator
    }

    /// The text of a module of this package.
    pub(crate) fn module(&mut self, package: &str) -> String {
        let mut text = format!("package {package}\n\n");
        text.push_str(
            "f(x) := x\nf2(x, y) := y if x == y\nf2(x, y) := x if x != y\ng([a, b]) := a if b\ng({\"k\": v}) := v\nh(x) if x.k\n",
        );
        text.push_str("default d(_) := \"none\"\nd(x) := x.l if x.k == 1\n");
        text.push_str(
            "base := json.unmarshal(`{\"k\": 1, \"l\": [1, 2], \"m\": {\"x\": \"y\"}}`)\nset_of contains x if some x in input.a\n",
        );
        for index in 0..2 + self.below(4) {
            let rule = self.rule(index);
            text.push_str(&tidy::unused(&rule));
        }
        text
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from((self.state >> 33) % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let index = self.below(choices.len());
        choices[index]
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        // Some names hide rules.
        match self.below(12) {
            0 => format!("base{}", ["", "1", "2"][self.below(3)]),
            _ => format!("v{}", self.next),
        }
    }

    /// A new name that is not in use here.
    fn declared(&mut self) -> String {
        loop {
            let name = self.fresh();
            if !self.variables.contains(&name) {
                return name;
            }
        }
    }

    fn rule(&mut self, index: usize) -> String {
        self.variables.clear();
        self.next = 0;
        let count = 1 + self.below(3);
        let body = self.body(count);
        let value = self.term(2);
        let key = self.term(0);
        match self.below(6) {
            0 => format!("p{index} := {value} if {{\n{body}}}\n"),
            1 => format!("p{index} contains {value} if {{\n{body}}}\n"),
            2 => format!("p{index}[{key}] := {value} if {{\n{body}}}\n"),
            3 => {
                self.variables.clear();
                let other = self.body(1);
                let alternative = self.term(1);
                format!("p{index} := {value} if {{\n{body}}} else := {alternative} if {{\n{other}}}\n")
            }
            4 => format!("default p{index} := \"default\"\np{index} := {value} if {{\n{body}}}\n"),
            _ => format!("p{index} if {{\n{body}}}\n"),
        }
    }

    fn body(&mut self, count: usize) -> String {
        let lines = (0..=count).map(|_| format!("  {}\n", self.literal())).collect();
        self.ordered(lines)
    }

    /// The lines of a body, now and then in another order: each expression waits for what it needs.
    fn ordered(&mut self, mut lines: Vec<String>) -> String {
        if self.below(10) == 0 {
            let place = self.below(lines.len());
            lines.rotate_left(place);
        }
        lines.concat()
    }

    #[expect(clippy::too_many_lines, reason = "one table of the kinds of literals")]
    fn literal(&mut self) -> String {
        self.depth += 1;
        let choices = if self.depth > 2 { 12 } else { 22 };
        let text = match self.below(choices) {
            0 | 1 => {
                let value = self.term(2);
                self.binding(|name| format!("{name} := {value}"))
            }
            2 => {
                let collection = self.collection();
                self.binding(|name| format!("some {name} in {collection}"))
            }
            3 => {
                let collection = self.collection();
                let key = self.declared();
                self.variables.push(key.clone());
                self.binding(|name| format!("some {key}, {name} in {collection}"))
            }
            4 => {
                let reference = self.collection();
                self.binding(|name| format!("{name} := {reference}[_]"))
            }
            5 | 6 => format!("{} {} {}", self.term(1), self.one_of(&["==", "!=", "<", "<=", ">", ">="]), self.term(1)),
            7 => self.call(),
            8 => self.term(1),
            // OPA 1.22.0 finds nothing in a literal that holds references (`input.n in [input.n]`): only references here.
            9 => format!("{} in {}", self.term(1), self.reference()),
            10 => {
                let value = self.term(1);
                let reference = self.collection();
                format!("{reference}[_] == {value}")
            }
            11 => self.pattern(),
            12 | 13 => format!("not {}", self.operation()),
            14 => {
                let expr = self.operation();
                format!("{expr} with input as {}", self.one_of(&["{\"n\": 5, \"a\": [5]}", "base", "input.o", "{}"]))
            }
            15 => {
                let call = self.call();
                let replacement = self.one_of(&["7", "input.n", "f2_mock", "base"]);
                let replacement = if replacement == "f2_mock" { "\"mocked\"" } else { replacement };
                format!("{call} with f as {replacement}")
            }
            16 => self.every(),
            17 => {
                let operation = self.operation();
                self.binding(|name| format!("{name} := {operation}"))
            }
            18 => {
                let term = self.comprehension();
                self.binding(|name| format!("{name} := {term}"))
            }
            19 => {
                let value = self.term(1);
                self.binding(|name| format!("walk({value}, [_, {name}])"))
            }
            20 => format!("not {} with input.n as {}", self.operation(), self.scalar()),
            _ => {
                let template = self.template();
                self.binding(|name| format!("{name} := {template}"))
            }
        };
        self.depth -= 1;
        text
    }

    fn binding(&mut self, make: impl FnOnce(&str) -> String) -> String {
        let name = self.declared();
        let text = make(&name);
        self.variables.push(name);
        text
    }

    fn pattern(&mut self) -> String {
        let value = self.reference();
        let (first, second) = (self.declared(), format!("w{}", self.next));
        self.variables.push(first.clone());
        match self.below(4) {
            0 => {
                self.variables.push(second.clone());
                format!("[{first}, {second}] = {value}")
            }
            1 => format!("{{\"k\": {first}}} = {value}"),
            2 => format!("[{first}, {first}] = {value}"),
            _ => format!("{first} = {value}"),
        }
    }

    fn every(&mut self) -> String {
        let collection = self.collection();
        let before = self.variables.len();
        let name = self.declared();
        self.variables.push(name.clone());
        let body = self.literal();
        self.variables.truncate(before);
        format!("every {name} in {collection} {{ {body} }}")
    }

    fn comprehension(&mut self) -> String {
        let before = self.variables.clone();
        let (one, two) = (self.literal(), self.literal());
        let (head, key) = (self.term(1), self.term(1));
        self.variables = before;
        match self.below(3) {
            0 => format!("[{head} | {one}; {two}]"),
            1 => format!("{{{head} | {one}; {two}}}"),
            _ => format!("{{sprintf(\"%v\", [{key}]): 1 | {one}; {two}}}"),
        }
    }

    fn template(&mut self) -> String {
        let (one, two) = (self.reference(), self.scalar());
        format!("$\"a {{{one}}} b {{{two}}}\"")
    }

    fn operation(&mut self) -> String {
        match self.below(8) {
            0 => format!("{} {} {}", self.reference(), self.one_of(&["==", "!=", ">", "<"]), self.term(1)),
            1 => self.arithmetic(&["+", "-", "*", "/", "%"]),
            2 => format!("(set_of {} set_of)", self.one_of(&["&", "|", "-"])),
            3 => format!("{} in {}", self.reference(), self.reference()),
            4 => self.call(),
            5 => format!("count({}) == {}", self.reference(), self.one_of(&["0", "1", "2", "3", "base.k", "input.n"])),
            6 => format!("[{{\"a\": {}}}] == [{{\"a\": f({})}}]", self.reference(), self.scalar()),
            _ => self.reference(),
        }
    }

    fn call(&mut self) -> String {
        match self.below(7) {
            0 => format!("f({})", self.term(1)),
            1 => format!("f2({}, {})", self.term(1), self.term(1)),
            2 => format!("g({})", self.reference()),
            3 => format!("h({})", self.reference()),
            4 => format!("d({})", self.reference()),
            5 => format!("startswith({}, {})", self.reference(), self.one_of(&["\"a\"", "input.s"])),
            _ => format!("is_number({})", self.reference()),
        }
    }

    fn term(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 4 } else { 10 }) {
            0 => self.scalar().to_owned(),
            9 if self.depth < 3 => self.closure(),
            1..=3 => self.reference(),
            4 => format!("[{}, {}]", self.term(depth - 1), self.term(depth - 1)),
            5 => format!("{{\"k\": {}}}", self.term(depth - 1)),
            6 => format!("{{{}, {}}}", self.term(depth - 1), self.scalar()),
            7 => self.call(),
            _ => format!("({})", self.arithmetic(&["+", "-", "*"])),
        }
    }

    /// A closure as a part of an expression, in which what stands around may be used.
    fn closure(&mut self) -> String {
        self.depth += 2;
        let before = self.variables.clone();
        let literal = self.literal();
        let head = self.term(0);
        self.variables = before;
        self.depth -= 2;
        match self.below(4) {
            0 => format!("count([{head} | {literal}])"),
            1 => format!("{{{head} | {literal}}}"),
            2 => format!("f([{head} | {literal}])"),
            _ => format!("[{head} | {literal}]"),
        }
    }

    fn arithmetic(&mut self, operators: &[&str]) -> String {
        format!("{} {} {}", self.operand(), self.one_of(operators), self.operand())
    }

    /// What may be a number: seldom what is known to be none.
    fn operand(&mut self) -> String {
        let index = self.below(self.variables.len());
        let variable = self.variables.get(index).cloned();
        match (self.below(8), variable) {
            (0..=2, Some(variable)) => format!("f({variable})"),
            (3, Some(variable)) => variable,
            (4, _) => "base.k".to_owned(),
            (5, _) => "count(input.a)".to_owned(),
            _ => format!("input.{}", self.one_of(&["n", "m", "f", "o.k", "a[0]", "s", "missing"])),
        }
    }

    fn scalar(&mut self) -> &'static str {
        self.one_of(&["0", "1", "2", "\"a\"", "\"x\"", "true", "false", "null", "0.5", "\"k\""])
    }

    fn collection(&mut self) -> String {
        match self.below(6) {
            0 => "[1, base.k, \"x\"]".to_owned(),
            1 => "{\"k\": base.k, \"l\": [2]}".to_owned(),
            2 => "set_of".to_owned(),
            _ => self.reference(),
        }
    }

    fn reference(&mut self) -> String {
        let index = self.below(self.variables.len());
        let variable = self.variables.get(index).cloned();
        match (self.below(10), variable) {
            (0..=3, Some(variable)) => variable,
            (4, Some(variable)) => format!("f({variable})"),
            (5, Some(variable)) => format!("input.o[{variable}]"),
            (6, Some(variable)) => match self.below(3) {
                0 => format!("{variable}.k"),
                _ => format!("f({variable}).k"),
            },
            (7, _) => self.one_of(&["base.k", "base.l", "base.m", "base.m.x", "base"]).to_owned(),
            _ => format!(
                "input.{}",
                self.one_of(&["n", "m", "s", "t", "z", "f", "a", "o", "o.k", "o.m", "e", "missing", "a[0]", "o[\"l\"]"])
            ),
        }
    }
}
