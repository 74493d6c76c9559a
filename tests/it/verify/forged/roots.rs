//! Trusted roots.

use super::*;

#[test]
fn a_root_is_taken_whole_or_not_at_all() {
    let forge = Forge::new();
    let refused = |change: fn(&mut Value)| {
        let mut root = forge.trusted_root();
        change(&mut root);
        Trust::from_json(&root.to_string()).unwrap_err().to_string()
    };
    assert!(refused(|root| root["mediaType"] = json!("application/json")).contains("unknown media type"));
    refused(|root| root["tlogs"][0]["publicKey"]["rawBytes"] = json!("AAAA"));
    refused(|root| root["tlogs"][0]["logId"]["keyId"] = json!("AAAA"));
    refused(|root| root["ctlogs"][0]["publicKey"]["rawBytes"] = json!("AAAA"));
    refused(|root| root["certificateAuthorities"][0]["certChain"]["certificates"][1]["rawBytes"] = json!("AAAA"));
    refused(|root| root["certificateAuthorities"][0]["certChain"]["certificates"] = json!([]));
    refused(|root| root["certificateAuthorities"][0]["validFor"] = json!({"start": "2022-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"}));
    refused(|root| root["tlogs"][0]["publicKey"]["validFor"] = json!({"end": "2021-01-01T00:00:00Z"}));
    assert_eq!(Trust::from_json("{").unwrap_err().to_string().split(':').next(), Some("trusted root does not parse"));
    assert!(Trust::from_json(&" ".repeat(Trust::MAX_ROOT + 1)).is_err());
}

#[test]
fn another_root_is_another_epoch() {
    let forge = Forge::new();
    let epoch = |root: &Value| Trust::from_json(&root.to_string()).unwrap().epoch();
    let root = forge.trusted_root();
    let mut other = root.clone();
    other["tlogs"][0]["publicKey"]["validFor"]["start"] = json!("2020-01-01T00:00:01Z");
    assert_ne!(epoch(&root), epoch(&other));
    let mut spelled = root.clone();
    spelled["tlogs"][0]["baseUrl"] = json!("");
    assert_eq!(epoch(&root), epoch(&spelled), "it is what was resolved that counts");
    assert_ne!(epoch(&root), Trust::public_good().unwrap().epoch());
}
