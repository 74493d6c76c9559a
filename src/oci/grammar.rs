//! What may stand in a URL or a path: go-containerregistry's rules for references let more through than any registry
//! can hold, and some of it (`..`) would climb.

use super::{Pointer, Repository, SourceError};

/// Refuses repository paths with segments that a URL or a file system would resolve.
pub(super) fn check_repository(repository: &Repository) -> Result<(), SourceError> {
    match repository.path().split('/').find(|segment| matches!(*segment, "" | "." | "..")) {
        None => Ok(()),
        Some(segment) => {
            Err(SourceError::violation(&repository.to_string(), format!("`{segment}` cannot be a component of a repository's path")))
        }
    }
}

/// Refuses what is not a tag (distribution-spec, "Pulling manifests": `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`).
pub(super) fn check_pointer(repository: &Repository, pointer: &Pointer) -> Result<(), SourceError> {
    check_repository(repository)?;
    let Pointer::Tag(tag) = pointer else { return Ok(()) };
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let well_formed = tag.len() <= 128 && tag.bytes().next().is_some_and(word) && tag.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'));
    if well_formed { Ok(()) } else { Err(SourceError::violation(&pointer.name_in(repository), "not a tag that a registry can hold")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_climbs_is_refused() {
        for path in ["../etc", "a/../../b", "a//b", "/a", "a/", "./a", "a/.."] {
            let repository: Repository = format!("registry.example/{path}").parse().unwrap();
            assert!(matches!(check_repository(&repository), Err(SourceError::Violation { .. })), "{path}");
        }
        assert!(check_repository(&"registry.example/a..b/c.d".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_tag_that_a_url_would_read_otherwise_is_refused() {
        let repository: Repository = "registry.example/app".parse().unwrap();
        let long = "a".repeat(129);
        for tag in ["", ".", "..", "-a", "a/b", "a?b", "a#b", "a%2fb", "a\nb", long.as_str()] {
            assert!(check_pointer(&repository, &Pointer::Tag(tag.to_owned())).is_err(), "{tag}");
        }
        assert!(check_pointer(&repository, &Pointer::Tag("sha256-00.sig".to_owned())).is_ok());
    }
}
