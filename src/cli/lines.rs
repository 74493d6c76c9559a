//! The lines of a `.jsonl` file as items, drawn one by one: the file may be larger than memory.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};

use vidimus::{ErrorKind, Evaluation};

use super::inputs::Item;

/// Most bytes of one line.
const MAX_LINE: u64 = 256 << 20;

/// An open `.jsonl` file.
#[derive(Debug)]
pub(super) struct Lines {
    file: String,
    reader: BufReader<File>,
    line: usize,
    given: usize,
    single: bool,
    /// Lines that were read and not given: two at the start, to know whether there are several, then one.
    ahead: VecDeque<io::Result<(usize, String)>>,
}

impl Lines {
    /// Opens the file; one without a document is an error.
    pub(super) fn open(file: &str) -> io::Result<Self> {
        let reader = BufReader::new(File::open(file)?);
        let mut lines = Self { file: file.to_owned(), reader, line: 0, given: 0, single: false, ahead: VecDeque::new() };
        lines.read();
        lines.read();
        lines.single = lines.ahead.len() == 1;
        if lines.ahead.is_empty() { Err(io::Error::new(io::ErrorKind::UnexpectedEof, "no document in this file")) } else { Ok(lines) }
    }

    /// Reads the next line that is not blank. Behind an error nothing is read: where the next line begins is not known.
    fn read(&mut self) {
        if matches!(self.ahead.back(), Some(Err(_))) {
            return;
        }
        loop {
            let mut text = String::new();
            self.line += 1;
            match (&mut self.reader).take(MAX_LINE).read_line(&mut text) {
                Ok(0) => return,
                Ok(_) if text.len() as u64 == MAX_LINE => self.ahead.push_back(Err(io::Error::other("a line larger than 256 MiB"))),
                Ok(_) if text.trim().is_empty() => continue,
                Ok(_) => self.ahead.push_back(Ok((self.line, text))),
                Err(error) => self.ahead.push_back(Err(error)),
            }
            return;
        }
    }
}

impl Iterator for Lines {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let next = self.ahead.pop_front()?;
        self.given += 1;
        let name = if self.single { self.file.clone() } else { format!("{}#{}", self.file, self.given) };
        Some(match next {
            Ok((line, text)) => {
                self.read();
                Item::Line { place: (self.file.clone(), line), name, text }
            }
            Err(error) => {
                let message = format!("{}:{}: {error}", self.file, self.line);
                Item::Undecided(Box::new(Evaluation::undecided(&name, ErrorKind::InvalidInput, message)))
            }
        })
    }
}
