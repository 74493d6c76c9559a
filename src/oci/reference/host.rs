//! `RegistryHost`: host and port of a registry, and what the name alone says about the way to it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{DOCKER_HUB, DOCKER_HUB_ALIAS, InvalidReference};

/// Host and port of a registry; `index.docker.io` for Docker Hub.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryHost(String);

impl RegistryHost {
    /// The text, `host` or `host:port`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether traffic to it stays on this machine. `*.localhost` does not count: it is the resolver's word.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(name_of(&self.0))
    }

    /// Whether it may be spoken to without TLS when it has none: loopback, `*.local`, RFC 1918.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let name = name_of(&self.0);
        is_loopback(name)
            || name.ends_with(".localhost")
            || name.strip_suffix(".local").is_some()
            || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_private())
    }
}

/// Whether `name` (a host without its port) is this machine.
pub(in crate::oci) fn is_loopback(name: &str) -> bool {
    name == "localhost" || address(name).is_some_and(|ip| ip.is_loopback())
}

/// Whether `name` is an address that only a neighbour could have meant: private, link-local (where clouds keep their
/// metadata), loopback or unspecified.
pub(in crate::oci) fn is_neighbour(name: &str) -> bool {
    is_loopback(name)
        || match address(name) {
            Some(IpAddr::V4(ip)) => neighbour_v4(ip),
            Some(IpAddr::V6(ip)) => neighbour_v6(ip),
            None => false,
        }
}

fn neighbour_v4(ip: Ipv4Addr) -> bool {
    ip.is_private() || ip.is_link_local() || ip.is_unspecified() || ip.is_loopback()
}

fn neighbour_v6(ip: Ipv6Addr) -> bool {
    ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified() || ip.to_ipv4_mapped().is_some_and(neighbour_v4)
}

fn address(name: &str) -> Option<IpAddr> {
    name.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// The host without its port.
pub(in crate::oci) fn name_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) => name,
        _ => authority,
    }
}

impl FromStr for RegistryHost {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !is_authority(text) {
            return Err(InvalidReference::Repository(format!("registries must be valid RFC 3986 URI authorities: {text}")));
        }
        Ok(Self(if text.is_empty() || text == DOCKER_HUB_ALIAS { DOCKER_HUB } else { text }.to_owned()))
    }
}

/// Whether Go's `url.Parse("//" + text)` succeeds and gives `text` back as its host, which is go-containerregistry's
/// test. Percent signs never survive it: they are either refused or decoded.
fn is_authority(text: &str) -> bool {
    let allowed = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!$&'()*+,;=:[]<>\"-_.~".contains(c);
    if !text.chars().all(allowed) {
        return false;
    }
    if let Some(literal) = text.strip_prefix('[') {
        // Go takes the last bracket, and after it nothing but a port.
        return literal.rsplit_once(']').is_some_and(|(inner, port)| is_port(port) && inner.parse::<Ipv6Addr>().is_ok());
    }
    // What stands after the last colon is the port: `a:b:80` is as good as `a:80`.
    !text.contains('[') && text.rfind(':').is_none_or(|at| text.get(at..).is_some_and(is_port))
}

/// Nothing, or a colon and digits (Go's `validOptionalPort`).
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
