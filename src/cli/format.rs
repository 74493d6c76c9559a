//! `-f FORMAT[=FILE]`: how reports are written, and where to.

use std::fs;
use std::io::{self, IsTerminal as _, Write};
use std::str::FromStr;

use anyhow::Context as _;
use vidimus::Report;

use super::style::Style;
use super::{junit, text};

/// One report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    kind: Kind,
    file: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Json,
    Yaml,
    Junit,
}

impl Format {
    /// What is written where no format is asked for.
    pub(super) const DEFAULT: Self = Self { kind: Kind::Text, file: None };

    /// Writes a report to its file, else to standard output.
    pub(super) fn write(&self, report: &Report) -> anyhow::Result<()> {
        let stdout = io::stdout();
        let rendered = match self.kind {
            Kind::Text => text::render(report, Style::new(self.file.is_none() && stdout.is_terminal())),
            Kind::Json => serde_json::to_string_pretty(report)? + "\n",
            Kind::Yaml => yaml_serde::to_string(report)?,
            Kind::Junit => junit::render(report),
        };
        match &self.file {
            Some(file) => fs::write(file, rendered).with_context(|| format!("cannot write `{file}`")),
            None => write_quietly(&mut stdout.lock(), rendered.as_bytes()).context("cannot write to standard output"),
        }
    }
}

/// Writes everything; a reader that has seen enough, such as `head`, is no error.
pub(super) fn write_quietly(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    match stream.write_all(bytes).and_then(|()| stream.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, file) = text.split_once('=').map_or((text, None), |(kind, file)| (kind, Some(file)));
        let kind = match kind {
            "text" => Kind::Text,
            "json" => Kind::Json,
            "yaml" => Kind::Yaml,
            "junit" => Kind::Junit,
            other => return Err(format!("unknown format `{other}`; there are text, json, yaml and junit")),
        };
        match file {
            Some("") => Err("no file behind `=`".to_owned()),
            file => Ok(Self { kind, file: file.map(str::to_owned) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_may_name_a_file() {
        assert_eq!("json=a=b.json".parse(), Ok(Format { kind: Kind::Json, file: Some("a=b.json".to_owned()) }));
        assert_eq!("text".parse(), Ok(Format::DEFAULT));
        assert!("json=".parse::<Format>().is_err());
        assert!("xml".parse::<Format>().unwrap_err().contains("`xml`"));
    }
}
