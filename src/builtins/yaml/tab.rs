//! Tabs, where Go's YAML reader and ours differ: it takes them behind `:`, and nowhere where a block may begin.

use saphyr_parser::Event;

use super::{Trouble, Value, read_events};

/// Most characters that are read again because of tabs.
const MOST_READ: usize = 64 << 20;

/// Reads a text with tabs in it.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut characters: Vec<char> = text.chars().collect();
    let mut read = 0;
    loop {
        let text: String = characters.iter().collect();
        let mut covered = Covered::default();
        match read_events(&text, |event, span| covered.add(event, span, &characters)) {
            Ok(value) => return misplaced(&characters, &covered.ranges).map_or(Ok(value), |line| Err(refused(line))),
            Err(Trouble { message, at }) => {
                read += characters.len();
                let tabs = at.filter(|_| read < MOST_READ).and_then(|at| behind_colon(&characters, at)).ok_or(message)?;
                characters.get_mut(tabs).into_iter().flatten().for_each(|tab| *tab = ' ');
            }
        }
    }
}

fn refused(line: usize) -> String {
    let place = if line == 1 { String::new() } else { format!("line {line}: ") };
    format!("yaml: {place}found character that cannot start any token")
}

/// The blanks before a place, if there is a colon before them and a tab among them.
fn behind_colon(characters: &[char], at: usize) -> Option<std::ops::Range<usize>> {
    let before = characters.get(..at)?;
    let begin = before.iter().rposition(|c| !matches!(c, ' ' | '\t'))? + 1;
    let blanks = before.get(begin..)?;
    (before.get(begin - 1) == Some(&':') && blanks.contains(&'\t')).then_some(begin..at)
}

/// Where scalars and flow collections stand, in which tabs are text or blanks.
#[derive(Debug, Default)]
struct Covered {
    ranges: Vec<(usize, usize)>,
    /// For each open collection where it began, if it is the outermost one in brackets.
    open: Vec<Option<usize>>,
}

impl Covered {
    fn add(&mut self, event: &Event<'_>, (start, end): (usize, usize), characters: &[char]) {
        match event {
            Event::Scalar(..) => self.ranges.push((start, end)),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                self.open.push(matches!(characters.get(start), Some('[' | '{')).then_some(start));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Some(start)) = self.open.pop() {
                    self.ranges.push((start, end));
                }
            }
            _ => {}
        }
    }
}

/// The line in which a tab stands where a block may begin: first in its line, or behind `-` and `?`.
fn misplaced(characters: &[char], covered: &[(usize, usize)]) -> Option<usize> {
    let mut free = vec![true; characters.len()];
    for (start, end) in covered {
        free.get_mut(*start..(*end).min(characters.len())).into_iter().flatten().for_each(|place| *place = false);
    }
    let mut at = 0;
    let mut lines = characters.split_inclusive(|c| *c == '\n');
    let found = lines.position(|line| {
        let places = line.iter().zip(free.get(at..).unwrap_or_default());
        at += line.len();
        !line.starts_with(&['-', '-', '-']) && line_is_misplaced(places)
    });
    found.map(|line| line + 1)
}

fn line_is_misplaced<'a>(places: impl Iterator<Item = (&'a char, &'a bool)>) -> bool {
    let (mut last, mut before) = (None, ' ');
    for (character, is_free) in places {
        match character {
            '#' if *is_free && matches!(before, ' ' | '\t') => return false,
            '\t' if *is_free && matches!(last, None | Some('-' | '?')) => return true,
            ' ' | '\t' => {}
            _ => last = Some(if *is_free { *character } else { 'x' }),
        }
        before = *character;
    }
    false
}
