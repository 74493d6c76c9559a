//! From Go's expressions to ours: what both write alike but mean differently, and what only one of them accepts.

use super::class;

/// An expression of ours that means the same.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) pattern: String,
    /// The name of each group, if it has one.
    pub(super) names: Vec<Option<String>>,
}

/// # Errors
/// What is wrong with the expression, as Go says it.
pub(super) fn translate(pattern: &str) -> Result<Translated, String> {
    let mut reader = Reader {
        whole: pattern,
        rest: pattern,
        out: String::with_capacity(pattern.len() * 2),
        names: Vec::new(),
        open: 0,
        repeat: Repeat::Nothing,
    };
    while let Some(c) = reader.peek() {
        reader.item(c)?;
    }
    if reader.open > 0 {
        return Err(format!("missing closing ): `{pattern}`"));
    }
    Ok(Translated { pattern: reader.out, names: reader.names })
}

/// What a repetition would apply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// Nothing: the expression, a group or an alternative has only begun.
    Nothing,
    /// Something that may be repeated.
    Something,
    /// Something that is repeated already, since this many bytes before the end.
    Repeated(usize),
}

/// Walks through an expression.
pub(super) struct Reader<'a> {
    whole: &'a str,
    pub(super) rest: &'a str,
    pub(super) out: String,
    names: Vec<Option<String>>,
    open: usize,
    repeat: Repeat,
}

/// A character as itself, whatever it means elsewhere.
pub(super) fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() || !c.is_ascii() { c.to_string() } else { format!("\\x{{{:x}}}", u32::from(c)) }
}

impl<'a> Reader<'a> {
    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let c = characters.next();
        self.rest = characters.as_str();
        c
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What has been read since the text was `from`.
    pub(super) fn since(&self, from: &'a str) -> &'a str {
        from.get(..from.len() - self.rest.len()).unwrap_or(from)
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.repeat = Repeat::Something;
    }

    fn item(&mut self, c: char) -> Result<(), String> {
        match c {
            '(' => self.group()?,
            ')' => {
                if self.open == 0 {
                    return Err(format!("unexpected ): `{}`", self.whole));
                }
                self.open -= 1;
                self.next();
                self.push(")");
            }
            '|' => {
                self.next();
                self.out.push('|');
                self.repeat = Repeat::Nothing;
            }
            '[' => {
                let class = class::read(self)?;
                self.push(&class);
            }
            '*' | '+' | '?' => self.repetition()?,
            '{' => {
                if !self.counted()? {
                    self.next();
                    self.push(&literal('{'));
                }
            }
            '\\' => self.escape()?,
            '^' | '$' | '.' => {
                self.next();
                self.push(&c.to_string());
            }
            other => {
                self.next();
                self.push(&literal(other));
            }
        }
        Ok(())
    }

    /// Checks that there is something to repeat, and takes a `?` behind the operator.
    fn operator(&mut self, from: &'a str, text: &str) -> Result<(), String> {
        let operator = self.since(from);
        match self.repeat {
            Repeat::Nothing => return Err(format!("missing argument to repetition operator: `{operator}`")),
            Repeat::Repeated(at) => {
                self.eat("?");
                let start = self.whole.len() - at;
                let end = self.whole.len() - self.rest.len();
                let both = self.whole.get(start..end).unwrap_or(operator);
                return Err(format!("invalid nested repetition operator: `{both}`"));
            }
            Repeat::Something => {}
        }
        self.out.push_str(text);
        if self.eat("?") {
            self.out.push('?');
        }
        self.repeat = Repeat::Repeated(from.len());
        Ok(())
    }

    fn repetition(&mut self) -> Result<(), String> {
        let from = self.rest;
        let operator = self.next().map(String::from).unwrap_or_default();
        self.operator(from, &operator)
    }

    /// `{n}`, `{n,}` and `{n,m}`; anything else is an ordinary brace.
    fn counted(&mut self) -> Result<bool, String> {
        let from = self.rest;
        let Some((inside, after)) = from.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return Ok(false) };
        let (least, most) = match inside.split_once(',') {
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most)),
            None => (inside, Some(inside)),
        };
        let number = |text: &str| -> Option<u32> {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
            plain.then(|| text.parse().unwrap_or(u32::MAX))
        };
        let Some(least) = number(least) else { return Ok(false) };
        let most = match most.map(number) {
            Some(None) => return Ok(false),
            Some(most) => most,
            None => None,
        };
        self.rest = after;
        if least > 1000 || most.is_some_and(|most| most > 1000 || most < least) {
            return Err(format!("invalid repeat count: `{}`", self.since(from)));
        }
        let count = match most {
            Some(most) if most == least => format!("{{{least}}}"),
            Some(most) => format!("{{{least},{most}}}"),
            None => format!("{{{least},}}"),
        };
        self.operator(from, &count)?;
        Ok(true)
    }

    fn group(&mut self) -> Result<(), String> {
        let from = self.rest;
        self.next();
        self.open += 1;
        self.repeat = Repeat::Nothing;
        if self.open > 1000 {
            return Err(format!("expression nests too deeply: `{}`", self.whole));
        }
        if !self.eat("?") {
            self.out.push('(');
            self.names.push(None);
            return Ok(());
        }
        if self.eat("P<") || (self.rest.starts_with('<') && self.eat("<")) {
            return self.named(from);
        }
        self.flags(from)
    }

    fn named(&mut self, from: &'a str) -> Result<(), String> {
        let Some((name, after)) = self.rest.split_once('>') else {
            return Err(format!("invalid named capture: `{from}`"));
        };
        self.rest = after;
        let valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !valid {
            return Err(format!("invalid named capture: `{}`", self.since(from)));
        }
        self.names.push(Some(name.to_owned()));
        self.out.push('(');
        Ok(())
    }

    /// `(?i)`, `(?i:..)`, `(?-s)`: of the flags only `i`, `m`, `s` and `U` are Go's.
    fn flags(&mut self, from: &'a str) -> Result<(), String> {
        let (mut on, mut off, mut negative, mut seen) = (String::new(), String::new(), false, false);
        loop {
            match self.next() {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    seen = true;
                    if negative { off.push(flag) } else { on.push(flag) }
                }
                Some('-') if !negative => {
                    negative = true;
                    seen = false;
                }
                Some(end @ (':' | ')')) if !negative || seen => {
                    let flags = if off.is_empty() { on } else { format!("{on}-{off}") };
                    if end == ')' {
                        self.open -= 1;
                    }
                    match (end, flags.is_empty()) {
                        (':', _) => self.out.extend(format!("(?{flags}:").chars()),
                        (_, false) => self.out.extend(format!("(?{flags})").chars()),
                        _ => {}
                    }
                    return Ok(());
                }
                _ => return Err(format!("invalid or unsupported Perl syntax: `{}`", self.since(from))),
            }
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let from = self.rest;
        self.next();
        match self.peek() {
            Some('A') => self.word("\\A"),
            Some('z') => self.word("\\z"),
            Some('b') => self.word("(?-u:\\b)"),
            Some('B') => self.word("(?-u:\\B)"),
            Some('Q') => {
                self.next();
                self.quoted();
            }
            _ => {
                self.rest = from;
                let translated = match class::escaped_class(self)? {
                    Some(class) => class,
                    None => literal(class::escaped_character(self)?),
                };
                self.push(&translated);
            }
        }
        Ok(())
    }

    fn word(&mut self, text: &str) {
        self.next();
        self.push(text);
    }

    /// `\Q..\E`: everything stands for itself.
    fn quoted(&mut self) {
        let (text, after) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
        self.rest = after;
        for c in text.chars() {
            self.push(&literal(c));
        }
    }
}
