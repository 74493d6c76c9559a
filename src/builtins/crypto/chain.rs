//! Chains of certificates. Stricter than Go's where it reads more than we do: a chain with constraints on names, or with
//! a critical extension that nobody here knows, is not verified.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use regorus::value::Object;

use super::extension;
use super::key::Public;
use super::{Certificate, Fault, Value, order};
use crate::builtins::number;

const USAGES: [&str; 14] = [
    "Any",
    "ServerAuth",
    "ClientAuth",
    "CodeSigning",
    "EmailProtection",
    "IPSECEndSystem",
    "IPSECTunnel",
    "IPSECUser",
    "TimeStamping",
    "OCSPSigning",
    "MicrosoftServerGatedCrypto",
    "NetscapeServerGatedCrypto",
    "MicrosoftCommercialCodeSigning",
    "MicrosoftKernelCodeSigning",
];

/// What a chain is held against.
#[derive(Debug)]
pub(super) struct Options {
    dns_name: String,
    /// Seconds since 1970.
    now: i64,
    /// Go's numbers; 0 is any.
    usages: Vec<i64>,
}

impl Options {
    pub(super) fn at(now_ns: i64) -> Self {
        Options { dns_name: String::new(), now: now_ns.div_euclid(1_000_000_000), usages: vec![1] }
    }

    pub(super) fn read(given: &Object, now_ns: i64) -> Result<Self, Fault> {
        let mut options = Self::at(now_ns);
        for key in order::keys(given) {
            let value = given.get(key).unwrap_or(&Value::Undefined);
            let Value::String(name) = key else { continue };
            match (name.as_ref(), value) {
                ("DNSName", Value::String(dns_name)) => dns_name.trim_matches('"').clone_into(&mut options.dns_name),
                ("DNSName", _) => return Err(Fault::failed("'DNSName' should be a string")),
                ("CurrentTime", value @ Value::Number(_)) => {
                    let now = number::to_i64(value).ok_or_else(|| Fault::failed("'CurrentTime' should be a valid int64 number"))?;
                    options.now = now.div_euclid(1_000_000_000);
                }
                ("CurrentTime", _) => return Err(Fault::failed("'CurrentTime' should be a number")),
                ("MaxConstraintComparisons", Value::Number(_)) => {}
                ("MaxConstraintComparisons", _) => return Err(Fault::failed("'MaxConstraintComparisons' should be a number")),
                ("KeyUsages", Value::Array(names)) => options.usages = usages(&names.iter().collect::<Vec<_>>())?,
                ("KeyUsages", Value::Set(names)) => options.usages = usages(&order::of_set(names))?,
                ("KeyUsages", _) => return Err(Fault::failed("'KeyUsages' should be an Array or Set")),
                _ => return Err(Fault::failed("invalid key option")),
            }
        }
        Ok(options)
    }
}

fn usages(names: &[&Value]) -> Result<Vec<i64>, Fault> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for name in names.iter().filter_map(|name| name.as_string().ok()) {
        let name = name.trim_matches('"');
        let usage = name.strip_prefix("KeyUsage").and_then(|name| (0..).zip(USAGES).find(|(_, known)| *known == name));
        match usage {
            Some((usage, _)) => known.push(usage),
            None => unknown.push(name),
        }
    }
    if !unknown.is_empty() {
        return Err(Fault::failed(format!("invalid entries for 'KeyUsages' found: [{}]", unknown.join(" "))));
    }
    Ok(if known.is_empty() { vec![1] } else { known })
}

/// From the leaf, which comes last, to the root, which comes first.
pub(super) fn verify<'a>(certificates: &'a [Certificate], options: &Options) -> Option<Vec<&'a Certificate>> {
    let (root, rest) = certificates.split_first()?;
    let (leaf, intermediates) = rest.split_last()?;
    if !holds(leaf, options) || !options.usages.iter().any(|usage| allows(leaf, *usage)) {
        return None;
    }
    if !options.dns_name.is_empty() && !is_named(leaf, &options.dns_name) {
        return None;
    }
    if leaf.raw == root.raw {
        return Some(vec![leaf]);
    }
    let mut chain = vec![leaf];
    let mut steps = 0;
    extend(&mut chain, &mut steps, &Pool { root, intermediates, options }).then_some(chain)
}

struct Pool<'a, 'o> {
    root: &'a Certificate,
    intermediates: &'a [Certificate],
    options: &'o Options,
}

fn extend<'a>(chain: &mut Vec<&'a Certificate>, steps: &mut usize, pool: &Pool<'a, '_>) -> bool {
    const MOST_STEPS: usize = 200;
    let Some(last) = chain.last().copied() else { return false };
    for issuer in std::iter::once(pool.root).chain(pool.intermediates) {
        *steps += 1;
        if *steps > MOST_STEPS || chain.iter().any(|known| known.raw == issuer.raw) {
            continue;
        }
        if last.raw_issuer != issuer.raw_subject || !may_issue(issuer, chain.len() - 1, pool.options) || !has_signed(issuer, last) {
            continue;
        }
        chain.push(issuer);
        if issuer.raw == pool.root.raw || extend(chain, steps, pool) {
            return true;
        }
        chain.pop();
    }
    false
}

fn holds(certificate: &Certificate, options: &Options) -> bool {
    let all = certificate.extensions.as_slice();
    let unknown = all.iter().any(|extension| extension.critical && extension.is_unknown());
    (certificate.not_before..=certificate.not_after).contains(&options.now) && !unknown && extension::find(all, 30).is_none()
}

fn may_issue(issuer: &Certificate, below: usize, options: &Options) -> bool {
    let all = issuer.extensions.as_slice();
    let longest = |path: i64| path < 0 || i64::try_from(below).is_ok_and(|below| below <= path);
    let authority = extension::constraints(all).is_some_and(|constraints| constraints.is_authority && longest(constraints.longest_path));
    let signs = extension::find(all, 15).is_none() || extension::key_usage(all) & (1 << 5) != 0;
    authority && signs && holds(issuer, options) && options.usages.iter().any(|usage| allows(issuer, *usage))
}

/// A certificate without usages allows all.
fn allows(certificate: &Certificate, usage: i64) -> bool {
    let (known, unknown) = extension::extended_usages(&certificate.extensions);
    usage == 0 || (known.is_empty() && unknown.is_empty()) || known.contains(&0) || known.contains(&usage)
}

fn has_signed(issuer: &Certificate, certificate: &Certificate) -> bool {
    let verify = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
        UnparsedPublicKey::new(algorithm, key).verify(&certificate.body, &certificate.signature).is_ok()
    };
    let rsa = |algorithm: &'static signature::RsaParameters, key: &Public| {
        let Public::Rsa { modulus, exponent } = key else { return false };
        let key = signature::RsaPublicKeyComponents { n: modulus.to_bytes_be(), e: exponent.to_bytes_be() };
        key.verify(algorithm, &certificate.body, &certificate.signature).is_ok()
    };
    let Some(key) = &issuer.key else { return false };
    match (certificate.signature_algorithm, key) {
        (4, key) => rsa(&signature::RSA_PKCS1_2048_8192_SHA256, key),
        (5, key) => rsa(&signature::RSA_PKCS1_2048_8192_SHA384, key),
        (6, key) => rsa(&signature::RSA_PKCS1_2048_8192_SHA512, key),
        (13, key) => rsa(&signature::RSA_PSS_2048_8192_SHA256, key),
        (14, key) => rsa(&signature::RSA_PSS_2048_8192_SHA384, key),
        (15, key) => rsa(&signature::RSA_PSS_2048_8192_SHA512, key),
        (16, Public::Ed25519(key)) => verify(&signature::ED25519, key),
        (hash, key @ Public::Ec { curve, .. }) => {
            let algorithm: &'static dyn VerificationAlgorithm = match (*curve, hash) {
                ("P-256", 10) => &signature::ECDSA_P256_SHA256_ASN1,
                ("P-256", 11) => &signature::ECDSA_P256_SHA384_ASN1,
                ("P-384", 10) => &signature::ECDSA_P384_SHA256_ASN1,
                ("P-384", 11) => &signature::ECDSA_P384_SHA384_ASN1,
                ("P-521", 12) => &signature::ECDSA_P521_SHA512_ASN1,
                _ => return false,
            };
            key.point().is_some_and(|point| verify(algorithm, &point))
        }
        _ => false,
    }
}

/// A label `*` stands for one label.
fn is_named(leaf: &Certificate, wanted: &str) -> bool {
    let names = extension::alternative_names(&leaf.extensions);
    let wanted = wanted.trim_end_matches('.').to_lowercase();
    let matches = |pattern: &str| match pattern.to_lowercase().strip_prefix("*.") {
        Some(rest) => wanted.split_once('.').is_some_and(|(first, after)| !first.is_empty() && after == rest),
        None => pattern.eq_ignore_ascii_case(&wanted),
    };
    names.dns.iter().any(|name| matches(name.trim_end_matches('.')))
}
