//! References: go-containerregistry's rules and words.

use serde::Deserialize;
use vidimus::oci::{ImageRef, RegistryHost, TagRef};

use crate::testkit::fixture;

#[derive(Deserialize)]
struct Case {
    r#ref: String,
    name: Option<String>,
    error: Option<String>,
}

#[test]
fn every_text_is_taken_as_go_containerregistry_takes_it() {
    let cases = std::fs::read_to_string(fixture("references/digests.jsonl")).unwrap();
    let cases: Vec<Case> = cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 971);
    for Case { r#ref, name, error } in cases {
        match r#ref.parse::<ImageRef>() {
            Ok(image) => assert_eq!(Some(image.to_string()), name, "{ref:?}: {error:?}"),
            Err(e) => assert_eq!(Some(e.to_string()), error, "{ref:?}: {name:?}"),
        }
    }
}

#[test]
fn what_was_read_reads_the_same_again() {
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for base in ["nginx", "docker.io/a/b:tag", "registry.example:443/a/b"] {
        let image: ImageRef = format!("{base}@{digest}").parse().unwrap();
        assert_eq!(image.to_string().parse::<ImageRef>().unwrap(), image);
        assert_eq!(ImageRef::new(image.repository().clone(), *image.digest()), image);
    }
}

#[test]
fn a_tag_alone_is_a_reference_but_no_image() {
    let text = "registry.example/acme/web:v1";
    let tagged: TagRef = text.parse().unwrap();
    assert_eq!(
        (tagged.repository().to_string().as_str(), tagged.tag(), tagged.to_string().as_str()),
        ("registry.example/acme/web", "v1", text)
    );
    assert!(text.parse::<ImageRef>().unwrap_err().to_string().ends_with(&format!("saw: {text}")));
    assert_eq!("nginx".parse::<TagRef>().unwrap().to_string(), "index.docker.io/library/nginx:latest");
    for bad in ["registry.example/acme/web:", "registry.example/acme/web:a b", "registry.example/Acme:v1", ""] {
        assert!(bad.parse::<TagRef>().is_err(), "{bad}");
    }
}

#[test]
fn a_host_tells_how_near_it_is() {
    let host = |text: &str| text.parse::<RegistryHost>().unwrap();
    for loopback in ["localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:5000"] {
        assert!(host(loopback).is_loopback() && host(loopback).is_local(), "{loopback}");
    }
    for local in ["host.local", "host.local:5000", "10.1.2.3:5000", "172.16.0.1", "192.168.1.1:80", "a.localhost"] {
        assert!(!host(local).is_loopback() && host(local).is_local(), "{local}");
    }
    for far in [
        "registry.example",
        "localhost.example",
        "127.0.0.1.example",
        "11.0.0.1",
        "172.32.0.1",
        "hostlocal",
        "a.local.example",
        "docker.io",
    ] {
        assert!(!host(far).is_loopback() && !host(far).is_local(), "{far}");
    }
}

/// Changes `text` in up to three places; `seed` makes it the same each time.
fn mutated(text: &str, seed: &mut u64) -> String {
    let mut next = |below: usize| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*seed >> 33).unwrap() % below
    };
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=next(3) {
        let (at, other) = (next(characters.len() + 1), ['@', ':', '/', '.', '[', ']', 'A', 'f', '0', '\u{e9}', '\0', '%', '\\'][next(13)]);
        match next(3) {
            0 => characters.insert(at, other),
            _ if at == characters.len() => characters.push(other),
            1 => drop(characters.remove(at)),
            _ => characters[at] = other,
        }
    }
    characters.into_iter().collect()
}

#[test]
fn whatever_is_accepted_is_normal_and_stays_so() {
    let cases = std::fs::read_to_string(fixture("references/digests.jsonl")).unwrap();
    let (mut seed, mut accepted) = (7, 0);
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        for _ in 0..12 {
            let text = mutated(&case.r#ref, &mut seed);
            let Ok(image) = text.parse::<ImageRef>() else { continue };
            accepted += 1;
            assert_eq!(image.to_string().parse::<ImageRef>().as_ref(), Ok(&image), "{text:?}");
            assert!(text.ends_with(&image.digest().to_string()), "{text:?}");
            assert!(!image.repository().path().contains(['@', ':', '%', '\\', '\0']), "{text:?}");
            assert!(!image.repository().registry().contains(['@', '/', '%', '\\', '\0']), "{text:?}");
        }
    }
    assert!(accepted > 100, "{accepted}");
}
