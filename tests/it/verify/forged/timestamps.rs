//! Timestamps: of what, by whom, when. A log of version 2 tells no time, so that all depends on them.

use super::*;

impl Workshop {
    /// A bundle in the log of version 2 by a certificate of this workshop, with these timestamps.
    fn stamped(&self, stampings: &[Stamping]) -> Value {
        self.forge.tiled_bundle(&self.key, Some(&self.leaf()), (&statement(&self.image, "t"), stampings))
    }
}

fn stamped_with(stamping: Stamping) -> String {
    let workshop = Workshop::new();
    rejection(workshop.bundled(&workshop.stamped(&[stamping])))
}

/// What becomes of a good timestamp by an authority that is different in one way.
fn by_authority(change: impl FnOnce(&mut forge::TimestampAuthority)) -> String {
    let mut workshop = Workshop::new();
    change(&mut workshop.forge.timestamps);
    rejection(workshop.bundled(&workshop.stamped(&[Stamping::default()])))
}

#[test]
fn a_timestamp_tells_when_a_bundle_was_signed() {
    let workshop = Workshop::new();
    workshop.bundled(&workshop.stamped(&[Stamping::default()])).unwrap();
    let last = Stamping { time: ISSUED + 600, ..Stamping::default() };
    workshop.bundled(&workshop.stamped(&[Stamping::default(), last])).unwrap();
}

#[test]
fn without_a_timestamp_a_certificate_proves_nothing() {
    let workshop = Workshop::new();
    rejection(workshop.bundled(&workshop.stamped(&[])));
    let timed = |change: fn(&mut Value)| {
        let mut bundle = workshop.stamped(&[]);
        change(&mut bundle["verificationMaterial"]["tlogEntries"][0]);
        rejection(workshop.bundled(&bundle));
    };
    timed(|entry| entry["integratedTime"] = json!(LOGGED.to_string()));
    timed(|entry| {
        entry["integratedTime"] = json!(LOGGED.to_string());
        entry["inclusionPromise"] = json!({"signedEntryTimestamp": "MEUCIQ=="});
    });
}

#[test]
fn a_timestamp_must_be_of_this_signature() {
    stamped_with(Stamping { of: Some(b"another signature".to_vec()), ..Stamping::default() });
    stamped_with(Stamping { other_contents: true, ..Stamping::default() });
    stamped_with(Stamping { imprint: "1.3.14.3.2.26", ..Stamping::default() });
    stamped_with(Stamping { status: 2, ..Stamping::default() });
}

#[test]
fn a_timestamp_must_be_of_the_certificates_time() {
    stamped_with(Stamping { time: ISSUED - 1, ..Stamping::default() });
    stamped_with(Stamping { time: ISSUED + 601, ..Stamping::default() });
    let workshop = Workshop::new();
    let late = Stamping { time: ISSUED + 601, ..Stamping::default() };
    rejection(workshop.bundled(&workshop.stamped(&[Stamping::default(), late])));
}

#[test]
fn a_timestamp_must_be_by_a_trusted_authority_in_its_time() {
    stamped_with(Stamping { by: Some(TestKey::p256()), ..Stamping::default() });
    by_authority(|authority| authority.usage = "1.3.6.1.5.5.7.3.3");
    by_authority(|authority| authority.validity = (ISSUED - 1000, LOGGED - 1));
    by_authority(|authority| authority.validity = (LOGGED + 1, LOGGED + 1000));
    by_authority(|authority| authority.window = json!({"start": "2020-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"}));
    by_authority(|authority| authority.window = json!({"start": "2025-01-01T00:00:00Z"}));
    let workshop = Workshop::new();
    let bundle = workshop.stamped(&[Stamping::default()]);
    let stranger = Workshop { forge: Forge { timestamps: Forge::new().timestamps, ..workshop.forge }, ..workshop };
    rejection(stranger.bundled(&bundle));
}

#[test]
fn an_authority_whose_root_had_expired_vouches_no_more() {
    by_authority(|authority| authority.root_validity = (ISSUED - 1000, LOGGED - 1));
    by_authority(|authority| authority.root_validity = (LOGGED + 1, LOGGED + 1000));
}

#[test]
fn what_is_no_timestamp_is_none() {
    let workshop = Workshop::new();
    for bad in ["", "AAAA", "MAA=", "!"] {
        let mut bundle = workshop.stamped(&[Stamping::default()]);
        bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][0]["signedTimestamp"] = json!(bad);
        rejection(workshop.bundled(&bundle));
    }
    let good = workshop.stamped(&[Stamping::default()]);
    let stamp = good["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][0].clone();
    let mut twice = good;
    twice["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"] = json!([stamp, stamp]);
    assert!(rejection(workshop.bundled(&twice)).contains("duplicate timestamps found"));
}

#[test]
fn a_trusted_timestamp_may_contradict_the_log() {
    let workshop = Workshop::new();
    let with = |stamping: &Stamping| {
        let mut bundle = workshop.bundle();
        let signature = bundle["dsseEnvelope"]["signatures"][0]["sig"].as_str().unwrap();
        let signature = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, signature).unwrap();
        let stamp = workshop.forge.timestamps.stamp(&signature, stamping);
        let stamp = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, stamp);
        bundle["verificationMaterial"]["timestampVerificationData"] = json!({"rfc3161Timestamps": [{"signedTimestamp": stamp}]});
        workshop.bundled(&bundle)
    };
    rejection(with(&Stamping { time: ISSUED + 601, ..Stamping::default() }));
    with(&Stamping::default()).unwrap();
    // One of somebody unknown says nothing beside the log's own time.
    with(&Stamping { time: ISSUED + 601, by: Some(TestKey::p256()), ..Stamping::default() }).unwrap();
}

#[test]
fn a_root_with_a_broken_timestamp_authority_is_refused() {
    let refused = |change: fn(&mut Value)| {
        let mut root = Forge::new().trusted_root();
        change(&mut root["timestampAuthorities"][0]);
        Trust::from_json(&root.to_string()).unwrap_err();
    };
    refused(|authority| authority["certChain"]["certificates"] = json!([]));
    refused(|authority| authority["certChain"]["certificates"][0]["rawBytes"] = json!("AAAA"));
    refused(|authority| authority["certChain"]["certificates"][1]["rawBytes"] = json!("AAAA"));
    refused(|authority| authority["validFor"] = json!({"start": "2022-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"}));
}
