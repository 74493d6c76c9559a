//! TLS to the last byte: keys from `https` addresses, and a registry that is spoken to in TLS, with certificates that only
//! `SSL_CERT_FILE` makes believable.

use serde_json::{Value, json};

use super::{KEYED, Run, keyed, vidimus_with};
use crate::testkit::site::{Page, Site};
use crate::testkit::{TestRegistry, Tls, fixture};

const ALLOWED: [&str; 2] = ["--allow-key-ref", "https"];

fn pem() -> Vec<u8> {
    std::fs::read(fixture("keyed/keys/release.pub")).unwrap()
}

/// Runs with the authority of `tls` as the only one that is believed.
fn believing(tls: &Tls, arguments: &[&str]) -> Run {
    vidimus_with(arguments, &[("SSL_CERT_FILE", tls.root().to_str().unwrap())], "")
}

fn verify_by(tls: &Tls, key: &str) -> Run {
    let web = keyed("web");
    believing(tls, &["verify", &web, KEYED[0], "--ignore-rekor", "-k", key, ALLOWED[0], ALLOWED[1]])
}

#[test]
fn a_key_is_fetched_over_https_where_that_is_allowed() {
    let tls = Tls::new();
    let site = Site::start_tls(&tls);
    site.put("/release.pub", Page::new(200, pem())).put("/moved", Page::redirect("/release.pub"));
    let run = verify_by(&tls, &site.url("/release.pub"));
    assert_eq!(run.code, 0, "{run:?}");
    let moved = verify_by(&tls, &site.url("/moved"));
    assert_eq!(moved.code, 0, "{moved:?}");
    let asked = site.log().len();
    let web = keyed("web");
    let not_allowed = believing(&tls, &["verify", &web, KEYED[0], "--ignore-rekor", "-k", &site.url("/release.pub")]);
    assert!(not_allowed.refused().contains("--allow-key-ref https"), "{not_allowed:?}");
    assert_eq!(site.log().len(), asked, "nobody was asked");
}

#[test]
fn a_key_that_is_not_one_or_not_there_is_refused() {
    let tls = Tls::new();
    let site = Site::start_tls(&tls);
    let elsewhere = Site::start_tls(&tls);
    let plain = Site::start();
    for other in [&elsewhere, &plain] {
        other.put("/release.pub", Page::new(200, pem()));
    }
    let pages = [
        ("/none", None, "not found"),
        ("/text", Some(Page::new(200, "hello")), "PEM decoding failed"),
        ("/huge", Some(Page::new(200, vec![b'x'; 65 << 10])), "larger than 65536 bytes"),
        ("/binary", Some(Page::new(200, vec![0xff; 10])), "not UTF-8"),
        ("/broken", Some(Page::new(500, "")), "status 500"),
        ("/elsewhere", Some(Page::redirect(&elsewhere.url("/release.pub"))), "redirect to another host"),
        ("/downgraded", Some(Page::redirect(&plain.url("/release.pub"))), "https to http"),
        ("/round", Some(Page::redirect("/round")), "more than 5 redirects"),
    ];
    for (path, page, why) in pages {
        if let Some(page) = page {
            site.put(path, page);
        }
        let run = verify_by(&tls, &site.url(path));
        assert!(run.refused().contains(why), "{path}: {run:?}");
    }
    assert!(elsewhere.log().is_empty() && plain.log().is_empty(), "a redirect to another host is not followed");
}

#[test]
fn a_server_that_nobody_vouches_for_gives_no_key() {
    let (tls, stranger) = (Tls::new(), Tls::new());
    let site = Site::start_tls(&tls);
    site.put("/release.pub", Page::new(200, pem()));
    let run = verify_by(&stranger, &site.url("/release.pub"));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(site.log().is_empty());
}

fn evaluated(tls: &Tls, key: &str, inputs: &[&str]) -> (i32, Value) {
    let query = format!("ec.sigstore.verify_image(input.image.ref, {{\"public_key\": \"{key}\", \"ignore_rekor\": true}})");
    let run = believing(tls, &[&["eval", "-q", &query, "-f", "json", KEYED[0]], &ALLOWED[..], inputs].concat());
    (run.code, run.json())
}

#[test]
fn a_policys_key_is_fetched_once_for_all_components() {
    let tls = Tls::new();
    let site = Site::start_tls(&tls);
    site.put("/release.pub", Page::new(200, pem()));
    let (code, report) = evaluated(&tls, &site.url("/release.pub"), &["fixtures/inputs"]);
    assert_eq!(code, 0, "{report}");
    let components = report["components"].as_array().unwrap();
    let signed = components.iter().filter(|component| component["result"]["success"] == true).count();
    assert!(signed >= 2 && components.len() > signed, "{report}");
    assert_eq!(site.log().len(), 1, "{:?}", site.log());
}

#[test]
fn a_policys_key_that_could_not_be_asked_decides_nothing() {
    let tls = Tls::new();
    let site = Site::start_tls(&tls);
    site.put("/release.pub", Page::new(503, ""));
    let (code, report) = evaluated(&tls, &site.url("/release.pub"), &["fixtures/inputs/web.json"]);
    let component = &report["components"][0];
    assert_eq!((code, &component["error"]["kind"]), (2, &json!("unavailable")), "{report}");
    let told = component["result"]["errors"][0].as_str().unwrap_or_default();
    assert!(told.starts_with("opts parameter: new policy: loading URL: https://127.0.0.1"), "{report}");
}

#[test]
fn a_registry_is_spoken_to_in_tls() {
    let tls = Tls::new();
    let registry = TestRegistry::start_tls(&tls);
    registry.push_layouts(&fixture("keyed/registry/registry.example"));
    let web = keyed("web").replace("registry.example", registry.host());
    let arguments = ["verify", &web, "--ignore-rekor", "-k", "fixtures/keyed/keys/release.pub"];
    let run = believing(&tls, &arguments);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(registry.requests() >= 3);
    registry.forget_requests();
    let run = believing(&Tls::new(), &arguments);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(registry.requests(), 0, "nothing is asked of a server that nobody vouches for");
}
