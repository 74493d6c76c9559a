//! `vidimus verify`: the builtin from the shell, with its receipt.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use vidimus::oci::ImageRef;
use vidimus::verify::{Answer, Attestation, Question, Receipt, Signature, VerifyError, VerifyRequest};

use super::clock::rfc3339;
use super::duration;
use super::format::write_quietly;
use super::predicates;
use super::remembering;
use super::signer::{self, SignerArguments};
use super::source::SourceArguments;
use super::style::{Style, Tone, harmless};

/// Verify the signatures, or the attestations, of one image
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct VerifyArguments {
    /// The image, by digest
    #[arg(value_name = "REF")]
    image: String,
    /// Verify attestations, and not signatures
    #[arg(long)]
    attestation: bool,
    /// Only attestations with this predicate: its type, or a name such as `slsaprovenance1`, `spdx`, `cyclonedx`, `vuln`
    #[arg(long = "type", value_name = "TYPE", requires = "attestation")]
    predicate: Option<String>,
    /// How to answer
    #[arg(short, long, value_enum, default_value_t = Shape::Text)]
    format: Shape,
    /// Time that the verification may take
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration::parse)]
    timeout: Duration,
    #[command(flatten)]
    signer: SignerArguments,
    #[command(flatten)]
    source: SourceArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    Text,
    Json,
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
    let image: ImageRef = arguments.image.parse().map_err(|error| anyhow!("`{}`: {error}", arguments.image))?;
    let keys = arguments.source.keys()?;
    let (signer, log) = signer::signer(&arguments.signer.read(&keys)?, &keys)?;
    let question = if arguments.attestation { Question::Attestation } else { Question::Image };
    let request = VerifyRequest { image, question, signer, log };
    let engine = arguments.source.engine()?;
    let answer = engine.verifier().verify(&request, Instant::now() + arguments.timeout).and_then(|answer| filtered(arguments, answer));
    remembering::warn(engine.verifier());
    let rendered = match arguments.format {
        Shape::Text => text(arguments, &answer, Style::new(io::stdout().is_terminal())),
        Shape::Json => serde_json::to_string_pretty(&document(arguments, &answer))? + "\n",
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
    receipt: Receipt,
}

/// Leaves out attestations of other types; none of the type that is wanted is a rejection.
fn filtered(arguments: &VerifyArguments, answer: Answer) -> Result<Shown, VerifyError> {
    let mut attestations = answer.verified.attestations().to_vec();
    if let Some(wanted) = &arguments.predicate {
        let types = predicates::types(wanted);
        attestations.retain(|attestation| types.contains(&predicate(attestation)));
        if attestations.is_empty() {
            return Err(VerifyError::Rejected(format!("no verified attestation has the predicate type `{wanted}`")));
        }
    }
    Ok(Shown { signatures: answer.verified.signatures().to_vec(), attestations, receipt: answer.receipt })
}

fn predicate(attestation: &Attestation) -> &str {
    attestation.statement.get("predicateType").and_then(Value::as_str).unwrap_or_default()
}

fn kind(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::Rejected(_) => "rejected",
        VerifyError::Unavailable(_) => "unavailable",
        _ => "invalid",
    }
}

fn document(arguments: &VerifyArguments, answer: &Result<Shown, VerifyError>) -> Value {
    match answer {
        Err(error) => {
            json!({ "image": arguments.image, "verified": false, "error": { "kind": kind(error), "message": error.to_string() } })
        }
        Ok(Shown { signatures, attestations, receipt }) => {
            let statement = |attestation: &Attestation| json!({ "statement": attestation.statement, "signatures": attestation.signatures });
            let evidence = if arguments.attestation {
                ("attestations", Value::Array(attestations.iter().map(statement).collect()))
            } else {
                ("signatures", json!(signatures))
            };
            let receipt = json!({
                "kind": receipt.kind,
                "verified_at": rfc3339(receipt.verified_at),
                "registry_requests": receipt.registry_requests,
            });
            json!({ "image": arguments.image, "verified": true, evidence.0: evidence.1, "receipt": receipt })
        }
    }
}

/// The answer for people. Writing to a string cannot fail, hence the results that are let go.
fn text(arguments: &VerifyArguments, answer: &Result<Shown, VerifyError>, style: Style) -> String {
    let mut text = String::new();
    let image = style.paint(Tone::Strong, &harmless(&arguments.image));
    match answer {
        Err(error) => {
            let tone = if matches!(error, VerifyError::Rejected(_)) { Tone::Bad } else { Tone::Undecided };
            let _ = writeln!(text, "{} {image}", style.paint(tone, &kind(error).to_uppercase()));
            let _ = writeln!(text, "  {}", harmless(error.to_string().trim_end_matches([' ', ':'])).replace('\n', "\n  "));
        }
        Ok(Shown { signatures, attestations, receipt }) => {
            let _ = writeln!(text, "{} {image}", style.paint(Tone::Good, "VERIFIED"));
            for signature in signatures {
                let _ = writeln!(text, "  signature    {}", signer(arguments, signature));
            }
            for attestation in attestations {
                let signers: Vec<String> = attestation.signatures.iter().map(|signature| signer(arguments, signature)).collect();
                let _ = writeln!(text, "  attestation  {}, {}", harmless(predicate(attestation)), signers.join(", "));
            }
            let kind = serde_json::to_value(receipt.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
            let plural = if receipt.registry_requests == 1 { "" } else { "s" };
            let costs =
                format!("{kind}, checked at {}, {} registry request{plural}", rfc3339(receipt.verified_at), receipt.registry_requests);
            let _ = writeln!(text, "  receipt      {}", style.paint(Tone::Quiet, &costs));
        }
    }
    text
}

/// Who signed, in a few words: the identity in the certificate, else the key that was asked for.
fn signer(arguments: &VerifyArguments, signature: &Signature) -> String {
    let name = |name: &str| signature.metadata.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| harmless(value));
    match (name("subject").or_else(|| name("san")), &arguments.signer.public_key) {
        (Some(subject), _) => format!("by {subject}"),
        (None, Some(key)) => format!("by the key `{}`", harmless(key)),
        (None, None) if !signature.keyid.is_empty() => format!("by the certificate of key {}", harmless(&signature.keyid)),
        (None, None) => "by a certificate that matches".to_owned(),
    }
}
