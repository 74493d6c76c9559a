//! A directory that somebody meddled with: a miss with a warning, never an error and never a pass.

use vidimus::memo::{EmbeddedStore, KeyName, Store as _};

use super::*;

fn store(scene: &Scene) -> EmbeddedStore {
    EmbeddedStore::open(scene.cache().as_ref()).unwrap()
}

fn names(scene: &Scene) -> Vec<(KeyName, Vec<u8>)> {
    let mut records = Vec::new();
    store(scene).each(&mut |name, sealed| records.push((name, sealed.to_vec()))).unwrap();
    records
}

#[test]
fn a_changed_record_is_a_miss_with_a_warning() {
    let scene = Scene::new();
    scene.kind("web", &[]);
    let (name, sealed) = names(&scene).remove(0);
    let mut flipped = sealed.clone();
    flipped[sealed.len() / 2] ^= 4;
    for changed in [flipped, sealed[..sealed.len() - 1].to_vec(), Vec::new(), [&sealed[..], b" "].concat()] {
        store(&scene).put(&[(name, changed)]).unwrap();
        assert_eq!(scene.states(), ["broken"]);
        let (kind, requests, said) = scene.verify("web", &[]);
        assert!(kind == "fresh" && requests > 0, "{kind}");
        assert_eq!(said.trim_end(), format!("warning: the remembered verdict {name} does not unseal: it is not used"));
        assert_eq!(scene.kind("web", &[]), "hit", "what was found anew took its place");
    }
}

#[test]
fn a_record_under_another_name_passes_nothing() {
    let scene = Scene::new();
    scene.kind("web", &[]);
    let good = names(&scene).remove(0).1;
    // The key signed nothing of this image: a verdict moved to it would be a pass.
    let rogue = scene.image("rogue");
    let explained = scene.run(&[&["explain", "-f", "json", &rogue], &KEY[..]].concat()).0.json();
    let mut name = [0; 32];
    hex::decode_to_slice(explained["entry"].as_str().unwrap(), &mut name).unwrap();
    store(&scene).put(&[(KeyName::from_bytes(name), good)]).unwrap();
    let (run, _) = scene.run(&[&["verify", &rogue], &KEY[..]].concat());
    assert!(run.code == 1 && run.stderr.contains("does not unseal"), "{run:?}");
}

#[test]
fn a_record_put_back_after_a_revocation_is_a_miss_with_a_warning() {
    let scene = Scene::new();
    scene.kind("web", &[]);
    let record = names(&scene).remove(0);
    let (run, _) = scene.run(&["cache", "revoke", "--all"]);
    assert!(run.stdout.ends_with("**: 1 verdict\n"), "{run:?}");
    store(&scene).put(std::slice::from_ref(&record)).unwrap();
    assert_eq!(scene.states(), ["revoked"]);
    let (kind, _, said) = scene.verify("web", &[]);
    assert_eq!(
        (kind.as_str(), said.trim_end()),
        ("fresh", &*format!("warning: the remembered verdict {} was revoked: it is not used", record.0))
    );
}

#[test]
fn a_foreign_key_a_moved_file_and_a_copied_one_pass_nothing() {
    let scene = Scene::new();
    let image = scene.image("rogue");
    scene.kind("web", &[]);
    let file = scene.directory.path().join("cache/memo.redb");
    std::fs::write(scene.directory.path().join("cache/key"), [7; 32]).unwrap();
    let (kind, _, said) = scene.verify("web", &[]);
    assert!(kind == "fresh" && said.contains("does not unseal"), "{said}");
    std::fs::rename(&file, file.with_extension("elsewhere")).unwrap();
    let (kind, _, said) = scene.verify("web", &[]);
    assert_eq!((kind.as_str(), said.as_str()), ("fresh", ""));
    std::fs::rename(file.with_extension("elsewhere"), &file).unwrap();
    assert_eq!(scene.kind("web", &[]), "hit", "sealed with this key, it is good again");
    assert_eq!(scene.run(&[&["verify", &image], &KEY[..]].concat()).0.code, 1);
}

#[test]
fn a_damaged_file_is_put_aside_or_read_but_never_an_error_or_a_pass() {
    let scene = Scene::new();
    assert_eq!(scene.eval(&SIGNED, &[]).0.code, 0);
    let file = scene.directory.path().join("cache/memo.redb");
    let whole = std::fs::read(&file).unwrap();
    let mut damaged =
        vec![Vec::new(), b"not a store".to_vec(), whole[..whole.len() / 2].to_vec(), whole[..4096].to_vec(), whole[4096..].to_vec()];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20 {
        let mut flipped = whole.clone();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % flipped.len();
            flipped[at] ^= 1 << (seed % 8);
        }
        damaged.push(flipped);
    }
    let mut aside = 0;
    for bytes in damaged {
        std::fs::write(&file, bytes).unwrap();
        let (run, _) = scene.eval(&["web", "rogue"], &[]);
        assert_eq!(run.code, 1, "the one passes, the other does not: {run:?}");
        assert_eq!(run.component(&scene.image("web"))["success"], true, "{run:?}");
        assert!(run.stderr.lines().all(|line| line.starts_with("warning: ")), "{run:?}");
        aside += usize::from(run.stderr.contains("were damaged and are put aside"));
    }
    assert!(aside > 0);
}
