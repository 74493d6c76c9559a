//! Colours for people, and texts of others made harmless for a terminal.

use std::fmt::Write as _;

/// Whether and how to colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    coloured: bool,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    /// It passed.
    Good,
    /// It deserves a look.
    Warning,
    /// It failed.
    Bad,
    /// It could not be decided.
    Undecided,
    /// It matters less than what stands before.
    Quiet,
    /// A heading.
    Strong,
}

impl Style {
    /// Colours for a terminal, unless `NO_COLOR` is set.
    pub(super) fn new(terminal: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { coloured: terminal && !refused }
    }

    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.coloured {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Warning => "33",
            Tone::Bad => "1;31",
            Tone::Undecided => "1;35",
            Tone::Quiet => "2",
            Tone::Strong => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Text of policies, files and registries, with what could steer a terminal written out.
pub(super) fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => clean.push(character),
            steering
                if steering.is_control()
                    || ('\u{202a}'..='\u{202e}').contains(&steering)
                    || ('\u{2066}'..='\u{2069}').contains(&steering) =>
            {
                // Writing to a string cannot fail.
                let _ = write!(clean, "{}", steering.escape_unicode());
            }
            plain => clean.push(plain),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc\u{202e}d\r"), "a\\u{1b}[2Jb\nc\\u{202e}d\\u{d}");
    }

    #[test]
    fn no_colour_without_a_terminal() {
        assert_eq!(Style::new(false).paint(Tone::Bad, "x"), "x");
        assert_eq!(Style { coloured: true }.paint(Tone::Bad, "x"), "\u{1b}[1;31mx\u{1b}[0m");
    }
}
