//! Tokens outside policies: the signatures of bundles.

use super::keys::Material;
use super::token::Token;
use super::{encoding, verify, words};
use crate::builtins::crypto::key::{Private, Public};
use crate::builtins::crypto::{Certificate, der, pem};

/// What a token is verified with.
#[derive(Clone)]
pub(crate) struct VerificationKey(Material);

impl VerificationKey {
    /// A secret for `HS…`, else PEM: a public key, a certificate, or a private key, whose public half it is.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn parse(text: &str, algorithm: &str) -> Result<Self, String> {
        if algorithm.starts_with("HS") {
            return Ok(Self(Material::Secret(text.as_bytes().to_vec())));
        }
        let failed = || "failed to parse PEM block containing the key".to_owned();
        let (block, _) = pem::next(text).ok_or_else(failed)?;
        let block = block.ok_or_else(failed)?;
        let key = match block.label.as_str() {
            "PUBLIC KEY" => der::Reader::new(&block.bytes).next().and_then(|info| Public::parse(&info)),
            "RSA PUBLIC KEY" => Public::from_pkcs1(&block.bytes),
            "CERTIFICATE" => Certificate::parse(&block.bytes).and_then(|certificate| certificate.key),
            "RSA PRIVATE KEY" => Private::from_pkcs1(&block.bytes).map(|key| key.public()),
            "PRIVATE KEY" => Private::from_pkcs8(&block.bytes).map(|key| key.public()),
            "EC PRIVATE KEY" => Private::from_sec1(&block.bytes, None).map(|key| key.public()),
            _ => None,
        };
        key.map(|key| Self(Material::Public(key))).ok_or_else(failed)
    }

    /// The payload of a token that this key made with this algorithm, whatever the token's header says of it.
    ///
    /// # Errors
    /// The text is no token, or another key or algorithm made it.
    pub(crate) fn payload(&self, token: &str, algorithm: &str) -> Result<String, String> {
        let said = |fault: super::Fault| words(&fault).to_owned();
        let token = Token::split(token).map_err(said)?;
        let signature = encoding::from_url(token.signature).map_err(said)?;
        if !verify::by(&self.0, algorithm, token.signed().as_bytes(), &signature) {
            return Err("invalid signature".to_owned());
        }
        token.payload().map_err(said)
    }
}
