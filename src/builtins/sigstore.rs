//! `ec.sigstore.verify_image` and `ec.sigstore.verify_attestation`: operands in, conforma's result shape out.
//!
//! A verification that fails, whyever, is a value with `success: false`, never an abort: the policy decides.

mod asked;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use asked::{Asked, Recent};

use asked::Wanted;

use super::{Availability, Call, Failure, Family, Value};
use crate::oci::ImageRef;
use crate::verify::{
    Attestation, LogRequirement, OptionsError, PARSING_ATTESTATION, PreparedRequest, Question, Signature, Signer, SignerOptions, Verified,
    VerifyError, VerifyRequest,
};

/// The family.
pub(super) const FAMILY: Family = &[
    ("ec.sigstore.verify_image", Availability::Calling(verify_image)),
    ("ec.sigstore.verify_attestation", Availability::Calling(verify_attestation)),
];

/// Is the image signed?
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn verify_image(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    Ok(answer(call, operands, Question::Image))
}

/// Which attestations does the image have?
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn verify_attestation(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    Ok(answer(call, operands, Question::Attestation))
}

fn answer(call: &Call<'_>, operands: &[Value], question: Question) -> Value {
    let verified = request(call, operands, question).and_then(|request| {
        // Made once for each verdict: a hit shares it.
        let show = |verified: &Verified| verified.rendered(|verified| success(question, verified));
        call.host.verify(&request, call.deadline, &show).map_err(|error| text_of(call, question, error))
    });
    verified.unwrap_or_else(|error| result(question, &[error], Vec::new()))
}

/// The question that the operands come to, which is parsed once where the host keeps it.
fn request(call: &Call<'_>, operands: &[Value], question: Question) -> Result<Arc<PreparedRequest>, String> {
    let reference = match operands.first() {
        Some(Value::String(reference)) => reference,
        other => return Err(format!("ref parameter: operand 0 must be string but got {}", type_name(other))),
    };
    let options = match operands.get(1) {
        Some(options @ Value::Object(_)) => options,
        other => {
            parse_reference(reference)?;
            return Err(format!("opts parameter: opts parameter: operand 1 must be object but got {}", type_name(other)));
        }
    };
    let parse = |resolve: &dyn Fn() -> Result<(Signer, LogRequirement), OptionsError>| {
        // First: for an image that is none, no key is fetched.
        let image = parse_reference(reference)?;
        let (signer, log) = resolve().map_err(|error| {
            if let OptionsError::Unavailable(reason) = &error {
                call.host.note_unavailable(reason);
            }
            format!("opts parameter: {error}")
        })?;
        Ok(VerifyRequest { image, question, signer, log })
    };
    let keys = call.host.key_references();
    match call.host.asked() {
        Some(asked) => {
            let options = match call.host.recent() {
                Some(recent) => recent.options(options, || asked.options(options, signer_options)),
                None => asked.options(options, signer_options),
            };
            asked.get(&Wanted { question, reference, options: &options }, || parse(&|| options.resolve(keys)))
        }
        None => parse(&|| signer_options(options).resolve(keys)).map(PreparedRequest::new).map(Arc::new),
    }
}

fn parse_reference(reference: &str) -> Result<ImageRef, String> {
    reference.parse().map_err(|error| format!("new digest: {error}"))
}

/// Members that are unknown are ignored, and members of another type count as not given, as conforma reads them.
fn signer_options(options: &Value) -> SignerOptions {
    let mut read = SignerOptions::default();
    let Value::Object(members) = options else { return read };
    for (name, value) in members.iter() {
        let Value::String(name) = name else { continue };
        let slot = match (&**name, value) {
            ("ignore_rekor", Value::Bool(ignore)) => {
                read.ignore_rekor = *ignore;
                continue;
            }
            ("public_key", Value::String(_)) => &mut read.public_key,
            ("certificate_identity", Value::String(_)) => &mut read.certificate_identity,
            ("certificate_identity_regexp", Value::String(_)) => &mut read.certificate_identity_regexp,
            ("certificate_oidc_issuer", Value::String(_)) => &mut read.certificate_oidc_issuer,
            ("certificate_oidc_issuer_regexp", Value::String(_)) => &mut read.certificate_oidc_issuer_regexp,
            ("rekor_url", Value::String(_)) => &mut read.rekor_url,
            ("rekor_public_key", Value::String(_)) => &mut read.rekor_public_key,
            _ => continue,
        };
        if let Value::String(text) = value {
            (**text).clone_into(slot);
        }
    }
    read
}

/// The one entry of `errors`. What could not be asked is noted beside it: it must never read as "unsigned".
fn text_of(call: &Call<'_>, question: Question, error: VerifyError) -> String {
    let prefix = match question {
        Question::Image => "verify image signature",
        Question::Attestation => "verify image attestation signature",
    };
    match error {
        VerifyError::Rejected(reason) if reason.starts_with(PARSING_ATTESTATION) => reason,
        VerifyError::Rejected(reason) => format!("{prefix}: {reason}"),
        VerifyError::Unavailable(reason) => {
            call.host.note_unavailable(&reason);
            format!("{prefix}: {reason}")
        }
        VerifyError::Invalid(reason) => format!("opts parameter: new policy: {reason}"),
    }
}

fn success(question: Question, verified: &Verified) -> Value {
    let entries = match question {
        Question::Image => verified.signatures().iter().map(signature).collect(),
        Question::Attestation => verified.attestations().iter().map(attestation).collect(),
    };
    result(question, &[], entries)
}

fn result(question: Question, errors: &[String], entries: Vec<Value>) -> Value {
    let member = match question {
        Question::Image => "signatures",
        Question::Attestation => "attestations",
    };
    object([
        ("success", Value::from(errors.is_empty())),
        ("errors", array(errors.iter().map(|error| Value::from(error.as_str())))),
        (member, Value::from(entries)),
    ])
}

fn attestation(attestation: &Attestation) -> Value {
    object([
        ("statement", Value::from((*attestation.statement).clone())),
        ("signatures", array(attestation.signatures.iter().map(signature))),
    ])
}

fn signature(signature: &Signature) -> Value {
    let metadata = signature.metadata.iter().map(|(name, value)| (Value::from(name.as_str()), Value::from(value.as_str())));
    object([
        ("keyid", Value::from(signature.keyid.as_str())),
        ("signature", Value::from(signature.signature.as_str())),
        ("certificate", Value::from(signature.certificate.as_str())),
        ("chain", array(signature.chain.iter().map(|pem| Value::from(pem.as_str())))),
        ("metadata", Value::from(metadata.collect::<BTreeMap<_, _>>())),
    ])
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::from(members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<BTreeMap<_, _>>())
}

fn array(items: impl Iterator<Item = Value>) -> Value {
    Value::from(items.collect::<Vec<_>>())
}

/// OPA's name for the type of a value.
fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Undefined) => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Set(_)) => "set",
        Some(Value::Object(_)) => "object",
    }
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
