//! Names that no source uses.

/// Gives names that occur in no source: `__local0__`, `__local1__`, ..
#[derive(Debug, Clone)]
pub(crate) struct Fresh {
    prefix: String,
    next: usize,
}

impl Fresh {
    /// Names that do not occur in these texts. Linear in their size.
    pub(crate) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        // INVARIANT: no text has an identifier that begins with the prefix, as it has more underscores in a row than any text.
        let mut longest = 1;
        for text in texts {
            let mut run = 0;
            for byte in text.bytes() {
                run = if byte == b'_' { run + 1 } else { 0 };
                longest = longest.max(run);
            }
        }
        Self { prefix: "_".repeat(longest + 1), next: 0 }
    }

    /// A name that was not given before, with a readable part.
    pub(crate) fn name(&mut self, hint: &str) -> String {
        let number = self.next;
        self.next += 1;
        format!("{}{hint}{number}", self.prefix)
    }

    /// What all its names begin with, and no name of the user does.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }
}
