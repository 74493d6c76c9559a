//! From a template's text to its nodes.

use crate::builtins::call::Value;
use crate::builtins::json_text;

/// Deepest nesting of blocks and parentheses.
const DEEPEST: usize = 100;

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    /// `{{pipeline}}`
    Action(Pipeline),
    /// `if`, and `with`, which also sets the dot.
    Branch {
        sets_dot: bool,
        condition: Pipeline,
        then: Vec<Node>,
        otherwise: Vec<Node>,
    },
    Range {
        over: Pipeline,
        body: Vec<Node>,
        otherwise: Vec<Node>,
    },
    Break,
    Continue,
}

/// Commands, each given the result of the one before as its last argument; variables take the result.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) variables: Vec<String>,
    /// `:=` and not `=`.
    pub(super) declares: bool,
    pub(super) commands: Vec<Vec<Operand>>,
}

/// A word of a command.
#[derive(Debug)]
pub(super) enum Operand {
    Dot,
    Nil,
    Constant(Value),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`
    Variable(String, Vec<String>),
    Function(String),
    /// `(pipeline).a.b`
    Nested(Pipeline, Vec<String>),
}

/// How a list of nodes ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Text,
    Closed,
    /// What stands behind `else`.
    Else(String),
}

pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    let mut parser = Parser { rest: text, line: 1, depth: 0 };
    let (nodes, end) = parser.nodes()?;
    match end {
        End::Text => Ok(nodes),
        End::Closed => Err(format!("{}: unexpected {{{{end}}}}", parser.line)),
        End::Else(_) => Err(format!("{}: unexpected {{{{else}}}}", parser.line)),
    }
}

struct Parser<'a> {
    rest: &'a str,
    line: usize,
    depth: usize,
}

impl Parser<'_> {
    fn nodes(&mut self) -> Result<(Vec<Node>, End), String> {
        let mut nodes = Vec::new();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("{}: too deeply nested", self.line));
        }
        loop {
            let Some((text, after)) = self.rest.split_once("{{") else {
                nodes.push(Node::Text(self.rest.to_owned()));
                self.rest = "";
                self.depth -= 1;
                return Ok((nodes, End::Text));
            };
            let trims_before = after.starts_with("- ") || after.starts_with("-\n") || after.starts_with("-\t");
            nodes.push(Node::Text(if trims_before { text.trim_end() } else { text }.to_owned()));
            self.line += text.matches('\n').count();
            let action = self.action(after.get(usize::from(trims_before)..).unwrap_or_default())?;
            let (word, arguments) = action.split_once(|c: char| c.is_whitespace()).unwrap_or((action.as_str(), ""));
            match word {
                "" if action.is_empty() => return Err(format!("{}: missing value for command", self.line)),
                "end" => {
                    self.depth -= 1;
                    return Ok((nodes, End::Closed));
                }
                "else" => {
                    self.depth -= 1;
                    return Ok((nodes, End::Else(arguments.trim().to_owned())));
                }
                "if" | "with" | "range" => nodes.push(self.block(word, arguments)?),
                "break" => nodes.push(Node::Break),
                "continue" => nodes.push(Node::Continue),
                "define" | "template" | "block" => return Err(format!("{}: {word} is not supported", self.line)),
                _ if action.starts_with("/*") => {}
                _ => nodes.push(Node::Action(self.pipeline(&action)?)),
            }
        }
    }

    /// The text of an action, up to `}}` outside of quotation marks.
    fn action(&mut self, text: &str) -> Result<String, String> {
        let mut quote = None;
        let mut escaped = false;
        let trimmed = text.trim_start();
        if let Some(comment) = trimmed.strip_prefix("/*") {
            let (_, after) = comment.split_once("*/").ok_or_else(|| format!("{}: unclosed comment", self.line))?;
            let end = after.find("}}").ok_or_else(|| format!("{}: comment ends before closing delimiter", self.line))?;
            let trims = after.get(..end).is_some_and(|between| between.trim_end().ends_with('-'));
            self.after(after.get(end + 2..).unwrap_or_default(), trims);
            return Ok("/*".to_owned());
        }
        for (at, c) in text.char_indices() {
            match quote {
                Some(open) => {
                    if escaped {
                        escaped = false;
                    } else if c == '\\' && open != '`' {
                        escaped = true;
                    } else if c == open {
                        quote = None;
                    }
                }
                None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
                None if text.get(at..).is_some_and(|rest| rest.starts_with("}}")) => {
                    let inside = text.get(..at).unwrap_or_default();
                    let trims = inside.ends_with(" -") || inside == "-";
                    let inside = if trims { inside.strip_suffix('-').unwrap_or(inside) } else { inside };
                    let action = inside.trim().to_owned();
                    self.line += inside.matches('\n').count();
                    self.after(text.get(at + 2..).unwrap_or_default(), trims);
                    return Ok(action);
                }
                None => {}
            }
        }
        Err(format!("{}: unclosed action", self.line))
    }

    fn after(&mut self, rest: &str, trims: bool) {
        let rest = if trims { rest.trim_start() } else { rest };
        // The rest is always an end of what was left.
        let length = rest.len();
        self.rest = self.rest.get(self.rest.len() - length..).unwrap_or_default();
    }

    fn block(&mut self, word: &str, arguments: &str) -> Result<Node, String> {
        let head = self.pipeline(arguments)?;
        let (body, end) = self.nodes()?;
        let otherwise = match end {
            End::Closed => Vec::new(),
            End::Text => return Err(format!("{}: unexpected EOF", self.line)),
            End::Else(rest) if rest.is_empty() => match self.nodes()? {
                (otherwise, End::Closed) => otherwise,
                (_, End::Text) => return Err(format!("{}: unexpected EOF", self.line)),
                (_, End::Else(_)) => return Err(format!("{}: expected end; found {{{{else}}}}", self.line)),
            },
            End::Else(rest) => {
                let (word, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest.as_str(), ""));
                if !matches!(word, "if" | "with") {
                    return Err(format!("{}: unexpected <{word}> in else", self.line));
                }
                vec![self.block(word, arguments)?]
            }
        };
        Ok(match word {
            "range" => Node::Range { over: head, body, otherwise },
            _ => Node::Branch { sets_dot: word == "with", condition: head, then: body, otherwise },
        })
    }

    fn pipeline(&self, text: &str) -> Result<Pipeline, String> {
        let mut words = Words { rest: text, depth: 0 };
        let pipeline = words.pipeline().map_err(|why| format!("{}: {why}", self.line))?;
        if words.rest.trim().is_empty() { Ok(pipeline) } else { Err(format!("{}: unexpected {} in operand", self.line, words.rest.trim())) }
    }
}

/// Reads the words of a pipeline.
struct Words<'a> {
    rest: &'a str,
    depth: usize,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Words<'_> {
    fn eat(&mut self, expected: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> String {
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn pipeline(&mut self) -> Result<Pipeline, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("max expression depth exceeded".to_owned());
        }
        let (variables, declares) = self.variables();
        let mut commands = Vec::new();
        loop {
            let command = self.command()?;
            if command.is_empty() {
                return Err("missing value for command".to_owned());
            }
            commands.push(command);
            if !self.eat("|") {
                self.depth -= 1;
                return Ok(Pipeline { variables, declares, commands });
            }
        }
    }

    /// `$a, $b :=` at the front, if it is there.
    fn variables(&mut self) -> (Vec<String>, bool) {
        let before = self.rest;
        let mut names = Vec::new();
        while self.eat("$") {
            names.push(self.word());
            if !self.eat(",") {
                break;
            }
        }
        if !names.is_empty() && self.eat(":=") {
            return (names, true);
        }
        if !names.is_empty() && self.eat("=") {
            return (names, false);
        }
        self.rest = before;
        (Vec::new(), false)
    }

    fn command(&mut self) -> Result<Vec<Operand>, String> {
        let mut operands = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.chars().next() {
                None | Some('|' | ')') => return Ok(operands),
                Some(c) => operands.push(self.operand(c)?),
            }
        }
    }

    fn path(&mut self) -> Vec<String> {
        let mut path = Vec::new();
        while let Some(after) = self.rest.strip_prefix('.').filter(|after| after.starts_with(is_word)) {
            self.rest = after;
            path.push(self.word());
        }
        path
    }

    fn operand(&mut self, c: char) -> Result<Operand, String> {
        match c {
            '.' => {
                let path = self.path();
                if path.is_empty() {
                    self.eat(".");
                    return Ok(Operand::Dot);
                }
                Ok(Operand::Field(path))
            }
            '$' => {
                self.eat("$");
                Ok(Operand::Variable(self.word(), self.path()))
            }
            '(' => {
                self.eat("(");
                let pipeline = self.pipeline()?;
                if !self.eat(")") {
                    return Err("unclosed left paren".to_owned());
                }
                Ok(Operand::Nested(pipeline, self.path()))
            }
            '"' | '`' | '\'' => self.quoted(c),
            c if c.is_ascii_digit() || c == '-' || c == '+' => {
                let end = self.rest.find(|c: char| c.is_whitespace() || matches!(c, ')' | '|' | ',')).unwrap_or(self.rest.len());
                let (number, rest) = self.rest.split_at(end);
                self.rest = rest;
                let value = json_text::parse(number.trim_start_matches('+')).map_err(|_| format!("bad number syntax: \"{number}\""))?;
                Ok(Operand::Constant(value))
            }
            c if is_word(c) => {
                let word = self.word();
                Ok(match word.as_str() {
                    "true" => Operand::Constant(Value::from(true)),
                    "false" => Operand::Constant(Value::from(false)),
                    "nil" => Operand::Nil,
                    _ => Operand::Function(word),
                })
            }
            other => Err(format!("unexpected \"{other}\" in operand")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Operand, String> {
        let inside = self.rest.get(1..).unwrap_or_default();
        let mut escaped = false;
        let end = inside.char_indices().find(|(_, c)| {
            let ends = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped && quote != '`';
            ends
        });
        let (end, _) = end.ok_or("unterminated quoted string")?;
        let text = inside.get(..end).unwrap_or_default().to_owned();
        self.rest = inside.get(end + 1..).unwrap_or_default();
        match quote {
            '`' => Ok(Operand::Constant(Value::from(text))),
            '"' => Ok(Operand::Constant(json_text::parse(&format!("\"{text}\"")).map_err(|_| "invalid syntax".to_owned())?)),
            // A character is its number.
            _ => text
                .chars()
                .next()
                .map(|c| Operand::Constant(Value::from(u32::from(c))))
                .ok_or_else(|| "malformed character constant".to_owned()),
        }
    }
}
