//! Usage: help, versions, suggestions, and everything that is refused before anything runs.

use super::{at, tree, vidimus, vidimus_with};

#[test]
fn help_reads_like_a_page_with_examples() {
    let page = vidimus(&["--help"]);
    assert_eq!(page.code, 0);
    for part in ["Exit status:", "Environment:", "VIDIMUS_TRUSTED_ROOT", "NO_COLOR", "Examples:", "vidimus eval -p", "vidimus verify -k"] {
        assert!(page.stdout.contains(part), "{part}");
    }
    for command in ["eval", "verify", "completions"] {
        let page = vidimus(&[command, "--help"]);
        assert_eq!(page.code, 0);
        assert!(page.stdout.contains("Example"), "{command}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(vidimus(&["--version"]).stdout, format!("vidimus {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn mistyped_flags_and_commands_suggest_the_right_ones() {
    let flag = vidimus(&["eval", "--polcy", "x", "-"]);
    assert_eq!(flag.code, 2);
    assert!(flag.stderr.contains("'--policy'"), "{flag:?}");
    let command = vidimus(&["evla"]);
    assert_eq!(command.code, 2);
    assert!(command.stderr.contains("'evla'") && command.stderr.contains("'eval'"), "{command:?}");
    assert!(vidimus(&["frobnicate"]).stderr.contains("unrecognized subcommand 'frobnicate'"));
    assert_eq!(vidimus::<&str>(&[]).code, 2);
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let run = vidimus(&["completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("trusted-root"), "{shell}");
    }
    assert_eq!(vidimus(&["completions", "tcl"]).code, 2);
}

#[test]
fn kinds_of_policies_that_are_not_there_yet_are_refused_by_name() {
    let files = tree(&[("b.tar.gz", ""), ("p.wasm", ""), ("c.yaml", ""), ("t.txt", ""), ("empty/notes.md", "")]);
    let refused = |policy: &str| vidimus(&["eval", "-p", policy, "-"]).refused().to_owned();
    assert!(refused(&at(&files, "b.tar.gz")).contains("not a bundle archive"));
    assert!(refused(&at(&files, "p.wasm")).contains("not a WebAssembly policy"));
    assert!(refused(&at(&files, "c.yaml")).contains("a policy configuration is not supported yet"));
    assert!(refused("{\"sources\": []}").contains("an inline policy configuration is not supported yet"));
    assert!(refused(&at(&files, "t.txt")).contains("not a .rego file"));
    assert!(refused(&at(&files, "empty")).contains("no .rego file"));
    assert!(refused(&at(&files, "missing.rego")).contains("cannot read"));
    assert!(refused(&at(&files, "missing")).contains("no such file"));
}

#[test]
fn flags_that_make_no_sense_are_refused() {
    let refused = |flags: &[&str]| {
        let run = vidimus(&[&["eval", "-p", "rego", "-"], flags].concat());
        assert_eq!(run.code, 2, "{run:?}");
        run.stderr
    };
    assert!(refused(&["--timeout", "soon"]).contains("`soon` is no duration"));
    assert!(refused(&["--timeout", "0s"]).contains("is no duration"));
    assert!(refused(&["--workers", "0"]).contains("--workers"));
    assert!(refused(&["--fail"]).contains("--query"));
    assert!(refused(&["-q", "1", "--namespace", "a"]).contains("cannot be used with"));
    assert!(refused(&["-q", "1", "--fail", "--fail-defined"]).contains("cannot be used with"));
    assert!(refused(&["--registry-dir", "nowhere"]).contains("HOST=DIR"));
    assert!(refused(&["--registry-dir", "a.example=/no/such/directory"]).contains("/no/such/directory"));
    assert!(refused(&["--plain-http", "a b"]).contains("--plain-http"));
    assert!(refused(&["--allow-key-ref", "carrier-pigeon"]).contains("`carrier-pigeon`"));
    assert!(refused(&["--allow-key-ref", "http"]).contains("plain `http`"));
    for kind in ["k8s", "gitlab", "pkcs11", "awskms", "gcpkms", "azurekms", "hashivault"] {
        assert!(refused(&["--allow-key-ref", kind]).contains("not supported"), "{kind}");
    }
    assert!(refused(&["--trusted-root", "/no/such/root.json"]).contains("/no/such/root.json"));
    assert!(refused(&["-k", "/no/such/key.pub"]).contains("/no/such/key.pub"));
    assert!(refused(&["-k", "Cargo.toml"]).contains("--public-key: `Cargo.toml`"));
    assert!(refused(&["-k", "spam://key"]).contains("unrecognized scheme: spam://"));
    assert!(refused(&["-k", "env://KEY"]).contains("--allow-key-ref env"));
    assert!(refused(&["-k", "https://127.0.0.1:1/key.pub"]).contains("--allow-key-ref https"));
    assert!(refused(&["-k", "http://127.0.0.1:1/key.pub"]).contains("`http` are not supported"));
    assert!(refused(&["--rekor-public-key", "Cargo.toml"]).contains("--rekor-public-key"));
    assert!(refused(&["--certificate-identity", "me"]).contains("certificate OIDC issuer must be provided"));
}

#[test]
fn the_environment_names_a_trusted_root_where_no_flag_does() {
    let run = vidimus_with(&["eval", "-p", "rego", "-"], &[("VIDIMUS_TRUSTED_ROOT", "/no/such/root.json")], "{}");
    assert!(run.refused().contains("VIDIMUS_TRUSTED_ROOT"), "{run:?}");
}
