//! `vidimus explain`: why the verdict over an image is what it is, and where each part of it came from.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::time::{Instant, SystemTime};

use clap::Args;
use serde_json::{Map, Value, json};
use vidimus::memo::Vault;
use vidimus::verify::{Examination, Exhibit, Finding, Verdict, VerdictReceipt, VerifyError};

use super::cache::Entry;
use super::format::write_quietly;
use super::question::{QuestionArguments, Shape};
use super::receipts;
use super::style::{Style, Tone, harmless};

/// Explain the verdict over one image: what is remembered of it, and what the evidence says now
///
/// Takes the options of `verify`. The evidence is looked at anew, whatever is remembered; nothing is remembered of that.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct ExplainArguments {
    #[command(flatten)]
    asked: QuestionArguments,
}

const AFTER_HELP: &str = "\
Exit status: that of `verify`.

Examples:
  vidimus explain -k release.pub --ignore-rekor registry.example/acme/web@sha256:…
  vidimus explain --cache-dir .vidimus -f json -k release.pub registry.example/acme/web@sha256:…";

pub(super) fn run(arguments: &ExplainArguments) -> anyhow::Result<u8> {
    let ExplainArguments { asked } = arguments;
    let request = asked.request()?;
    let (engine, vault) = asked.source.engine_and_vault()?;
    let verifier = engine.verifier();
    let now = SystemTime::now();
    let entry = verifier.entry(&request);
    let stored = vault.as_deref().map(|vault: &Vault| vault.look(&entry, now)).transpose()?.flatten();
    let examined = verifier.examine(&request, Instant::now() + asked.timeout);
    // What is remembered is the answer; else what the evidence says now.
    let (verdict, receipt) = match verifier.recall(&request) {
        Some(answer) => (Verdict::Verified, Some(VerdictReceipt::new(&request, &entry, &Ok(answer), now))),
        None => (Verdict::of(&examined.verdict), None),
    };
    let told = VerdictReceipt::new(&request, &entry, &Err(VerifyError::Invalid(String::new()).into()), now);
    let explained = Explained { asked: told, verdict, receipt, stored: stored.as_ref().map(|listed| Entry::of(listed, None)), examined };
    let rendered = match asked.format {
        Shape::Text => explained.text(asked, Style::new(io::stdout().is_terminal())),
        Shape::Json => serde_json::to_string_pretty(&explained.document(asked, &verifier.epoch().to_string()))? + "\n",
    };
    write_quietly(&mut io::stdout().lock(), rendered.as_bytes())?;
    Ok(match verdict {
        Verdict::Verified => 0,
        Verdict::Rejected => 1,
        _ => super::UNDECIDED,
    })
}

struct Explained {
    /// The question, told; its verdict counts for nothing.
    asked: VerdictReceipt,
    verdict: Verdict,
    /// Where the verdict came from, if it is remembered.
    receipt: Option<VerdictReceipt>,
    stored: Option<Entry>,
    examined: Examination,
}

impl Explained {
    /// Why the verdict is what it is, in one line.
    fn because(&self) -> &'static str {
        match (&self.receipt, self.verdict, &self.examined.verdict) {
            (Some(_), _, Ok(())) => "it is remembered, and the evidence says the same now",
            (Some(_), _, Err(VerifyError::Unavailable(_))) => "it is remembered; the evidence could not be asked for now",
            (Some(_), _, Err(_)) => "it is remembered; the evidence no longer says so",
            (None, Verdict::Verified, _) => "nothing is remembered; the evidence says so now",
            (None, Verdict::Unavailable, _) => "nothing is remembered, and some evidence could not be asked for",
            (None, _, _) => "nothing is remembered, and no evidence holds",
        }
    }

    fn document(&self, asked: &QuestionArguments, epoch: &str) -> Value {
        let Examination { verdict, exhibits, registry_requests } = &self.examined;
        let mut now = Map::from_iter([
            ("verdict".to_owned(), json!(Verdict::of(verdict))),
            ("exhibits".to_owned(), json!(exhibits)),
            ("registry_requests".to_owned(), json!(registry_requests)),
        ]);
        if let Err(error) = verdict {
            now.insert("reason".to_owned(), json!(error.to_string()));
        }
        let question = json!({ "question": self.asked.question, "signer": self.asked.signer, "log_required": self.asked.log_required });
        json!({
            "image": asked.image,
            "verdict": self.verdict,
            "because": self.because(),
            "asked": question,
            "entry": self.asked.entry,
            "epoch": epoch,
            "receipt": self.receipt,
            "stored": self.stored,
            "evidence": now,
        })
    }

    /// Writing to a string cannot fail, hence the results that are let go.
    fn text(&self, asked: &QuestionArguments, style: Style) -> String {
        let mut text = String::new();
        let tone = match self.verdict {
            Verdict::Verified => Tone::Good,
            Verdict::Rejected => Tone::Bad,
            _ => Tone::Undecided,
        };
        let name = style.paint(tone, &self.verdict.name().to_uppercase());
        let _ = writeln!(text, "{name} {}", style.paint(Tone::Strong, &harmless(&asked.image)));
        let _ = writeln!(text, "  because      {}", self.because());
        let signer: Vec<String> = self.asked.signer.iter().map(|(name, value)| format!("{name} {}", harmless(value))).collect();
        let log = if self.asked.log_required { "seen by a transparency log" } else { "no log asked for" };
        let _ = writeln!(
            text,
            "  asked        {}: {}; {log}",
            if asked.attestation { "attestations" } else { "signatures" },
            signer.join(", ")
        );
        let _ = writeln!(text, "  entry        {}", style.paint(Tone::Quiet, &self.asked.entry));
        match self.receipt.as_ref().and_then(|receipt| receipt.source.as_ref()) {
            Some(source) => drop(writeln!(text, "  remembered   {}", receipts::source(source))),
            None => drop(writeln!(text, "  remembered   {}", self.stored.as_ref().map_or("nothing", Entry::unused))),
        }
        let requests = self.examined.registry_requests;
        let _ = writeln!(text, "  evidence     {} now, {requests} registry requests", Verdict::of(&self.examined.verdict).name());
        for exhibit in &self.examined.exhibits {
            let _ = writeln!(text, "    {}", shown(exhibit, style));
        }
        text
    }
}

fn shown(exhibit: &Exhibit, style: Style) -> String {
    let Exhibit { kind, reference, finding, reason, grounds } = exhibit;
    let (word, tone) = match finding {
        Finding::Verified => ("verified", Tone::Good),
        Finding::Rejected => ("rejected", Tone::Bad),
        Finding::Malformed => ("malformed", Tone::Bad),
        Finding::Unavailable => ("unavailable", Tone::Undecided),
        Finding::Absent => ("absent", Tone::Quiet),
        _ => ("other", Tone::Quiet),
    };
    let why = reason.as_ref().map(|reason| format!(": {}", harmless(reason).replace('\n', " "))).unwrap_or_default();
    let rests = receipts::grounds(grounds);
    let rests = if rests.is_empty() { String::new() } else { format!(" ({rests})") };
    format!("{} {kind} {}{rests}{why}", style.paint(tone, &format!("{word:<11}")), harmless(reference))
}
