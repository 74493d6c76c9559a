//! `KeyEncoding`: one key, one text of bytes, for names that outlive a process. Injective: two different sequences of parts
//! never encode to the same bytes, since each part says what it is and how long it is before it says anything else.

use sha2::{Digest as _, Sha256};

/// The layout below. Another layout has another number, and so shares no name with this one.
const VERSION: u8 = 1;

/// A key under construction, part by part.
#[derive(Debug, Clone)]
pub struct KeyEncoding {
    bytes: Vec<u8>,
}

/// What a key is called where its parts are too long or too telling: the SHA-256 of its encoding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName([u8; 32]);

/// What can say all that its identity depends on.
pub trait EncodeKey {
    /// Appends every part that equality looks at, in a fixed order.
    fn encode(&self, encoding: &mut KeyEncoding);
}

impl KeyEncoding {
    /// An empty key of a kind: keys of different kinds never share a name.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        let mut encoding = Self { bytes: vec![VERSION] };
        encoding.text(kind);
        encoding
    }

    /// Appends a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.framed(b't', text.as_bytes())
    }

    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.framed(b'b', bytes)
    }

    /// Appends a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.plain(b'n', number)
    }

    /// Says which of several shapes follows (an enum's variant, an option's presence).
    pub fn variant(&mut self, which: u64) -> &mut Self {
        self.plain(b'v', which)
    }

    /// Says how many items follow.
    pub fn list(&mut self, items: usize) -> &mut Self {
        self.plain(b'l', items as u64)
    }

    /// The encoding so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name of the key that is encoded so far.
    #[must_use]
    pub fn name(&self) -> KeyName {
        KeyName(Sha256::digest(&self.bytes).into())
    }

    fn framed(&mut self, tag: u8, content: &[u8]) -> &mut Self {
        self.plain(tag, content.len() as u64);
        self.bytes.extend_from_slice(content);
        self
    }

    fn plain(&mut self, tag: u8, number: u64) -> &mut Self {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self
    }
}

impl KeyName {
    /// The name that these bytes are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The name as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::fmt::Debug for KeyName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "KeyName({self})")
    }
}
