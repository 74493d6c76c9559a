//! Memory flags: what they make of a run, and the values that they refuse.

use super::{KEYED, Run, vidimus};

fn over_fixtures(flags: &[&str]) -> Run {
    vidimus(&[&["eval", "-p", "rego", "-f", "json", "fixtures/inputs"], &KEYED[..], flags].concat())
}

/// A counter of the report's `stats.memo`.
fn count(run: &Run, name: &str) -> u64 {
    run.json()["stats"]["memo"][name].as_u64().unwrap_or_else(|| panic!("no `{name}`: {run:?}"))
}

/// The components with their decisions.
fn decisions(run: &Run) -> serde_json::Value {
    run.json()["components"].clone()
}

#[test]
fn the_memory_changes_what_a_run_costs_and_nothing_of_what_it_decides() {
    let (on, off, shadow) = (over_fixtures(&[]), over_fixtures(&["--memo=off"]), over_fixtures(&["--memo", "shadow"]));
    let verifications = |run: &Run| run.json()["stats"]["verifications"].as_u64().unwrap();
    assert_eq!((decisions(&on), on.code), (decisions(&off), off.code));
    assert_eq!((decisions(&on), on.code), (decisions(&shadow), shadow.code));
    // 14 questions about 11 images, 6 of which are signed.
    assert_eq!(verifications(&on), 11);
    assert_eq!((verifications(&off), count(&off, "hits"), count(&off, "entries")), (14, 0, 0));
    assert_eq!(verifications(&shadow) + count(&shadow, "coalesced"), 14);
    assert_eq!((count(&shadow, "disagreements"), count(&shadow, "entries")), (0, count(&on, "entries")));
    for name in ["stale", "refreshes", "checks", "disagreements"] {
        assert_eq!(count(&on, name), 0);
    }
}

#[test]
fn the_flags_may_be_given_together() {
    let run = over_fixtures(&[
        "--max-stale=24h",
        "--refresh-ahead=5m",
        "--memo-canary=100",
        "--memo=on",
        "--content-bytes=1MiB",
        "--content-ttl=1h",
        "--referrers-ttl=registry.example/acme=0s",
    ]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
}

#[test]
fn values_that_make_no_sense_are_refused() {
    for command in [&["eval", "-p", "rego", "-"][..], &["verify", "registry.example/a@sha256:0"]] {
        let refused = |flags: &[&str]| {
            let run = vidimus(&[command, flags].concat());
            assert_eq!(run.code, 2, "{run:?}");
            run.stderr
        };
        assert!(refused(&["--max-stale", "25h"]).contains("`25h` is more than 24 hours"));
        assert!(refused(&["--max-stale", "long"]).contains("`long` is no duration"));
        assert!(refused(&["--refresh-ahead", "0s"]).contains("is no duration"));
        assert!(refused(&["--memo", "maybe"]).contains("possible values: on, off, shadow"));
        assert!(refused(&["--content-bytes", "much"]).contains("`much` is no size"));
        assert!(refused(&["--content-ttl", "https://quay.io=1h"]).contains("--content-ttl"));
        assert!(refused(&["--referrers-ttl", "quay.io=soon"]).contains("is no duration"));
        assert!(refused(&["--memo-canary", "0"]).contains("--memo-canary"));
        assert!(refused(&["--memo-canary", "often"]).contains("--memo-canary"));
    }
}
