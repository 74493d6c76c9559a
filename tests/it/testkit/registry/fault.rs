//! Faults to order: which requests they befall, and what happens to these.

use std::time::Duration;

use super::tally::Route;

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Wrong {
    /// This status and body instead of an answer.
    Status(u16, String),
    /// No answer at all.
    Silence,
    /// The true answer, a byte at a time with this pause.
    Slow(Duration),
    /// The connection breaks in the middle of the body.
    Truncated,
    /// A body that never ends.
    Endless,
    /// This status, with a body that never ends.
    EndlessStatus(u16),
    /// A `Content-Length` of this many bytes; fewer follow.
    Claims(u64),
    /// One bit of the body is not as it should be.
    Altered,
    /// `Docker-Content-Digest` names other content.
    LyingHeader,
    /// Another `Content-Type`.
    MediaType(String),
    /// 307 to this base and the same path.
    Redirect(String),
    /// A `Link` to this as the next page; `{n}` is another number each time.
    NextPage(String),
}

/// An order for a fault on GET requests, or on HEAD requests: the one disagrees with the other then.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(super) wrong: Wrong,
    route: Option<Route>,
    part: String,
    left: Option<usize>,
    spared: usize,
    headers: Vec<(String, String)>,
    head: bool,
}

impl Fault {
    pub(crate) fn new(wrong: Wrong) -> Self {
        Self { wrong, route: None, part: String::new(), left: None, spared: 0, headers: Vec::new(), head: false }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::new(Wrong::Status(status, String::new()))
    }

    /// A status with an error document of the distribution-spec that carries `code`.
    pub(crate) fn status_with_code(status: u16, code: &str) -> Self {
        Self::new(Wrong::Status(status, format!(r#"{{"errors":[{{"code":"{code}","message":"ordered"}}]}}"#)))
    }

    pub(crate) fn media_type(media_type: &str) -> Self {
        Self::new(Wrong::MediaType(media_type.to_owned()))
    }

    pub(crate) fn redirect(base: &str) -> Self {
        Self::new(Wrong::Redirect(base.to_owned()))
    }

    /// Only on `route`.
    pub(crate) fn on(mut self, route: Route) -> Self {
        self.route = Some(route);
        self
    }

    /// On HEAD requests, and not on GET requests.
    pub(crate) fn on_head(mut self) -> Self {
        self.head = true;
        self
    }

    /// Only where the path contains `part`.
    pub(crate) fn at(mut self, part: &str) -> Self {
        part.clone_into(&mut self.part);
        self
    }

    /// Only so many times.
    pub(crate) fn times(mut self, times: usize) -> Self {
        self.left = Some(times);
        self
    }

    /// Only after so many requests that it spares.
    pub(crate) fn after(mut self, spared: usize) -> Self {
        self.spared = spared;
        self
    }

    /// With a header, such as `Retry-After` or `WWW-Authenticate`.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// All faults ordered.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The fault that befalls a request, used up by one.
    pub(super) fn befalling(&mut self, head: bool, (route, path): (Route, &str)) -> Option<Fault> {
        let matches = |f: &&mut Fault| f.head == head && f.route.is_none_or(|r| r == route) && path.contains(&f.part) && f.left != Some(0);
        let fault = self.0.iter_mut().rev().find(matches)?;
        if fault.spared > 0 {
            fault.spared -= 1;
            return None;
        }
        fault.left = fault.left.map(|left| left - 1);
        Some(fault.clone())
    }
}
