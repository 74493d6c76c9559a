//! The `Link` header of paged answers (RFC 8288).

use url::Url;

/// The next page after the one at `at`, if there is one.
///
/// # Errors
/// Where the link leads off the registry: a page of the list comes from whoever has the list.
pub(super) fn next<'a>(at: &Url, links: impl Iterator<Item = &'a str>) -> Result<Option<Url>, String> {
    let Some(target) = links.flat_map(values).find_map(target_of_next) else { return Ok(None) };
    let next = at.join(target).map_err(|e| format!("the next page is no URL: {e}"))?;
    if next.origin() != at.origin() {
        return Err("the next page is on another host".to_owned());
    }
    Ok(Some(next))
}

/// The links of one header, which commas separate unless they stand inside a target or a quoted string.
fn values(header: &str) -> impl Iterator<Item = &str> {
    let (mut in_target, mut in_quotes) = (false, false);
    header.split(move |c| {
        match c {
            '"' if !in_target => in_quotes = !in_quotes,
            '<' if !in_quotes => in_target = true,
            '>' if !in_quotes => in_target = false,
            _ => {}
        }
        c == ',' && !in_target && !in_quotes
    })
}

/// The target of `<target>; rel="next"`.
fn target_of_next(link: &str) -> Option<&str> {
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let relations = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel") && relations.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("next"))
    };
    parameters.split(';').any(is_next).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_page_of_the_same_registry_counts() {
        let at = Url::parse("https://registry.example/v2/a/referrers/x?n=2").unwrap();
        let next = |link: &str| super::next(&at, std::iter::once(link)).map(|url| url.map(String::from));
        assert_eq!(next(r#"</v2/a/referrers/x?from=2>; rel="next""#).unwrap().unwrap(), "https://registry.example/v2/a/referrers/x?from=2");
        assert_eq!(next(r"<?from=4>;rel=next").unwrap().unwrap(), "https://registry.example/v2/a/referrers/x?from=4");
        assert_eq!(next(r#"</p>; rel="prev", </n>; title="x"; REL="last next""#).unwrap().unwrap(), "https://registry.example/n");
        assert_eq!(next(r#"</p,q>; title="a,b"; rel=prev, </n?a,b>; rel=next"#).unwrap().unwrap(), "https://registry.example/n?a,b");
        for none in ["", "<", "</n>", r#"</n>; rel="nextish""#, r#"/n; rel="next""#] {
            assert_eq!(next(none).unwrap(), None, "{none}");
        }
        for other in ["https://other.example/n", "http://registry.example/n", "https://registry.example:444/n"] {
            assert!(next(&format!(r#"<{other}>; rel="next""#)).is_err(), "{other}");
        }
    }
}
