//! Where a token may be asked for: a challenge is the registry's word, and a hostile one would like its clients to send
//! requests into their own networks, or their passwords in clear text.

use url::Url;

use super::origin::Scheme;
use crate::oci::RegistryHost;
use crate::oci::reference::{is_loopback, is_neighbour, name_of};

/// The token service that `realm` names, for a registry that is spoken to in `scheme`.
///
/// # Errors
/// Why nothing is sent there.
pub(super) fn check(realm: &str, registry: &RegistryHost, scheme: Scheme) -> Result<Url, String> {
    let url = Url::parse(realm).map_err(|e| format!("the token realm is no URL: {e}"))?;
    let Some(host) = url.host_str().filter(|_| url.username().is_empty() && url.password().is_none()) else {
        return Err("the token realm is not the URL of a service".to_owned());
    };
    let same_host = host.eq_ignore_ascii_case(name_of(registry.as_str()));
    let near = same_host || (is_loopback(host) && registry.is_loopback());
    match url.scheme() {
        "https" if near || !is_neighbour(host) || registry.is_local() => Ok(url),
        "https" => Err(format!("the token realm `{host}` is an address of the local network, which `{registry}` is not")),
        "http" if near && scheme == Scheme::Http => Ok(url),
        "http" => Err(format!("the token realm `{host}` is on plain http, and not the registry's own")),
        other => Err(format!("the token realm is not on https but `{other}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(realm: &str, registry: &str, scheme: Scheme) -> bool {
        check(realm, &registry.parse().unwrap(), scheme).is_ok()
    }

    #[test]
    fn https_goes_anywhere_but_inwards() {
        assert!(allowed("https://auth.example/token", "registry.example", Scheme::Https));
        assert!(allowed("https://registry.example:8443/token", "registry.example", Scheme::Https));
        assert!(allowed("https://10.0.0.2/token", "10.0.0.1:5000", Scheme::Https));
        for inward in [
            "127.0.0.1",
            "localhost",
            "10.1.2.3",
            "169.254.169.254",
            "[::1]",
            "[fd00:ec2::254]",
            "[::ffff:169.254.169.254]",
            "2130706433",
            "0",
        ] {
            assert!(!allowed(&format!("https://{inward}/token"), "registry.example", Scheme::Https), "{inward}");
        }
    }

    #[test]
    fn plain_http_is_for_the_registry_itself() {
        assert!(allowed("http://127.0.0.1:9/token", "127.0.0.1:5000", Scheme::Http));
        assert!(allowed("http://localhost:9/token", "127.0.0.1:5000", Scheme::Http));
        assert!(allowed("http://10.0.0.1/token", "10.0.0.1:5000", Scheme::Http));
        assert!(!allowed("http://10.0.0.2/token", "10.0.0.1:5000", Scheme::Http));
        assert!(!allowed("http://registry.example/token", "registry.example", Scheme::Https));
        assert!(!allowed("http://auth.example/token", "127.0.0.1:5000", Scheme::Http));
        assert!(!allowed("http://127.0.0.1/token", "registry.example", Scheme::Https));
    }

    #[test]
    fn what_is_no_service_is_refused() {
        for realm in
            ["", "/token", "ftp://registry.example/", "file:///etc/passwd", "https://name:secret@registry.example/", "data:text/plain,x"]
        {
            assert!(!allowed(realm, "registry.example", Scheme::Https), "{realm}");
        }
    }
}
