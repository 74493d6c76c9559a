//! From modules to a `Policy`: front-end, data, the module that collects decisions, and one preparation for all clones.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use serde_json::Value;
use vidimus_wasm_host::MissingBuiltins;

use super::compiled::Loaded;
use super::extension;
use super::failure::Failing;
use super::frontend::{self, Origins, Purpose};
use super::outside::Outside;
use super::problem::{CompileError, Problem};
use crate::policy::{Circumstances, Deciding, Decisions, GENERATED, Policy, Question, RegoPolicy};
use crate::policy_bundle::WasmModule;
use crate::rego::{Levers, Observed, Program};
use crate::suite::{self, Suite};

/// A Rego module as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegoModule {
    /// Its name, usually the path of its file: what errors show.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
    /// The language it is read in, where a bundle says so; else the options decide.
    pub version: Option<RegoVersion>,
}

/// A version of the language; an import in a module may ask for a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegoVersion {
    /// As before OPA 1.0.
    V0,
    /// As since OPA 1.0.
    V1,
    /// As with `import rego.v2`.
    V2,
}

impl RegoModule {
    /// A module whose language the options decide.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), version: None }
    }
}

impl RegoVersion {
    /// The version that the manifests of bundles mean by this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::V0),
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => None,
        }
    }
}

/// What a policy is made of beside its modules.
#[derive(Debug, Clone, Default)]
pub struct CompileOptions {
    /// The document that rules see as `data`: an object, or null for none.
    pub data: Value,
    /// Only rules of these packages decide; where none is named, those of every package.
    pub namespaces: Vec<String>,
    /// A query, asked instead of collecting the rules that decide.
    pub query: Option<String>,
    /// Whether a builtin that fails ends the evaluation, and does not merely leave its expression undefined.
    pub strict_builtin_errors: bool,
    /// Whether modules that import no version are v0, as before OPA 1.0.
    pub v0_compatible: bool,
    /// Also refuse what `opa check --strict` refuses.
    pub strict: bool,
    /// The ways of being quick: none changes an answer.
    pub levers: Levers,
    /// What evaluations are watched for.
    pub observed: Observed,
    /// Modules that `opa build -t wasm` made. A query that names one of their entrypoints is answered there.
    pub wasm: Vec<WasmModule>,
    /// What becomes of such a module that calls builtins which are not there.
    pub missing_builtins: MissingBuiltins,
}

/// The name of the module that collects decisions.
const GENERATED_NAME: &str = "<vidimus>";

/// Bounds of one module for the engine: the front-end prints on long lines, and real policies hold large schemas.
const MAX_COLUMN: NonZeroU32 = NonZeroU32::MAX;
const MAX_BYTES: NonZeroUsize = NonZeroUsize::new(64 << 20).unwrap();
const MAX_LINES: NonZeroUsize = NonZeroUsize::new(1 << 21).unwrap();

pub(super) fn compile(modules: &[RegoModule], options: &CompileOptions, outside: Arc<Outside>) -> Result<Policy, CompileError> {
    let Loaded { policies: compiled, entrypoints } = super::compiled::load(options, &outside, modules.is_empty())?;
    let rego = match compiled.as_slice() {
        [] => Some(rego(modules, options)?),
        // A query that names an entrypoint is answered there, any other by the Rego that there is.
        _ if options.query.is_some() || modules.is_empty() => None,
        // Modules may be there for others to use: that none of them decides is a mistake only where nothing does.
        _ => rego_that_decides(modules, options)?,
    };
    if rego.is_some() {
        super::apart::check(modules, options, &entrypoints)?;
    }
    Ok(Policy::new(rego, compiled, circumstances(options, outside)))
}

fn rego(modules: &[RegoModule], options: &CompileOptions) -> Result<RegoPolicy, CompileError> {
    let (program, question) = asked(modules, options)?;
    rego_policy(program, question.map_err(CompileError::one)?, options)
}

fn rego_that_decides(modules: &[RegoModule], options: &CompileOptions) -> Result<Option<RegoPolicy>, CompileError> {
    let (program, question) = asked(modules, options)?;
    question.ok().map(|question| rego_policy(program, question, options)).transpose()
}

/// What modules mean, and what they are asked; why there is nothing to ask where none of their rules decides.
fn asked(modules: &[RegoModule], options: &CompileOptions) -> Result<(Program, Result<Question, String>), CompileError> {
    let deciding = Deciding { namespaces: &options.namespaces };
    let program = frontend::compile(modules, options, (Purpose::Policy, Some(&deciding))).map_err(CompileError::from)?;
    let question = match &program.query {
        Some(_) if options.query.as_deref().is_some_and(|query| query.trim() == "data") => Ok(Question::Data),
        Some(query) => Ok(Question::Query(query.rule.clone())),
        None => decisions(&program, &options.namespaces)
            .map(|decisions| if options.levers.aggregation { Question::Decisions(decisions) } else { Question::EachDecision(decisions) }),
    };
    Ok((program, question))
}

fn rego_policy(program: Program, question: Question, options: &CompileOptions) -> Result<RegoPolicy, CompileError> {
    let (engine, origins) = prepare(program, question.module(), options)?;
    Ok(RegoPolicy { engine, question, origins })
}

pub(super) fn suite(
    modules: &[RegoModule],
    options: &CompileOptions,
    (purpose, outside): (Purpose, Arc<Outside>),
) -> Result<Suite, CompileError> {
    let program = frontend::compile(modules, options, (purpose, None)).map_err(CompileError::from)?;
    let cases = suite::cases(&frontend::rules(&program), &program.aliases);
    let prepared = prepare(program, suite::module(&cases), options)?;
    Ok(Suite::new(prepared, cases, circumstances(options, outside)))
}

fn circumstances(options: &CompileOptions, outside: Arc<Outside>) -> Circumstances {
    Circumstances { strict: options.strict_builtin_errors, observed: options.observed, outside }
}

pub(super) fn check(modules: &[RegoModule], options: &CompileOptions) -> Result<(), CompileError> {
    let program = frontend::compile(modules, options, (Purpose::Policy, None)).map_err(CompileError::from)?;
    prepare(program, format!("package {GENERATED}\n\nready := true\n"), options).map(|_| ())
}

/// An engine that holds the program, the data and the module `generated`, ready to be cloned for each evaluation.
fn prepare(program: Program, generated: String, options: &CompileOptions) -> Result<(regorus::Engine, Origins), CompileError> {
    let mut engine = regorus::Engine::new();
    engine.set_policy_length_config(regorus::PolicyLengthConfig { max_col: MAX_COLUMN, max_file_bytes: MAX_BYTES, max_lines: MAX_LINES });
    engine.set_strict_builtin_errors(options.strict_builtin_errors);
    engine.set_gather_prints(true);
    add_data(&mut engine, &options.data)?;
    let texts = program.modules.clone();
    extension::register(&mut engine, &program.callees).map_err(CompileError::one)?;
    let origins = Origins::new(program);
    for (name, text) in texts.into_iter().chain([(GENERATED_NAME.to_owned(), generated)]) {
        engine.add_policy(name, text).map_err(|error| problem(&origins, &error))?;
    }
    // A clone of an engine that has evaluated something is ready to evaluate; any other prepares again, for each component.
    engine.eval_rule(format!("data.{GENERATED}.ready")).map_err(|error| problem(&origins, &error))?;
    Ok((engine, origins))
}

fn decisions(program: &Program, namespaces: &[String]) -> Result<Decisions, String> {
    Ok(Decisions::find(&frontend::rules(program), namespaces)?.with_codes(frontend::codes(program)))
}

fn add_data(engine: &mut regorus::Engine, data: &Value) -> Result<(), CompileError> {
    match data {
        Value::Null => Ok(()),
        Value::Object(members) if members.contains_key(GENERATED) => Err(CompileError::one(format!("data: `{GENERATED}` is reserved"))),
        Value::Object(_) => {
            engine.add_data(regorus::Value::from(data.clone())).map_err(|error| CompileError::one(format!("data: {error}")))
        }
        _ => Err(CompileError::one("data: not an object")),
    }
}

fn problem(origins: &Origins, error: &anyhow::Error) -> CompileError {
    let Failing { location, message, .. } = origins.failing(error);
    CompileError::from(vec![Problem { location, message }])
}
