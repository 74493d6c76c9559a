//! A text split as Go's `net/url` splits one whose scheme is `pkg`, errors included: its leniency decides which package
//! URLs are valid upstream. Owns no rule of package URLs.

/// The parts of `pkg:path?query#fragment`.
#[derive(Debug)]
pub(super) struct Url {
    /// As written where the path does not begin with `/`; decoded and cleaned, without the leading `/`, where it does.
    pub(super) path: String,
    /// As written.
    pub(super) query: String,
    /// Decoded.
    pub(super) fragment: String,
}

impl Url {
    /// The parts, or `None` where Go refuses the text or its scheme is another.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (text, fragment) = cut(text, '#');
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return None;
        }
        let (path, query) = cut(rest, '?');
        let path = if let Some(rooted) = path.strip_prefix('/') {
            let decoded = match rooted.strip_prefix('/') {
                Some(authority) => {
                    let (host, path) = authority.find('/').map_or((authority, ""), |at| authority.split_at(at));
                    format!("{}{}", host_of(host)?, percent_decode(path, false)?)
                }
                None => percent_decode(rooted, false)?,
            };
            clean(&decoded)
        } else {
            path.to_owned()
        };
        Some(Self { path, query: query.to_owned(), fragment: percent_decode(fragment, false)? })
    }
}

/// What is before and after the first `mark`; all before where there is none.
pub(super) fn cut(text: &str, mark: char) -> (&str, &str) {
    text.split_once(mark).unwrap_or((text, ""))
}

/// `%41` becomes `A`, in a query `+` becomes a space; `None` where a `%` is not followed by two hexadecimal digits.
pub(super) fn percent_decode(text: &str, query: bool) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => 16 * hex_digit(bytes.next()?)? + hex_digit(bytes.next()?)?,
            b'+' if query => b' ',
            _ => byte,
        });
    }
    Some(String::from_utf8_lossy(&decoded).into_owned())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Host and port of an authority, as Go accepts them; user information is passed over.
fn host_of(authority: &str) -> Option<String> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some((_, port)) = host.rsplit_once(':')
        && !port.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let allowed = |b: u8| b >= 0x80 || b.is_ascii_alphanumeric() || br#"-_.~!$&'()*+,;=:[]<>""#.contains(&b);
    host.bytes().all(allowed).then(|| host.to_owned())
}

/// Go's `path.Clean` of a rooted path, without the leading `/`.
fn clean(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}
