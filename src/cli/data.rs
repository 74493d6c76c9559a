//! `-d`: data documents, merged as `opa eval -d` merges them.

use std::path::Path;

use anyhow::{anyhow, bail};
use serde_json::{Map, Value};
use vidimus::RegoModule;

use super::{documents, files, modules};

/// What `-d` adds up to: the data document, and the modules that lay beside it.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) document: Map<String, Value>,
    pub(super) modules: Vec<RegoModule>,
}

/// Loads `[prefix:]path`, each a file or a directory.
pub(super) fn load(sources: &[String]) -> anyhow::Result<Data> {
    let mut data = Data::default();
    for source in sources {
        let (prefix, path) = split_prefix(source);
        if Path::new(path).is_dir() {
            for file in files::walk(path)? {
                let mut place = prefix.clone();
                place.extend(directories_between(path, &file));
                data.add(&place, &file, false)?;
            }
        } else {
            data.add(&prefix, path, true)?;
        }
    }
    Ok(data)
}

/// `a.b:path` puts the contents of `path` under `data.a.b`.
fn split_prefix(source: &str) -> (Vec<String>, &str) {
    match source.split_once(':') {
        Some((prefix, path)) if !prefix.is_empty() && !path.starts_with("//") => (prefix.split('.').map(str::to_owned).collect(), path),
        _ => (Vec::new(), source),
    }
}

fn directories_between(directory: &str, file: &str) -> Vec<String> {
    let between = Path::new(file).strip_prefix(directory).ok().and_then(Path::parent);
    between.into_iter().flat_map(Path::iter).map(|name| name.to_string_lossy().into_owned()).collect()
}

impl Data {
    /// Adds one file; files of other kinds are an error only where they are `named`, not where a directory holds them.
    fn add(&mut self, place: &[String], file: &str, named: bool) -> anyhow::Result<()> {
        let document = match files::extension(file).as_str() {
            "rego" => {
                self.modules.push(modules::read(file)?);
                return Ok(());
            }
            "json" => documents::json(&files::read(file)?).map_err(|malformed| anyhow!(malformed.in_file(file)))?,
            "yaml" | "yml" => one(documents::yaml(&files::read(file)?).map_err(|malformed| anyhow!(malformed.in_file(file)))?, file)?,
            _ if !named => return Ok(()),
            _ if !Path::new(file).exists() => bail!("cannot read `{file}`: no such file or directory"),
            _ => bail!("`{file}`: data must be a .json, .yaml, .yml or .rego file or a directory"),
        };
        let placed = place.iter().rev().fold(document, |inner, name| Value::Object(Map::from_iter([(name.clone(), inner)])));
        let Value::Object(members) = placed else { bail!("`{file}`: data must be an object") };
        merge(&mut self.document, members, "data").map_err(|path| anyhow!("`{file}`: `{path}` is already defined by other data"))
    }
}

fn one(mut documents: Vec<Value>, file: &str) -> anyhow::Result<Value> {
    match documents.len() {
        0 => Ok(Value::Object(Map::new())),
        1 => Ok(documents.swap_remove(0)),
        _ => bail!("`{file}`: several YAML documents in a data file"),
    }
}

/// Objects are merged; anything else that is there twice is a conflict, named by its path.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>, path: &str) -> Result<(), String> {
    for (key, value) in from {
        let path = format!("{path}.{key}");
        match (into.get_mut(&key), value) {
            (None, value) => {
                into.insert(key, value);
            }
            (Some(Value::Object(there)), Value::Object(value)) => merge(there, value, &path)?,
            (Some(_), _) => return Err(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_path_into_data() {
        assert_eq!(split_prefix("a.b:x.json"), (vec!["a".to_owned(), "b".to_owned()], "x.json"));
        assert_eq!(split_prefix("x.json"), (vec![], "x.json"));
        assert_eq!(split_prefix("https://x/y"), (vec![], "https://x/y"));
    }
}
