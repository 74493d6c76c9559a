//! Hashes and the authentication codes made of them.

use aws_lc_rs::{constant_time, digest as aws, hmac};
use md5::{Digest as _, Md5};

use crate::builtins::call::Value;
use crate::builtins::operand::{self, Answer};

/// A hash function. The old ones are for policies that compare old digests; nothing here trusts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtins) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

pub(super) fn digest(operands: &[Value], algorithm: Algorithm) -> Answer {
    let text = operand::string(operands, 1)?.as_bytes();
    Ok(Value::from(match algorithm {
        Algorithm::Md5 => hex::encode(Md5::digest(text)),
        Algorithm::Sha1 => hex::encode(aws::digest(&aws::SHA1_FOR_LEGACY_USE_ONLY, text)),
        Algorithm::Sha256 => hex::encode(aws::digest(&aws::SHA256, text)),
        Algorithm::Sha384 => hex::encode(aws::digest(&aws::SHA384, text)),
        Algorithm::Sha512 => hex::encode(aws::digest(&aws::SHA512, text)),
    }))
}

/// SHA-256.
pub(in crate::builtins) fn sha256(bytes: &[u8]) -> Vec<u8> {
    aws::digest(&aws::SHA256, bytes).as_ref().to_vec()
}

/// The authentication code of a message.
pub(in crate::builtins) fn mac(algorithm: Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    let algorithm = match algorithm {
        Algorithm::Md5 => return md5_mac(key, message),
        Algorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::Sha256 => hmac::HMAC_SHA256,
        Algorithm::Sha384 => hmac::HMAC_SHA384,
        Algorithm::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
}

/// RFC 2104, section 2, with MD5.
fn md5_mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut block = if key.len() > BLOCK { Md5::digest(key).to_vec() } else { key.to_vec() };
    block.resize(BLOCK, 0);
    let padded = |pad: u8| block.iter().map(move |byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = Md5::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Md5::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

pub(super) fn authenticate(operands: &[Value], algorithm: Algorithm) -> Answer {
    let (message, key) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    Ok(Value::from(hex::encode(mac(algorithm, key.as_bytes(), message.as_bytes()))))
}

pub(super) fn equal(operands: &[Value]) -> Answer {
    let (left, right) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    Ok(Value::from(constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()))
}
