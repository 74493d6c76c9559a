//! What is written down is read back, member for member, whatever it is; and nothing else is.

use serde_json::{Value, json};

use super::*;

/// Choices that depend on the seed alone (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn few<T>(&mut self, make: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..self.below(3)).map(|_| make(self)).collect()
    }

    fn text(&mut self) -> String {
        let letters = ['a', 'Z', '"', '\\', '\u{0}', '\n', 'ä', '\u{1f512}', '/', '\u{7f}', '\u{feff}', '='];
        (0..self.below(9)).filter_map(|_| letters.get(usize::try_from(self.below(12)).unwrap())).collect()
    }

    fn number(&mut self) -> Value {
        let bits = self.below(u64::MAX);
        match self.below(3) {
            0 => bits.into(),
            1 => bits.cast_signed().into(),
            _ => serde_json::Number::from_f64(f64::from_bits(bits)).map_or(Value::Null, Value::Number),
        }
    }

    fn value(&mut self, levels: u64) -> Value {
        match self.below(if levels == 0 { 4 } else { 6 }) {
            0 => Value::Null,
            1 => (self.below(2) == 0).into(),
            2 => self.number(),
            3 => self.text().into(),
            4 => self.few(|random| random.value(levels - 1)).into(),
            _ => self.few(|random| (random.text(), random.value(levels - 1))).into_iter().collect(),
        }
    }

    fn signature(&mut self) -> Signature {
        let grounds = Grounds {
            identities: self.few(Self::text),
            issuers: self.few(Self::text),
            log_indexes: self.few(|random| random.below(u64::MAX)),
        };
        Signature {
            keyid: self.text(),
            signature: self.text(),
            certificate: self.text(),
            chain: self.few(Self::text),
            metadata: self.few(|random| (random.text(), random.text())).into_iter().collect(),
            grounds,
        }
    }

    fn verified(&mut self) -> Verified {
        let attestation = |random: &mut Self| Attestation { statement: random.value(4).into(), signatures: random.few(Self::signature) };
        let (signatures, attestations) = (self.few(Self::signature), self.few(attestation));
        Verified::new(signatures, attestations)
    }
}

fn members(verified: &Verified) -> (Vec<Signature>, Vec<(Value, Vec<Signature>)>) {
    let attestation = |attestation: &Attestation| ((*attestation.statement).clone(), attestation.signatures.clone());
    (verified.signatures().to_vec(), verified.attestations().iter().map(attestation).collect())
}

#[test]
fn whatever_is_written_down_is_read_back() {
    let mut random = Random(8);
    for _ in 0..5_000 {
        let verified = random.verified();
        let read = decode(&encode(&verified).unwrap()).unwrap();
        assert_eq!(members(&read), members(&verified));
        assert_eq!(read.grounds(), verified.grounds());
    }
}

#[test]
fn what_is_truncated_or_changed_is_none_or_another_but_never_a_panic() {
    let mut random = Random(9);
    let verified = random.verified();
    let bytes = encode(&verified).unwrap();
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_none(), "{length}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << random.below(8);
        let _ = decode(&changed);
    }
}

fn of_statement(statement: Value) -> Verified {
    Verified::new(Vec::new(), vec![Attestation { statement: statement.into(), signatures: Vec::new() }])
}

#[test]
fn a_statement_as_deep_as_the_parser_allows_is_read_back() {
    let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
    let statement: Value = serde_json::from_str(&deep).unwrap();
    assert!(decode(&encode(&of_statement(statement)).unwrap()).is_some());
}

#[test]
fn another_version_an_unknown_member_and_too_many_bytes_are_none() {
    let bytes = encode(&of_statement(json!({}))).unwrap();
    let change = |change: &dyn Fn(&mut Value)| {
        let mut document: Value = serde_json::from_slice(&bytes).unwrap();
        change(&mut document);
        decode(document.to_string().as_bytes())
    };
    assert!(change(&|_| {}).is_some());
    assert!(change(&|document| document["version"] = 2.into()).is_none());
    assert!(change(&|document| document["more"] = 1.into()).is_none());
    assert!(change(&|document| document["attestations"][0]["more"] = 1.into()).is_none());
    let large = "x".repeat(MAX_BYTES);
    assert!(encode(&of_statement(large.as_str().into())).is_none());
    assert!(decode(&[&bytes[..], &b" ".repeat(MAX_BYTES)].concat()).is_none());
}

#[test]
fn a_verdict_answers_one_question() {
    let (signature, attestation) = (Signature::default(), Attestation { statement: json!({}).into(), signatures: Vec::new() });
    assert_eq!(question(&Verified::new(vec![signature.clone()], Vec::new())), Some(Question::Image));
    assert_eq!(question(&Verified::new(Vec::new(), vec![attestation.clone()])), Some(Question::Attestation));
    assert_eq!(question(&Verified::new(vec![signature], vec![attestation])), None);
    assert_eq!(question(&Verified::new(Vec::new(), Vec::new())), None);
}
