//! `.signatures.json`: one token whose payload names every file of the bundle and its digest.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::error::BundleError;
use super::file::BundleFile;
use super::hash;
use super::manifest::first_object;
use super::pattern::FilePattern;
use crate::builtins::VerificationKey;

/// Who must have signed a bundle, and what need not be signed in it.
#[derive(Clone)]
pub struct BundleKey {
    key: VerificationKey,
    algorithm: String,
    /// The name of the key; an empty one never fits.
    pub id: String,
    /// The scope that the signature must be for; empty for none.
    pub scope: String,
    /// Files whose digests are not compared.
    pub exclude: Vec<FilePattern>,
}

/// Why a key cannot verify bundles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BundleKeyError(String);

impl BundleKey {
    /// The algorithms that bundles are signed by.
    pub const ALGORITHMS: [&'static str; 13] =
        ["ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];

    /// A key for this algorithm: a secret for `HS…`, else a public key or a certificate in PEM.
    ///
    /// # Errors
    /// An unknown algorithm; a text that is no key for it.
    pub fn new(key: &str, algorithm: &str) -> Result<Self, BundleKeyError> {
        if !Self::ALGORITHMS.contains(&algorithm) {
            return Err(BundleKeyError(format!("unknown signature algorithm: `{algorithm}`")));
        }
        let key = VerificationKey::parse(key, algorithm).map_err(BundleKeyError)?;
        Ok(Self { key, algorithm: algorithm.to_owned(), id: "default".to_owned(), scope: String::new(), exclude: Vec::new() })
    }
}

impl fmt::Debug for BundleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key may be a secret.
        f.debug_struct("BundleKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// `.signatures.json`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Signatures {
    signatures: Option<Vec<String>>,
    plugin: Option<String>,
}

/// What a token says.
#[derive(Debug, Deserialize)]
struct Payload {
    #[serde(default)]
    files: Vec<SignedFile>,
    #[serde(default)]
    scope: String,
}

#[derive(Debug, Deserialize)]
struct SignedFile {
    name: String,
    #[serde(default)]
    hash: String,
    #[serde(default)]
    algorithm: String,
}

/// What `opa build` calls the way in which OPA itself signs and verifies.
const OPAS_OWN: &str = "_default";

/// Takes the signatures out of the files, if there are any.
pub(super) fn take(files: &mut Vec<BundleFile>) -> Result<Option<Vec<String>>, BundleError> {
    let (found, rest): (Vec<BundleFile>, Vec<BundleFile>) =
        std::mem::take(files).into_iter().partition(|file| file.base() == ".signatures.json");
    *files = rest;
    match found.as_slice() {
        [] => Ok(None),
        [file] => {
            let read: Signatures = first_object(&file.shown, file.text()?)?;
            if let Some(plugin) = read.plugin.filter(|plugin| !plugin.is_empty() && plugin != OPAS_OWN) {
                return Err(BundleError::Signature(format!("no verifier exists under id `{plugin}`")));
            }
            Ok(Some(read.signatures.unwrap_or_default()))
        }
        [first, second, ..] => {
            Err(BundleError::Signature(format!("bundle contains multiple signatures files: `{}` and `{}`", first.shown, second.shown)))
        }
    }
}

/// Verifies the signature, and that each file is as it was signed, none is new and none is missing.
pub(super) fn verify(signatures: Option<&[String]>, key: &BundleKey, files: &[BundleFile]) -> Result<(), BundleError> {
    let refuse = |why: &str| Err(BundleError::Signature(why.to_owned()));
    let token = match signatures {
        None => return refuse("bundle missing .signatures.json file"),
        Some([]) => return refuse(".signatures.json: missing JWT (expected exactly one)"),
        Some([token]) => token,
        Some(_) => return refuse(".signatures.json: multiple JWTs not supported (expected exactly one)"),
    };
    let payload = payload(token, key).map_err(BundleError::Signature)?;
    let mut signed: BTreeMap<&str, &SignedFile> = payload.files.iter().map(|file| (file.name.as_str(), file)).collect();
    for file in files {
        // OPA names files of directories by their whole paths, those of archives by their paths inside.
        let shown = file.shown.trim_start_matches('/');
        let name = if signed.contains_key(shown) { shown } else { file.path.as_str() };
        if key.exclude.iter().any(|pattern| pattern.matches(shown) || pattern.matches(&file.path)) {
            signed.remove(name);
            continue;
        }
        let Some(expected) = signed.remove(name) else {
            return Err(BundleError::Signature(format!("file `{shown}` not included in bundle signature")));
        };
        compare(file, expected).map_err(BundleError::Signature)?;
    }
    if signed.is_empty() {
        return Ok(());
    }
    let missing: Vec<&str> = signed.into_keys().take(20).collect();
    Err(BundleError::Signature(format!(
        "file(s) [{}] specified in bundle signatures but not found in the target bundle",
        missing.join(" ")
    )))
}

fn payload(token: &str, key: &BundleKey) -> Result<Payload, String> {
    if key.id.is_empty() {
        return Err("verification key ID is empty".to_owned());
    }
    let payload = key.key.payload(token, &key.algorithm);
    let payload =
        payload.map_err(|why| format!("failed to verify JWT signature with the key `{}` and {}: {why}", key.id, key.algorithm))?;
    let payload: Payload = serde_json::from_str(&payload).map_err(|error| format!("JWT payload: {error}"))?;
    if payload.scope != key.scope {
        return Err("scope mismatch".to_owned());
    }
    Ok(payload)
}

fn compare(file: &BundleFile, signed: &SignedFile) -> Result<(), String> {
    if signed.algorithm.is_empty() {
        return Err(format!("no hashing algorithm provided for file `{}`", file.shown));
    }
    let found = hash::digest(file, &signed.algorithm).map_err(|why| format!("`{}`: {why}", file.shown))?;
    let found = found.ok_or_else(|| format!("unsupported hashing algorithm: `{}`", signed.algorithm))?;
    let wanted = hex::decode(&signed.hash).map_err(|error| format!("`{}`: its digest in the signature: {error}", file.shown))?;
    if wanted != found {
        return Err(format!("`{}`: digest mismatch (want: {}, got: {})", file.shown, hex::encode(wanted), hex::encode(found)));
    }
    Ok(())
}
