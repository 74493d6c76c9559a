//! Which source answers for which registry.

use vidimus::oci::{ImageSource as _, InvalidSources, Pointer, RegistryDir, Sources};

use super::{Scene, anonymous, budget, repository, run};
use crate::testkit::fixture;

fn directory(text: &str) -> Result<RegistryDir, InvalidSources> {
    text.parse()
}

#[test]
fn a_host_with_a_directory_is_never_asked() {
    let scene = Scene::new();
    let tree = fixture("keyed/registry/registry.example");
    let host = format!("{}={}", scene.registry.host(), tree.display());
    let sources = Sources::new(anonymous(), [directory(&host).unwrap()]).unwrap();
    let (asked, image) = (sources.clone(), repository(&format!("{}/acme/web", scene.registry.host())));
    assert!(run(async move { asked.manifest(&image, &Pointer::Tag("v1".to_owned()), &budget()).await }).unwrap().is_some());
    let (asked, image) = (sources.clone(), scene.repository.clone());
    assert!(run(async move { asked.manifest(&image, &Pointer::Tag("v1".to_owned()), &budget()).await }).unwrap().is_none());
    assert_eq!((scene.registry.log().len(), sources.counts().requests), (0, 0));
    let other = Scene::new();
    let image = other.repository.clone();
    assert!(run(async move { sources.manifest(&image, &Pointer::Tag("v1".to_owned()), &budget()).await }).unwrap().is_some());
    assert_eq!(other.registry.requests(), 1);
}

#[test]
fn what_is_no_host_and_directory_is_a_usage_error() {
    for text in ["", "registry.example", "=dir", "registry.example=", "registry.example/acme=dir", "a b=dir"] {
        assert!(directory(text).is_err(), "{text}");
    }
    let docker = directory("docker.io=a=b").unwrap();
    assert_eq!((docker.host.as_str(), docker.directory.to_str().unwrap()), ("index.docker.io", "a=b"));
    let missing = Sources::new(anonymous(), [directory("registry.example=/no/such/directory").unwrap()]).unwrap_err();
    assert!(matches!(&missing, InvalidSources::Directory { .. }), "{missing}");
    let here = directory("docker.io=.").unwrap();
    let twice = Sources::new(anonymous(), [here.clone(), RegistryDir { host: "index.docker.io".parse().unwrap(), ..here }]).unwrap_err();
    assert_eq!(twice.to_string(), "two directories for `index.docker.io`");
}
