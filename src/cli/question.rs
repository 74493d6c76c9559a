//! The question that `verify` and `explain` ask: an image, who must have signed it, and where it is.

use std::time::Duration;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use vidimus::oci::ImageRef;
use vidimus::verify::{Question, VerifyRequest};

use super::duration;
use super::signer::{self, SignerArguments};
use super::source::SourceArguments;

/// A question to the verifier.
#[derive(Debug, Args)]
pub(super) struct QuestionArguments {
    /// The image, by digest
    #[arg(value_name = "REF")]
    pub(super) image: String,
    /// Verify attestations, and not signatures
    #[arg(long)]
    pub(super) attestation: bool,
    /// How to answer
    #[arg(short, long, value_enum, default_value_t = Shape::Text)]
    pub(super) format: Shape,
    /// Time that the verification may take
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration::parse)]
    pub(super) timeout: Duration,
    #[command(flatten)]
    pub(super) signer: SignerArguments,
    #[command(flatten)]
    pub(super) source: SourceArguments,
}

/// For people or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    Text,
    Json,
}

impl QuestionArguments {
    /// The question, keys read.
    pub(super) fn request(&self) -> anyhow::Result<VerifyRequest> {
        let image: ImageRef = self.image.parse().map_err(|error| anyhow!("`{}`: {error}", self.image))?;
        let keys = self.source.keys()?;
        let (signer, log) = signer::signer(&self.signer.read(&keys)?, &keys)?;
        let question = if self.attestation { Question::Attestation } else { Question::Image };
        Ok(VerifyRequest { image, question, signer, log })
    }
}
