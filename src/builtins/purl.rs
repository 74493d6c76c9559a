//! `ec.purl.*`: package URLs as packageurl-go v0.1.3 reads them, which is what Conforma's policies are tested with.
//!
//! Owns the two builtins and the purl rules (purl-spec, PURL-SPECIFICATION.rst and PURL-TYPES.rst). Splitting the text as
//! Go's `net/url` does lies in `purl/url.rs`.

mod url;

use std::collections::BTreeMap;

use self::url::{Url, cut, percent_decode};
use super::operand::Answer;
use super::{Availability, Family, Value};

/// The family.
pub(super) const FAMILY: Family = &[("ec.purl.is_valid", Availability::Pure(is_valid)), ("ec.purl.parse", Availability::Pure(parse))];

/// A package URL in canonical form; absent parts are empty.
#[derive(Debug, PartialEq, Eq)]
struct Purl {
    kind: String,
    namespace: String,
    name: String,
    version: String,
    qualifiers: BTreeMap<String, String>,
    subpath: String,
}

/// `ec.purl.is_valid(purl)`: whether the text is a package URL; `false` for what is not a text.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn is_valid(operands: &[Value]) -> Answer {
    Ok(Value::from(matches!(operands, [Value::String(text)] if Purl::parse(text).is_some())))
}

/// `ec.purl.parse(purl)`: its parts; undefined where it is not a package URL.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn parse(operands: &[Value]) -> Answer {
    let [Value::String(text)] = operands else { return Ok(Value::Undefined) };
    Ok(Purl::parse(text).map_or(Value::Undefined, Purl::into_value))
}

impl Purl {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text)?;
        let (kind, rest) = url.path.split_once('/')?;
        let kind = kind.to_lowercase();
        let qualifiers = qualifiers(&url.query)?;
        let (namespace, name, version) = namespace_name_version(rest)?;
        if !valid_word(&kind, b"+") || name.is_empty() || subpath_climbs(&url.fragment) {
            return None;
        }
        let purl = Self {
            namespace: adjust_namespace(&kind, namespace.trim_matches('/')),
            name: adjust_name(&kind, &name, &qualifiers),
            version: if kind == "huggingface" { version.to_lowercase() } else { version },
            qualifiers,
            subpath: url.fragment.trim_matches('/').to_owned(),
            kind,
        };
        purl.obeys_its_type().then_some(purl)
    }

    /// The rules of single types (PURL-TYPES.rst, "conan", "swift", "cran").
    fn obeys_its_type(&self) -> bool {
        match self.kind.as_str() {
            "conan" => self.namespace.is_empty() != self.qualifiers.contains_key("channel"),
            "swift" => !self.namespace.is_empty() && !self.version.is_empty(),
            "cran" => !self.version.is_empty(),
            _ => true,
        }
    }

    fn into_value(self) -> Value {
        let qualifiers = self.qualifiers.into_iter().map(|(key, value)| object([("key", Value::from(key)), ("value", Value::from(value))]));
        object([
            ("type", Value::from(self.kind)),
            ("namespace", Value::from(self.namespace)),
            ("name", Value::from(self.name)),
            ("version", Value::from(self.version)),
            ("qualifiers", Value::from(qualifiers.collect::<Vec<_>>())),
            ("subpath", Value::from(self.subpath)),
        ])
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::from(members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<BTreeMap<_, _>>())
}

/// Letters, `.`, `-` and `extra`, digits too but not in front.
fn valid_word(text: &str, extra: &[u8]) -> bool {
    let starts = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'.' | b'-') || extra.contains(&b);
    text.bytes().next().is_some_and(starts) && text.bytes().all(|b| starts(b) || b.is_ascii_digit())
}

/// Keys in lower case, sorted and without doubles; an empty value is as good as none.
fn qualifiers(query: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            return None;
        }
        let (key, value) = cut(pair, '=');
        let (key, value) = (percent_decode(key, true)?, percent_decode(value, true)?);
        if !valid_word(&key, b"_") {
            return None;
        }
        if !value.is_empty() && found.insert(key.to_lowercase(), value).is_some() {
            return None;
        }
    }
    Some(found)
}

fn namespace_name_version(path: &str) -> Option<(String, String, String)> {
    let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (name, version) = name.rsplit_once('@').unwrap_or((name, ""));
    Some((percent_decode(namespace, false)?, percent_decode(name, false)?, percent_decode(version, false)?))
}

/// Whether a segment but the first is `.` or `..`.
fn subpath_climbs(subpath: &str) -> bool {
    subpath.split('/').skip(1).any(|segment| matches!(segment, "." | ".."))
}

fn adjust_namespace(kind: &str, namespace: &str) -> String {
    match kind {
        "alpm" | "apk" | "bitbucket" | "composer" | "deb" | "github" | "golang" | "npm" | "rpm" | "qpkg" => namespace.to_lowercase(),
        _ => namespace.to_owned(),
    }
}

fn adjust_name(kind: &str, name: &str, qualifiers: &BTreeMap<String, String>) -> String {
    let databricks = |url: &String| url.contains("databricks") && !url.contains("azureml");
    match kind {
        "alpm" | "apk" | "bitbucket" | "bitnami" | "composer" | "deb" | "github" | "golang" | "npm" => name.to_lowercase(),
        "pypi" => name.replace('_', "-").to_lowercase(),
        "mlflow" if qualifiers.get("repository_url").is_some_and(databricks) => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One JSON object a line, as packageurl-go v0.1.3 answered: `purl` and, where it is valid, its parts.
    const RECORDED: &str = include_str!("purl/recorded.jsonl");

    #[test]
    fn every_recorded_answer_is_ours_too() {
        let mut valid = 0;
        for line in RECORDED.lines() {
            let recorded: serde_json::Value = serde_json::from_str(line).unwrap();
            let ours = Purl::parse(recorded["purl"].as_str().unwrap());
            assert_eq!(ours.is_some(), recorded.get("type").is_some(), "{line}");
            let Some(ours) = ours else { continue };
            valid += 1;
            let parts = [&ours.kind, &ours.namespace, &ours.name, &ours.version, &ours.subpath];
            for (name, part) in ["type", "namespace", "name", "version", "subpath"].into_iter().zip(parts) {
                assert_eq!(Some(part.as_str()), recorded[name].as_str(), "{name} of {line}");
            }
            let qualifiers: Vec<_> = recorded["qualifiers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
                .collect();
            assert_eq!(ours.qualifiers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>(), qualifiers, "{line}");
        }
        assert!(valid >= 50, "only {valid} of the recorded texts are valid: the rules are hardly tested");
    }
}
