//! `vidimus eval`: a policy over many components, one report, one exit code.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use vidimus::{
    CompileOptions, Engine, EvaluateOptions, Evaluation, MissingBuiltins, Observed, Outcome, Place, Policy, Report, Stats, Workers,
};

use super::bundles::BundleArguments;
use super::format::Format;
use super::inputs::{self, Item, Items};
use super::observing::{ExplainArguments, ProfileArguments};
use super::signer::SignerArguments;
use super::source::SourceArguments;
use super::{duration, modules, persistence, process, progress, remembering};

/// Decide about components: documents, or images by reference
///
/// Each document becomes the `input` of one evaluation. The rules named `deny`, `violation` or `warn` (and `deny_…`,
/// `violation_…`, `warn_…`) of the policy's packages decide; with -q, a query answers instead.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("asked").required(true).multiple(true).args(["policy", "bundle", "query"]))]
#[command(group = ArgGroup::new("given").required(true).multiple(true).args(["inputs", "images"]))]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct EvalArguments {
    /// Documents: .json, .yaml, .yml or .jsonl files, directories of them, or `-` for standard input
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// An image by digest, as a component whose input is {"image": {"ref": REF}}
    #[arg(long = "image", value_name = "REF")]
    images: Vec<String>,
    /// Rego file, directory of them, OPA bundle (.tar.gz), or WebAssembly that `opa build -t wasm` made (.wasm)
    #[arg(short, long, value_name = "POLICY")]
    policy: Vec<String>,
    /// OPA bundle: an archive, or a directory with the same files
    #[arg(short, long, value_name = "PATH")]
    bundle: Vec<String>,
    /// Data: JSON or YAML file, or directory whose sub-directories are the path into `data`
    #[arg(short, long, value_name = "[PREFIX:]DATA")]
    data: Vec<String>,
    /// Report the value of a query for each component, and let no rule decide
    #[arg(short, long, value_name = "QUERY")]
    query: Option<String>,
    /// Only rules of this package decide
    #[arg(long, value_name = "PACKAGE", conflicts_with = "query")]
    namespace: Vec<String>,
    /// Report as text, json, yaml or junit, to a file where one is named
    #[arg(short, long, value_name = "FORMAT[=FILE]")]
    format: Vec<Format>,
    /// Exit with 1 where the query is undefined for a component
    #[arg(long, requires = "query", conflicts_with = "fail_defined")]
    fail: bool,
    /// Exit with 1 where the query is defined for a component
    #[arg(long, requires = "query")]
    fail_defined: bool,
    /// Let warnings fail a component as violations do
    #[arg(long)]
    fail_on_warn: bool,
    /// Cores to use; evaluations that wait for the network use none [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Time that one evaluation may take
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration::parse)]
    timeout: Duration,
    /// Let a builtin that fails end the evaluation, and not merely leave its expression undefined
    #[arg(long)]
    strict_builtin_errors: bool,
    /// Read modules that import no version as Rego v0
    #[arg(long)]
    v0_compatible: bool,
    /// Tell of each component where the verdicts that it rests on came from
    #[arg(long)]
    receipts: bool,
    /// Take WebAssembly policies that call builtins which are not there: each such call ends its evaluation
    #[arg(long)]
    allow_missing_builtins: bool,
    /// Keep the machine code of WebAssembly policies in this directory, which only you may be able to write
    #[arg(long, value_name = "DIR")]
    wasm_cache: Option<PathBuf>,
    #[command(flatten)]
    profile: ProfileArguments,
    #[command(flatten)]
    explain: ExplainArguments,
    #[command(flatten)]
    bundles: BundleArguments,
    #[command(flatten)]
    signer: SignerArguments,
    #[command(flatten)]
    source: SourceArguments,
}

const AFTER_HELP: &str = "\
Signer flags fill `data.config.default_sigstore_opts`, which policies hand to `ec.sigstore.verify_image`.

Names in the report:
  a document has the name of its file, with `#1`, `#2`, … where a file holds several; an image that of its reference

Exit status:
  0  every component passes; with -q, always unless 2 or --fail, --fail-defined
  1  a component has violations
  2  a component could not be decided, or nothing could: the message says what and where

Examples:
  vidimus eval -p policy/ inputs/
  vidimus eval -p policy/ -d data/ -f text -f junit=report.xml a.json b.yaml
  vidimus eval -p rego/ -k release.pub --ignore-rekor --image registry.example/acme/web@sha256:…
  kubectl get pods -o yaml | vidimus eval -p policy/ --namespace kubernetes.admission -
  vidimus eval -p bundle.tar.gz --wasm-cache ~/.cache/vidimus/wasm inputs/
  vidimus eval -q 'data.main.allow' --fail -p policy/ request.json
  vidimus eval -p policy/ --profile --profile-limit 5 inputs/
  vidimus eval -p policy/ --explain fails input.json";

pub(super) fn run(arguments: &EvalArguments) -> anyhow::Result<u8> {
    let policy = compile(arguments)?;
    let started = Instant::now();
    let components = evaluate(arguments, &policy.1)?;
    remembering::warn(policy.0.verifier());
    persistence::flush(policy.0.verifier());
    let stats = Stats {
        wall_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        peak_rss_bytes: process::peak_rss_bytes(),
        ..policy.0.stats()
    };
    let profile = arguments.profile.rules(components.iter().filter_map(Evaluation::profile));
    let report = Report::new(components, stats);
    let report = profile.into_iter().fold(report, Report::with_profile);
    let formats = if arguments.format.is_empty() { &[Format::DEFAULT][..] } else { &arguments.format };
    formats.iter().try_for_each(|format| format.write(&report))?;
    Ok(exit_code(arguments, &report))
}

fn compile(arguments: &EvalArguments) -> anyhow::Result<(Engine, Policy)> {
    let mut data = modules::load(&arguments.policy, &arguments.bundle, &arguments.bundles)?;
    data.load(&arguments.data, &arguments.bundles)?;
    arguments.signer.fill(&arguments.source.keys()?, &mut data.document)?;
    let engine = arguments.source.engine_with(arguments.wasm_cache.clone())?;
    let options = CompileOptions {
        data: data.document.into(),
        namespaces: arguments.namespace.clone(),
        query: arguments.query.clone(),
        strict_builtin_errors: arguments.strict_builtin_errors,
        v0_compatible: arguments.v0_compatible,
        observed: if arguments.explain.detail().is_some() { Observed::Steps } else { arguments.profile.observed() },
        wasm: std::mem::take(&mut data.wasm),
        missing_builtins: if arguments.allow_missing_builtins { MissingBuiltins::Trap } else { MissingBuiltins::Refuse },
        ..CompileOptions::default()
    };
    let policy = engine.compile(&data.modules, &options)?;
    Ok((engine, policy))
}

fn evaluate(arguments: &EvalArguments, policy: &Policy) -> anyhow::Result<Vec<Evaluation>> {
    let items = Items::new(&arguments.inputs, &arguments.images);
    let detail = arguments.explain.detail();
    let items: Box<dyn Iterator<Item = Item>> = match detail {
        Some(_) => Box::new(one(items)?.into_iter()),
        None => Box::new(items),
    };
    let bar = progress::bar(items.size_hint().1);
    // All components of a run are decided at one time: what rules make of the time alone is then the same for all of them.
    let now = Some(SystemTime::now());
    let options = EvaluateOptions { now, receipts: arguments.receipts, ..EvaluateOptions::lasting(arguments.timeout) };
    let workers = Workers::new(arguments.workers.map_or_else(process::cores, usize::from));
    let decide = |item: Item, place: &Place| -> Vec<Evaluation> {
        let components = inputs::components(item).into_iter();
        components.map(|component| component.map_or_else(|bad| *bad, |component| policy.evaluate_at(place, &component, &options))).collect()
    };
    let mut evaluations = Vec::new();
    let collect = |decided: Vec<Evaluation>| {
        bar.inc(1);
        for evaluation in decided {
            bar.suspend(|| print(evaluation.prints()));
            let evaluation = detail.into_iter().fold(evaluation, Evaluation::explaining);
            evaluations.push(if arguments.fail_on_warn { evaluation.failing_on_warnings() } else { evaluation });
        }
    };
    let ran = workers.run(items, decide, collect);
    bar.finish_and_clear();
    ran.context("no thread to evaluate on")?;
    anyhow::ensure!(detail.is_none() || evaluations.len() < 2, SEVERAL);
    Ok(evaluations)
}

/// `--explain` tells of one component.
fn one(items: Items) -> anyhow::Result<Vec<Item>> {
    let items: Vec<Item> = items.take(2).collect();
    anyhow::ensure!(items.len() < 2, SEVERAL);
    Ok(items)
}

const SEVERAL: &str = "--explain: traces one component, and there are several";

/// What policies print goes to standard error; where nobody listens there, nothing is lost that decides.
fn print(lines: &[String]) {
    let mut stderr = io::stderr().lock();
    for line in lines {
        let _ = writeln!(stderr, "{}", super::style::harmless(line));
    }
}

fn exit_code(arguments: &EvalArguments, report: &Report) -> u8 {
    let defined = |evaluation: &Evaluation| evaluation.result().is_some();
    let failed =
        (arguments.fail && !report.components().iter().all(defined)) || (arguments.fail_defined && report.components().iter().any(defined));
    match report.outcome() {
        Outcome::Undecided => super::UNDECIDED,
        Outcome::Violated => 1,
        Outcome::Passed => u8::from(failed),
    }
}
