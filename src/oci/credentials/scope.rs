//! The name of a credential, which tells it apart from others without telling it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::pbkdf2;

use super::Credential;
use crate::oci::{Digest, Repository};

/// Rounds of derivation: a password that people can remember should not be guessed from its name, which may be written down.
const ROUNDS: NonZeroU32 = NonZeroU32::new(20_000).unwrap();

/// The derived names of credentials, each derived once.
#[derive(Default)]
pub(super) struct Scopes(Mutex<HashMap<[u8; 32], String>>);

impl Scopes {
    /// The name under which `repository` is asked; empty for nobody in particular.
    pub(super) fn name(&self, repository: &Repository, credential: &Credential) -> String {
        let (kind, name, secret) = match credential {
            Credential::Anonymous => return String::new(),
            Credential::Basic { name, password } => ("basic", name.as_str(), password),
            Credential::IdentityToken(token) => ("identity", "", token),
            Credential::RegistryToken(token) => ("registry", "", token),
        };
        let salt = framed(&["vidimus credential scope", kind, repository.registry(), name]);
        let whole = framed(&[kind, repository.registry(), name, secret]);
        let mut derived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = derived.entry(*Digest::of(&whole).as_bytes()).or_insert_with(|| derive(&salt, secret)).clone();
        drop(derived);
        Digest::of(&framed(&[&owner, &repository.to_string()])).hex()
    }
}

fn derive(salt: &[u8], secret: &str) -> String {
    let mut derived = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, secret.as_bytes(), &mut derived);
    hex::encode(derived)
}

/// Texts one behind the other, each behind its length.
fn framed(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| [&(text.len() as u64).to_be_bytes()[..], text.as_bytes()].concat()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_name_tells_credentials_and_repositories_apart_and_tells_nothing_else() {
        let scopes = Scopes::default();
        let basic = |name: &str, password: &str| Credential::Basic { name: name.to_owned(), password: password.to_owned() };
        let of = |repository: &str, credential: Credential| scopes.name(&repository.parse().unwrap(), &credential);
        let names = [
            of("a.example/app", basic("me", "secret")),
            of("a.example/app", basic("me", "secreT")),
            of("a.example/app", basic("m", "esecret")),
            of("a.example/api", basic("me", "secret")),
            of("b.example/app", basic("me", "secret")),
            of("a.example/app", Credential::IdentityToken("secret".to_owned())),
            of("a.example/app", Credential::RegistryToken("secret".to_owned())),
        ];
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| name.len() == 64 && !name.contains("secret")));
        assert_eq!(names[0], Scopes::default().name(&"a.example/app".parse().unwrap(), &basic("me", "secret")), "in every process");
        assert_eq!(of("a.example/app", Credential::Anonymous), "");
    }
}
