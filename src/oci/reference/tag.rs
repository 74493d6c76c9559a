//! `TagRef`: a repository and a tag. It cannot be verified; it exists to be told apart from a malformed reference and to
//! be resolved by those who may.

use std::fmt;
use std::str::FromStr;

use super::{InvalidReference, Repository, check};

const CHARACTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-.ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// An image by a name that may move (go-containerregistry's `name.Tag`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagRef {
    repository: Repository,
    tag: String,
}

impl TagRef {
    /// Where the image is.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The tag; `latest` where the text has none.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Where the tag is.
    pub(crate) fn into_repository(self) -> Repository {
        self.repository
    }
}

impl FromStr for TagRef {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A colon before the last slash belongs to the registry's port.
        let (base, tag) = match text.rsplit_once(':') {
            Some((base, tag)) if !tag.contains('/') => (base, Some(tag)),
            _ => (text, None),
        };
        match tag {
            Some("") => Err(InvalidReference::Repository(format!("{text} must specify a tag name after the colon"))),
            Some(tag) => {
                check("tag", tag, CHARACTERS, 1..=128)?;
                Ok(Self { repository: base.parse()?, tag: tag.to_owned() })
            }
            None => Ok(Self { repository: base.parse()?, tag: "latest".to_owned() }),
        }
    }
}

impl fmt::Display for TagRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.repository, self.tag)
    }
}
