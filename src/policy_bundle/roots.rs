//! Roots: the parts of `data` that bundles own.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::error::BundleError;

/// Whether one of the roots holds this path. The root that is empty holds everything.
pub(super) fn contain<S: AsRef<str>>(roots: &[String], path: &[S]) -> bool {
    roots.iter().any(|root| holds(root, path))
}

fn holds<S: AsRef<str>>(root: &str, path: &[S]) -> bool {
    let parts: Vec<&str> = root.split('/').collect();
    root.is_empty() || (parts.len() <= path.len() && parts.iter().zip(path).all(|(part, name)| *part == name.as_ref()))
}

fn overlap(one: &str, other: &str) -> bool {
    let split = |root: &str| root.split('/').map(str::to_owned).collect::<Vec<_>>();
    holds(one, &split(other)) || holds(other, &split(one))
}

/// Checks that the roots of one bundle lie beside one another.
pub(super) fn check(roots: &[String]) -> Result<(), BundleError> {
    for (number, one) in roots.iter().enumerate() {
        if let Some(other) = roots.iter().skip(number + 1).find(|other| overlap(one, other)) {
            return Err(BundleError::Manifest(format!("has overlapped roots: `{one}` and `{other}`")));
        }
    }
    Ok(())
}

/// Checks that all data lies in the roots.
pub(super) fn check_data(roots: &[String], data: &Map<String, Value>) -> Result<(), BundleError> {
    let mut path = Vec::new();
    permits(roots, data, &mut path)
}

fn permits<'a>(roots: &[String], members: &'a Map<String, Value>, path: &mut Vec<&'a str>) -> Result<(), BundleError> {
    for (name, value) in members {
        path.push(name);
        if !contain(roots, path) {
            // Objects on the way to a root may hold other things only below it.
            let above = roots.iter().any(|root| holds(&path.join("/"), &root.split('/').collect::<Vec<_>>()));
            match value {
                Value::Object(members) if above => permits(roots, members, path)?,
                _ => return Err(BundleError::Manifest(not_permitted(roots, &format!("data at path `/{}`", path.join("/"))))),
            }
        }
        path.pop();
    }
    Ok(())
}

/// What to say of something outside the roots.
pub(super) fn not_permitted(roots: &[String], what: &str) -> String {
    format!("roots [{}] do not permit {what} (hint: check bundle directory structure)", roots.join(" "))
}

/// Checks that no two bundles claim the same part of `data`.
pub(super) fn check_overlap(claims: &[(&str, &[String])]) -> Result<(), BundleError> {
    let (mut names, mut conflicts) = (BTreeSet::new(), BTreeSet::new());
    let all: Vec<(&str, &str)> = claims.iter().flat_map(|(name, roots)| roots.iter().map(|root| (*name, root.as_str()))).collect();
    for (number, (name, root)) in all.iter().enumerate() {
        for (other_name, other) in all.iter().skip(number + 1).filter(|(other, _)| other != name) {
            if overlap(root, other) {
                names.extend([*name, *other_name]);
                let (first, second) = (root.min(other), root.max(other));
                conflicts.insert(if first == second {
                    format!("root {first} is in multiple bundles")
                } else {
                    format!("{first} overlaps {second}")
                });
            }
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    let joined = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
    let whole: BTreeSet<&str> = all.iter().filter(|(_, root)| root.is_empty()).map(|(name, _)| *name).collect();
    Err(BundleError::Overlap(if whole.is_empty() {
        let conflicts = conflicts.into_iter().collect::<Vec<_>>().join(", ");
        format!("detected overlapping roots in manifests for these bundles: [{}] ({conflicts})", joined(names))
    } else {
        format!(
            "bundles [{}] have overlapping roots and cannot be activated simultaneously because bundle(s) [{}] specify empty root paths (\"\") \
             which overlap with any other bundle root",
            joined(names),
            joined(whole)
        )
    }))
}
