//! Bundles: ambiguous, crowded, with witnesses that prove nothing.

use super::*;

#[test]
fn a_bundle_says_one_thing() {
    let both = changed(|bundle| bundle["verificationMaterial"]["publicKey"] = json!({"hint": ""}));
    assert!(both.contains("verification material of more than one kind"), "{both}");
    let original_name = changed(|bundle| bundle["verificationMaterial"]["public_key"] = json!({"hint": ""}));
    assert!(original_name.contains("verification material of more than one kind"), "{original_name}");
    let content = changed(|bundle| bundle["messageSignature"] = json!({"signature": "AA=="}));
    assert!(content.contains("content of more than one kind"), "{content}");
    changed(|bundle| bundle["verificationMaterial"] = json!({}));
}

#[test]
fn a_witness_counts_once_and_not_too_many_are_looked_at() {
    let twice = changed(|bundle| {
        let entries = bundle["verificationMaterial"]["tlogEntries"].as_array_mut().unwrap();
        entries.push(entries[0].clone());
    });
    assert!(twice.ends_with("duplicate tlog entries found"), "{twice}");
    let crowd = changed(|bundle| {
        let entries = bundle["verificationMaterial"]["tlogEntries"].as_array_mut().unwrap();
        *entries = vec![entries[0].clone(); 33];
    });
    assert!(crowd.ends_with("too many tlog entries: 33 > 32"), "{crowd}");
    let stamps = changed(|bundle| {
        let stamp = json!({"signedTimestamp": "AAAA"});
        bundle["verificationMaterial"]["timestampVerificationData"] = json!({"rfc3161Timestamps": [stamp, stamp]});
    });
    assert!(stamps.ends_with("duplicate timestamps found"), "{stamps}");
}

#[test]
fn entries_of_unknown_logs_and_foreign_timestamps_are_set_aside_and_never_enough() {
    let workshop = Workshop::new();
    let mut bundle = workshop.bundle();
    let entry = bundle["verificationMaterial"]["tlogEntries"][0].clone();
    let stranger = Log::new(TestKey::p256()).enter(&json!({"strange": "body"})).in_bundle("dsse");
    bundle["verificationMaterial"]["tlogEntries"] = json!([stranger, entry]);
    let foreign = json!({"rfc3161Timestamps": [{"signedTimestamp": "AAAA"}]});
    bundle["verificationMaterial"]["timestampVerificationData"] = foreign;
    workshop.bundled(&bundle).unwrap();
    let alone = changed(|bundle| bundle["verificationMaterial"]["tlogEntries"] = json!([stranger]));
    assert!(alone.ends_with("not enough verified log entries from transparency log: 0 < 1"), "{alone}");
}

#[test]
fn a_proof_that_proves_nothing_is_rejected() {
    let proof = |change: fn(&mut Value)| {
        changed(|bundle| change(&mut bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]));
    };
    proof(|proof| proof["hashes"] = json!([]));
    proof(|proof| proof["treeSize"] = json!("3"));
    proof(|proof| proof["logIndex"] = json!("1"));
    proof(|proof| proof["rootHash"] = proof["hashes"][0].clone());
    proof(|proof| {
        proof["checkpoint"]["envelope"] =
            json!(proof["checkpoint"]["envelope"].as_str().unwrap().replace("log.example\n2", "log.example\n3"));
    });
    proof(|proof| proof["checkpoint"] = json!({}));
    let none = changed(|bundle| {
        bundle["verificationMaterial"]["tlogEntries"][0].as_object_mut().unwrap().remove("inclusionProof");
    });
    assert!(none.contains("inclusion proof missing in bundle"), "{none}");
}
