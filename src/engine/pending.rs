//! Stands where the verifier will.

use std::sync::Arc;
use std::time::Instant;

use crate::verify::{Receipt, Verified, VerifyError, VerifyRequest};

#[derive(Debug)]
pub enum Verifier {}
#[derive(Debug)]
pub struct Answer {
    pub verified: Arc<Verified>,
    pub receipt: Receipt,
}
impl Verifier {
    pub fn verify(&self, _: &VerifyRequest, _: Instant) -> Result<Answer, VerifyError> {
        match *self {}
    }
}
