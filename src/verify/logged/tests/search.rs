//! Answers of a log, genuine but for a proof, and mutated: none panics, none is an entry.

use serde_json::{Value, json};

use super::data::{self, Layout};
use crate::oci::ImageRef;
use crate::verify::logged::{ENTRY, earliest, found, sought};
use crate::verify::{Signer, Trust};

/// How many mutations are tried.
const MUTATIONS: u32 = 3000;

#[test]
fn no_mutation_of_an_answer_is_an_entry() {
    let Some(dir) = data::fixtures("keyless") else { return };
    let trust = Trust::from_json(&data::read(dir.join("trusted_root.json"))).unwrap();
    let cases: Value = serde_json::from_str(&data::read(dir.join("cases.json"))).unwrap();
    let case = cases["cases"].as_array().unwrap().iter().find(|case| case["name"] == "ok-key-sig-tlog").unwrap();
    let image: ImageRef = case["ref"].as_str().unwrap().parse().unwrap();
    let layout = Layout(dir.join("registry/registry.example").join(image.repository().path()));
    let [mut layer] = layout.layers(&format!("sha256-{}.sig", image.digest().hex())).try_into().unwrap();
    let key = data::key(&data::read(dir.join("keys").join(case["options"]["public_key"].as_str().unwrap()))).unwrap();
    let request = data::request(image.digest(), Signer::Key(key), data::required());

    let attached: Value = serde_json::from_str(&layer.annotations.remove(ENTRY).unwrap()).unwrap();
    let question: Value = serde_json::from_slice(&sought(&layer, &request).unwrap()).unwrap();
    assert_eq!(question["entries"][0]["kind"], "hashedrekord");
    let mut entry = attached["Payload"].clone();
    let proof = json!({"checkpoint": "a\n1\nAAAA\n\n\u{2014} a AAAAAAAA\n", "hashes": [], "logIndex": 0, "rootHash": "00", "treeSize": 1});
    entry["verification"] = json!({"signedEntryTimestamp": attached["SignedEntryTimestamp"], "inclusionProof": proof});
    let answer = json!([{ "00".repeat(32): entry }]).to_string().into_bytes();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let mut read = 0;
    for _ in 0..MUTATIONS {
        let mut mutated = answer.clone();
        for _ in 0..=next(3) {
            let (at, byte) = (next(mutated.len()), b"0123456789abcdef\"{}[],:\\-"[next(25)]);
            mutated[at] = byte;
        }
        if next(8) == 0 {
            mutated.truncate(next(answer.len()));
        }
        let Ok(answer) = found(&mutated) else { continue };
        read += 1;
        assert!(earliest(&answer, &layer, &request, &trust).is_err(), "{}", String::from_utf8_lossy(&mutated));
    }
    assert!(read > MUTATIONS / 10, "only {read} were answers at all");
}
