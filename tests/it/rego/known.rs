//! The list of what is known to fail, with a reason for each: a new failure fails the test, and so does a listed case that
//! begins to pass.

use std::collections::BTreeMap;

/// `case<TAB>reason` on each line; `#` begins a remark.
pub(crate) fn read(list: &'static str) -> BTreeMap<&'static str, &'static str> {
    list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect()
}

/// Compares what fails with what is known to.
pub(crate) fn hold(known: &BTreeMap<&str, &str>, failures: &BTreeMap<String, String>) {
    let new: Vec<String> =
        failures.iter().filter(|(case, _)| !known.contains_key(case.as_str())).map(|(case, why)| format!("{case}\t{why}")).collect();
    let passing: Vec<&str> = known.keys().filter(|case| !failures.contains_key(**case)).copied().collect();
    assert!(new.is_empty(), "{} new failures:\n{}", new.len(), new.join("\n"));
    assert!(passing.is_empty(), "{} listed cases pass; take them off the list:\n{}", passing.len(), passing.join("\n"));
    assert!(known.values().all(|reason| !reason.trim().is_empty()), "every listed case has a reason");
}
