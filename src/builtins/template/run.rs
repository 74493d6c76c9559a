//! Running a template.

use super::function;
use super::parse::{Node, Operand, Pipeline};
use crate::builtins::call::Value;
use crate::builtins::{number, order, strings};

/// Most steps of one run: ranges inside ranges multiply.
const MOST_STEPS: usize = 2_000_000;

/// What a word means. A field that is not there is no value, and that is not an error.
pub(super) type Evaluated = Result<Option<Value>, String>;

pub(super) fn run(nodes: &[Node], data: &Value) -> Result<String, String> {
    let mut runner = Runner { out: String::new(), variables: vec![(String::new(), Some(data.clone()))], steps: 0 };
    runner.nodes(nodes, Some(data))?;
    Ok(runner.out)
}

/// Whether a range goes on.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

struct Runner {
    out: String,
    /// The last of a name counts.
    variables: Vec<(String, Option<Value>)>,
    steps: usize,
}

/// As Go prints with `%v`.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Undefined | Value::Null) => "<no value>".to_owned(),
        Some(Value::String(text)) => text.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        Some(value @ Value::Number(_)) => number::text(value),
        Some(Value::Array(array)) => format!("[{}]", array.iter().map(inner).collect::<Vec<_>>().join(" ")),
        Some(Value::Set(set)) => format!("[{}]", order::of_set(set).into_iter().map(inner).collect::<Vec<_>>().join(" ")),
        Some(Value::Object(object)) => {
            let members =
                order::keys(object).into_iter().map(|key| format!("{}:{}", inner(key), object.get(key).map_or_else(String::new, inner)));
            format!("map[{}]", members.collect::<Vec<_>>().join(" "))
        }
    }
}

fn inner(value: &Value) -> String {
    if *value == Value::Null { "<nil>".to_owned() } else { text(Some(value)) }
}

/// Empty values do not hold.
pub(super) fn holds(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Undefined | Value::Null) => false,
        Some(Value::Bool(truth)) => *truth,
        // A constant, or a position in a range: the data's numbers are text.
        Some(value @ Value::Number(_)) => number::to_f64(value) != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(array)) => !array.is_empty(),
        Some(Value::Set(set)) => !set.is_empty(),
        Some(Value::Object(object)) => !object.is_empty(),
    }
}

impl Runner {
    fn step(&mut self) -> Result<(), String> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.out.len() > strings::LONGEST { Err("result too large".to_owned()) } else { Ok(()) }
    }

    fn nodes(&mut self, nodes: &[Node], dot: Option<&Value>) -> Result<Flow, String> {
        let scope = self.variables.len();
        for node in nodes {
            self.step()?;
            let flow = self.node(node, dot)?;
            if flow != Flow::On {
                self.variables.truncate(scope);
                return Ok(flow);
            }
        }
        self.variables.truncate(scope);
        Ok(Flow::On)
    }

    fn node(&mut self, node: &Node, dot: Option<&Value>) -> Result<Flow, String> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Action(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    self.out.push_str(&text(value.as_ref()));
                }
            }
            Node::Branch { sets_dot, condition, then, otherwise } => {
                let scope = self.variables.len();
                let value = self.pipeline(condition, dot)?;
                let flow = match (holds(value.as_ref()), sets_dot) {
                    (true, true) => self.nodes(then, value.as_ref()),
                    (true, false) => self.nodes(then, dot),
                    (false, _) => self.nodes(otherwise, dot),
                };
                self.variables.truncate(scope);
                return flow;
            }
            Node::Range { over, body, otherwise } => return self.range(over, (body, otherwise), dot),
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn range(&mut self, over: &Pipeline, (body, otherwise): (&[Node], &[Node]), dot: Option<&Value>) -> Result<Flow, String> {
        let scope = self.variables.len();
        let value = self.commands(over, dot)?;
        let pairs: Vec<(Value, Value)> = match &value {
            Some(Value::Array(array)) => (0_u64..).map(Value::from).zip(array.iter().cloned()).collect(),
            Some(Value::Set(set)) => (0_u64..).map(Value::from).zip(order::of_set(set).into_iter().cloned()).collect(),
            Some(Value::Object(object)) => {
                order::keys(object).into_iter().filter_map(|key| Some((key.clone(), object.get(key)?.clone()))).collect()
            }
            None | Some(Value::Null) => Vec::new(),
            Some(other) => return Err(format!("range can't iterate over {}", text(Some(other)))),
        };
        if pairs.is_empty() {
            return self.nodes(otherwise, dot);
        }
        for (key, element) in pairs {
            self.step()?;
            match over.variables.as_slice() {
                [] => {}
                [one] => self.variables.push((one.clone(), Some(element.clone()))),
                [first, second, ..] => {
                    self.variables.push((first.clone(), Some(key)));
                    self.variables.push((second.clone(), Some(element.clone())));
                }
            }
            let flow = self.nodes(body, Some(&element))?;
            self.variables.truncate(scope);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: Option<&Value>) -> Evaluated {
        let value = self.commands(pipeline, dot)?;
        for name in &pipeline.variables {
            if pipeline.declares {
                self.variables.push((name.clone(), value.clone()));
            } else {
                let variable =
                    self.variables.iter_mut().rfind(|(known, _)| known == name).ok_or_else(|| format!("undefined variable \"${name}\""))?;
                variable.1.clone_from(&value);
            }
        }
        Ok(value)
    }

    fn commands(&mut self, pipeline: &Pipeline, dot: Option<&Value>) -> Evaluated {
        let mut last: Vec<Option<Value>> = Vec::new();
        for command in &pipeline.commands {
            self.step()?;
            last = vec![self.command(command, dot, last)?];
        }
        Ok(last.pop().flatten())
    }

    fn command(&mut self, command: &[Operand], dot: Option<&Value>, piped: Vec<Option<Value>>) -> Evaluated {
        let Some((first, rest)) = command.split_first() else { return Ok(None) };
        if let Operand::Function(name) = first {
            let mut arguments = rest.iter().map(|operand| self.operand(operand, dot)).collect::<Result<Vec<_>, _>>()?;
            arguments.extend(piped);
            return function::call(name, &arguments);
        }
        if !rest.is_empty() || !piped.is_empty() {
            return Err("can't give argument to non-function".to_owned());
        }
        self.operand(first, dot)
    }

    fn operand(&mut self, operand: &Operand, dot: Option<&Value>) -> Evaluated {
        match operand {
            Operand::Dot => Ok(dot.cloned()),
            Operand::Nil => Err("nil is not a command".to_owned()),
            Operand::Constant(value) => Ok(Some(value.clone())),
            Operand::Field(path) => fields(dot.cloned(), path),
            Operand::Variable(name, path) => {
                let known = self.variables.iter().rfind(|(known, _)| known == name);
                let (_, value) = known.ok_or_else(|| format!("undefined variable \"${name}\""))?;
                fields(value.clone(), path)
            }
            Operand::Function(name) => function::call(name, &[]),
            Operand::Nested(pipeline, path) => fields(self.pipeline(pipeline, dot)?, path),
        }
    }
}

fn fields(value: Option<Value>, path: &[String]) -> Evaluated {
    let mut value = value;
    for name in path {
        value = match value {
            Some(Value::Object(object)) => object.get(&Value::from(name.as_str())).cloned(),
            None => return Err(format!("nil data; no entry for key \"{name}\"")),
            Some(other) => return Err(format!("can't evaluate field {name} in type {}", crate::builtins::operand::type_name(&other))),
        };
    }
    Ok(value)
}
