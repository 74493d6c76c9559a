//! `vidimus cache revoke`: puts revocations on record, and removes what they mean. Each leaves a record for an audit trail.

use std::time::SystemTime;

use clap::{ArgGroup, Args};
use vidimus::memo::Selector;
use vidimus::verify::{InvalidRevocation, Revocable};

use super::DirectoryArguments;
use super::list::Revoked;
use crate::cli::clock::rfc3339;

/// Revoke remembered verdicts, by what they rest on; each flag may be given several times
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args([
    "digest", "repository", "key_fingerprint", "certificate_identity", "certificate_oidc_issuer", "log_index", "all",
]))]
pub(super) struct RevokeArguments {
    #[command(flatten)]
    directory: DirectoryArguments,
    /// Of this image
    #[arg(long, value_name = "DIGEST", value_parser = of(Revocable::Digest))]
    digest: Vec<Selector>,
    /// Of images of this registry, or under this path in it
    #[arg(long, value_name = "REGISTRY[/REPOSITORY]", value_parser = of(Revocable::Repository))]
    repository: Vec<Selector>,
    /// By the key with this SHA-256 of its public key (DER)
    #[arg(long, value_name = "SHA256", value_parser = of(Revocable::KeyFingerprint))]
    key_fingerprint: Vec<Selector>,
    /// By certificates of this identity (subject alternative name)
    #[arg(long, value_name = "NAME", value_parser = of(Revocable::CertificateIdentity))]
    certificate_identity: Vec<Selector>,
    /// By certificates of this OIDC issuer
    #[arg(long, value_name = "URL", value_parser = of(Revocable::CertificateOidcIssuer))]
    certificate_oidc_issuer: Vec<Selector>,
    /// With this entry of a transparency log
    #[arg(long, value_name = "N", value_parser = of(Revocable::LogIndex))]
    log_index: Vec<Selector>,
    /// Everything
    #[arg(long)]
    all: bool,
}

/// Reads values of a kind.
fn of(kind: Revocable) -> impl Fn(&str) -> Result<Selector, InvalidRevocation> + Clone + Send + Sync + 'static {
    move |value| kind.selector(value)
}

impl RevokeArguments {
    fn selectors(&self) -> Vec<Selector> {
        let all = [
            &self.digest,
            &self.repository,
            &self.key_fingerprint,
            &self.certificate_identity,
            &self.certificate_oidc_issuer,
            &self.log_index,
        ];
        all.into_iter().flatten().cloned().chain(self.all.then_some(Selector::All)).collect()
    }
}

pub(super) fn run(arguments: &RevokeArguments) -> anyhow::Result<()> {
    let vault = arguments.directory.vault()?;
    let mut revoked = Vec::new();
    for selector in arguments.selectors() {
        let at = SystemTime::now();
        // On record first: a crash in between leaves records that are of no use.
        let number = vault.revoke(&selector, at)?;
        let means = |listed: &vidimus::memo::Listed| listed.record().is_some_and(|record| selector.means(&record.labels));
        let entries = vault.remove_if(at, means)? as u64;
        revoked.push(Revoked { number, selector: selector.to_string(), at: Some(rfc3339(at)), entries: Some(entries) });
    }
    arguments.directory.answer(&revoked, || revoked.iter().map(Revoked::text).collect())
}
