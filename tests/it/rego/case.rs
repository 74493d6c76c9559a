//! One question to the engine: modules, data, input and a query.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use vidimus::oci::{Credentials, Registry, RegistryOptions, Sources};
use vidimus::verify::Trust;
use vidimus::{CompileOptions, Component, Engine, EngineConfig, ErrorKind, EvaluateOptions, Levers, Observed, Policy, RegoModule};

/// What is asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub(crate) modules: Vec<String>,
    pub(crate) query: String,
    pub(crate) data: Value,
    pub(crate) input: Input,
    pub(crate) strict: bool,
    /// How it is asked.
    pub(crate) levers: Levers,
    pub(crate) observed: Observed,
}

/// The document that rules see as `input`.
#[derive(Debug, Clone, Default)]
pub(crate) enum Input {
    /// None is given.
    #[default]
    Absent,
    /// The text of a JSON document.
    Json(String),
    /// A Rego term.
    Term(String),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The modules are refused.
    Compile(String),
    /// The input is.
    Input(String),
    /// Rules or functions have several values.
    Conflict(String),
    /// An operand is of a wrong type, under strict builtin errors.
    Type(String),
    /// A builtin has failed, under strict builtin errors.
    Builtin(String),
    /// Anything else.
    Other(String),
}

/// By which engine a case is answered.
pub(crate) type Asking = fn(&Case) -> Result<Value, Trouble>;

/// One engine for all cases. None of them asks about images.
pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let registry = Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: BTreeSet::new() }).unwrap();
    let sources = Sources::new(registry, []).unwrap();
    Engine::new(EngineConfig::new(Arc::new(sources), Trust::public_good().unwrap())).unwrap()
});

impl Case {
    /// The value of the query: one binding object for each result.
    pub(crate) fn answer(&self) -> Result<Value, Trouble> {
        Compiled::of(self)?.answer(&self.input)
    }

    /// The same, asked so many times of one policy.
    pub(crate) fn answers(&self, times: usize) -> Result<Vec<Result<Value, Trouble>>, Trouble> {
        let compiled = Compiled::of(self)?;
        Ok((0..times).map(|_| compiled.answer(&self.input)).collect())
    }

    /// The query, with the input where that is a term.
    pub(crate) fn whole_query(&self) -> String {
        match &self.input {
            Input::Term(term) => format!("{} with input as {term}", self.query),
            _ => self.query.clone(),
        }
    }

    /// What a policy that asks the query makes of the input.
    pub(crate) fn decided_by(&self, policy: &Policy) -> Result<Value, Trouble> {
        Compiled(policy.clone()).answer(&self.input)
    }
}

/// A question that was compiled, for any number of inputs.
#[derive(Debug)]
pub(crate) struct Compiled(Policy);

impl Compiled {
    /// Compiles what is asked.
    pub(crate) fn of(case: &Case) -> Result<Self, Trouble> {
        let modules = |text: &String, index| RegoModule::new(format!("test-{index}.rego"), text.as_str());
        let modules: Vec<_> = case.modules.iter().zip(0..).map(|(text, index)| modules(text, index)).collect();
        let options = CompileOptions {
            data: case.data.clone(),
            query: Some(case.whole_query()),
            strict_builtin_errors: case.strict,
            levers: case.levers,
            observed: case.observed,
            ..CompileOptions::default()
        };
        ENGINE.compile(&modules, &options).map(Self).map_err(|error| Trouble::Compile(error.to_string()))
    }

    /// The answer for an input.
    pub(crate) fn answer(&self, input: &Input) -> Result<Value, Trouble> {
        let component = match input {
            Input::Json(text) => Component::from_json("case", text).map_err(|error| Trouble::Input(error.to_string()))?,
            _ => Component::absent("case"),
        };
        // Certificates of the suite are valid from late 2023 on.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let options = EvaluateOptions { now: Some(now), ..EvaluateOptions::lasting(Duration::from_secs(20)) };
        let evaluation = self.0.evaluate(&component, &options);
        match evaluation.error() {
            None => Ok(evaluation.result().cloned().unwrap_or(Value::Null)),
            Some(error) if error.kind == ErrorKind::Evaluation => Err(Trouble::of(&error.message)),
            Some(error) => Err(Trouble::Other(format!("{:?}: {}", error.kind, error.message))),
        }
    }
}

impl Trouble {
    fn of(message: &str) -> Self {
        let conflicts =
            ["multiple outputs", "rule conflicts", "generated multiple times", "var assignment conflict", "object insert conflict"];
        let text = message.to_owned();
        if conflicts.iter().any(|conflict| message.contains(conflict)) {
            Self::Conflict(text)
        } else if message.contains("could not find function") || message.contains("is unsafe") || message.contains("internal error") {
            Self::Other(text)
        } else if message
            .split("operand ")
            .skip(1)
            .any(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()) && rest.get(1..2) == Some(" "))
        {
            Self::Type(text)
        } else {
            Self::Builtin(text)
        }
    }
}
