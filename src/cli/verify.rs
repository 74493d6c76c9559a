//! `vidimus verify`: the builtin from the shell, with its receipt.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::time::{Instant, SystemTime};

use clap::Args;
use serde_json::{Value, json};
use vidimus::verify::{Answer, Attestation, PreparedRequest, Signature, Verdict, VerdictReceipt, VerifyError};

use super::format::write_quietly;
use super::question::{QuestionArguments, Shape};
use super::style::{Style, Tone, harmless};
use super::{persistence, predicates, receipts, remembering};

/// Verify the signatures, or the attestations, of one image
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct VerifyArguments {
    #[command(flatten)]
    asked: QuestionArguments,
    /// Only attestations with this predicate: its type, or a name such as `slsaprovenance1`, `spdx`, `cyclonedx`, `vuln`
    #[arg(long = "type", value_name = "TYPE", requires = "attestation")]
    predicate: Option<String>,
}

const AFTER_HELP: &str = "\
Exit status:
  0  verified
  1  rejected: the evidence was seen, and it does not hold
  2  unavailable (the registry could not be asked) or invalid (a reference without a digest, no signer, ..)

Examples:
  vidimus verify -k release.pub --ignore-rekor registry.example/acme/web@sha256:…
  vidimus verify --certificate-identity-regexp '^https://github.com/acme/' \\
      --certificate-oidc-issuer https://token.actions.githubusercontent.com ghcr.io/acme/web@sha256:…
  vidimus verify --attestation --type slsaprovenance1 -k release.pub -f json registry.example/acme/web@sha256:…";

pub(super) fn run(arguments: &VerifyArguments) -> anyhow::Result<u8> {
    let request = arguments.asked.request()?;
    let engine = arguments.asked.source.engine()?;
    let request = PreparedRequest::new(request);
    let answer = engine.verifier().ask(&request, Instant::now() + arguments.asked.timeout);
    let request = request.request();
    let receipt = VerdictReceipt::new(request, &engine.verifier().entry(request), &answer, SystemTime::now());
    let answer = answer.map_err(VerifyError::from).and_then(|answer| filtered(arguments, &answer));
    // Where the types that are wanted decide otherwise, what the verdict was is no receipt for it.
    let receipt = Some(receipt).filter(|receipt| receipt.verdict == Verdict::of(&answer));
    remembering::warn(engine.verifier());
    persistence::flush(engine.verifier());
    let rendered = match arguments.asked.format {
        Shape::Text => text(arguments, (&answer, receipt.as_ref()), Style::new(io::stdout().is_terminal())),
        Shape::Json => serde_json::to_string_pretty(&document(arguments, (&answer, receipt.as_ref())))? + "\n",
    };
    write_quietly(&mut io::stdout().lock(), rendered.as_bytes())?;
    Ok(match answer {
        Ok(_) => 0,
        Err(VerifyError::Rejected(_)) => 1,
        Err(_) => super::UNDECIDED,
    })
}

/// What an answer shows of itself.
struct Shown {
    signatures: Vec<Signature>,
    attestations: Vec<Attestation>,
}

/// Leaves out attestations of other types; none of the type that is wanted is a rejection.
fn filtered(arguments: &VerifyArguments, answer: &Answer) -> Result<Shown, VerifyError> {
    let mut attestations = answer.verified.attestations().to_vec();
    if let Some(wanted) = &arguments.predicate {
        let types = predicates::types(wanted);
        attestations.retain(|attestation| types.contains(&predicate(attestation)));
        if attestations.is_empty() {
            return Err(VerifyError::Rejected(format!("no verified attestation has the predicate type `{wanted}`")));
        }
    }
    Ok(Shown { signatures: answer.verified.signatures().to_vec(), attestations })
}

fn predicate(attestation: &Attestation) -> &str {
    attestation.statement.get("predicateType").and_then(Value::as_str).unwrap_or_default()
}

fn document(arguments: &VerifyArguments, (answer, receipt): (&Result<Shown, VerifyError>, Option<&VerdictReceipt>)) -> Value {
    match answer {
        Err(error) => {
            let mut document = json!({
                "image": arguments.asked.image,
                "verified": false,
                "error": { "kind": Verdict::from(error), "message": error.to_string() },
            });
            if let (Some(members), Some(receipt)) = (document.as_object_mut(), receipt) {
                members.insert("receipt".to_owned(), json!(receipt));
            }
            document
        }
        Ok(Shown { signatures, attestations }) => {
            let statement = |attestation: &Attestation| json!({ "statement": attestation.statement, "signatures": attestation.signatures });
            let evidence = if arguments.asked.attestation {
                ("attestations", Value::Array(attestations.iter().map(statement).collect()))
            } else {
                ("signatures", json!(signatures))
            };
            json!({ "image": arguments.asked.image, "verified": true, evidence.0: evidence.1, "receipt": receipt })
        }
    }
}

/// The answer for people. Writing to a string cannot fail, hence the results that are let go.
fn text(arguments: &VerifyArguments, (answer, receipt): (&Result<Shown, VerifyError>, Option<&VerdictReceipt>), style: Style) -> String {
    let mut text = String::new();
    let image = style.paint(Tone::Strong, &harmless(&arguments.asked.image));
    match answer {
        Err(error) => {
            let tone = if matches!(error, VerifyError::Rejected(_)) { Tone::Bad } else { Tone::Undecided };
            let _ = writeln!(text, "{} {image}", style.paint(tone, &Verdict::from(error).name().to_uppercase()));
            let _ = writeln!(text, "  {}", harmless(error.to_string().trim_end_matches([' ', ':'])).replace('\n', "\n  "));
            if let Some(spent) = receipt.and_then(|receipt| receipt.registry_requests) {
                let _ = writeln!(text, "  receipt      {}", style.paint(Tone::Quiet, &receipts::requests(spent)));
            }
        }
        Ok(Shown { signatures, attestations }) => {
            let _ = writeln!(text, "{} {image}", style.paint(Tone::Good, "VERIFIED"));
            for signature in signatures {
                let _ = writeln!(text, "  signature    {}", signer(arguments, signature));
            }
            for attestation in attestations {
                let signers: Vec<String> = attestation.signatures.iter().map(|signature| signer(arguments, signature)).collect();
                let _ = writeln!(text, "  attestation  {}, {}", harmless(predicate(attestation)), signers.join(", "));
            }
            let Some(receipt) = receipt else { return text };
            if let Some(source) = &receipt.source {
                let _ = writeln!(text, "  receipt      {}", style.paint(Tone::Quiet, &receipts::source(source)));
            }
            let rests = receipts::grounds(&receipt.grounds);
            if !rests.is_empty() {
                let _ = writeln!(text, "  rests on     {}", style.paint(Tone::Quiet, &rests));
            }
        }
    }
    text
}

/// Who signed, in a few words: the identity in the certificate, else the key that was asked for.
fn signer(arguments: &VerifyArguments, signature: &Signature) -> String {
    let name = |name: &str| signature.metadata.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| harmless(value));
    match (name("subject").or_else(|| name("san")), &arguments.asked.signer.public_key) {
        (Some(subject), _) => format!("by {subject}"),
        (None, Some(key)) => format!("by the key `{}`", harmless(key)),
        (None, None) if !signature.keyid.is_empty() => format!("by the certificate of key {}", harmless(&signature.keyid)),
        (None, None) => "by a certificate that matches".to_owned(),
    }
}
