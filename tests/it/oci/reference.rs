//! References: go-containerregistry's rules and words.

use vidimus::oci::{ImageRef, TagRef};

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn normalised(base: &str) -> String {
    format!("{base}@{DIGEST}").parse::<ImageRef>().map_or_else(|e| format!("! {e}"), |r| r.repository().to_string())
}

#[test]
fn names_are_normalised() {
    for (text, expected) in [
        ("nginx", "index.docker.io/library/nginx"),
        ("nginx:1.2", "index.docker.io/library/nginx"),
        ("docker.io/nginx", "index.docker.io/library/nginx"),
        ("index.docker.io/nginx", "index.docker.io/library/nginx"),
        ("docker.io/a/b", "index.docker.io/a/b"),
        ("a/b", "index.docker.io/a/b"),
        ("localhost/bb", "localhost/bb"),
        ("localhost:5000", "index.docker.io/library/localhost"),
        ("local/b", "index.docker.io/local/b"),
        ("registry.example/aa", "registry.example/aa"),
        ("registry.example:443/a/b:tag", "registry.example:443/a/b"),
        ("REGISTRY.example/aa", "REGISTRY.example/aa"),
        ("[::1]:5000/aa", "[::1]:5000/aa"),
        (":/aa", ":/aa"),
    ] {
        assert_eq!(normalised(text), expected, "{text}");
    }
}
