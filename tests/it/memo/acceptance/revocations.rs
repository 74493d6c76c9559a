//! Feature 3, its triggers: a list in a file, and another process that shares the store. Each leaves a record.

use std::sync::Mutex;

use vidimus::memo::{EmbeddedStore, Label, Seal, Selector, Vault};
use vidimus::verify::{InvalidVerifier, RevocationFile, RevocationNews};

use super::*;

type Told = Arc<Mutex<Vec<String>>>;

fn told(told: &Told) -> Vec<String> {
    std::mem::take(&mut *told.lock().unwrap())
}

/// A file of revocations, and what is told of it.
fn listed(directory: &tempfile::TempDir, lines: &str) -> (std::path::PathBuf, RevocationFile, Told) {
    let (path, told) = (directory.path().join("revoked"), Told::default());
    std::fs::write(&path, lines).unwrap();
    let heard = Arc::clone(&told);
    let file = RevocationFile::new(&path, move |news| {
        heard.lock().unwrap().push(match news {
            RevocationNews::Revoked(revocation) => format!("{}: {}", revocation.selector, revocation.entries),
            RevocationNews::Unreadable(error) => format!("unreadable: {error}"),
            other => format!("{other:?}"),
        });
    });
    (path, file, told)
}

#[test]
fn a_running_verifier_hears_within_a_second_what_a_changed_list_says() {
    let directory = tempfile::tempdir().unwrap();
    let (path, file, news) = listed(&directory, "# nothing yet\n");
    let scene = Scene::new(|config| config.revocations = Some(file));
    assert_eq!((scene.kind(), scene.kind()), (ReceiptKind::Fresh, ReceiptKind::Hit));
    let digest = format!("digest={}", scene.image);
    std::fs::write(&path, &digest).unwrap();
    assert_eq!(scene.kind(), ReceiptKind::Hit, "it was looked at this very second");
    scene.clock.pass(1);
    assert_eq!((scene.kind(), scene.kind()), (ReceiptKind::Fresh, ReceiptKind::Hit));
    assert_eq!(told(&news), [format!("{digest}: 1")], "the record");
    scene.clock.pass(1);
    assert_eq!(scene.kind(), ReceiptKind::Hit, "once");
    // What is listed anew counts; what was listed before does not count again.
    std::fs::write(&path, format!("{digest}\nrepository={}\n", scene.registry.host())).unwrap();
    scene.clock.pass(1);
    assert_eq!(scene.kind(), ReceiptKind::Fresh);
    assert_eq!(told(&news), [format!("repository={}/**: 1", scene.registry.host())]);
    // Taken off the list and put on it again, it is revoked again.
    std::fs::write(&path, "").unwrap();
    scene.clock.pass(1);
    assert_eq!(scene.kind(), ReceiptKind::Hit);
    std::fs::write(&path, &digest).unwrap();
    scene.clock.pass(1);
    assert_eq!(scene.kind(), ReceiptKind::Fresh);
}

#[test]
fn a_list_that_is_malformed_or_gone_changes_nothing_and_is_told_of_once() {
    let directory = tempfile::tempdir().unwrap();
    let (path, file, news) = listed(&directory, "");
    let scene = Scene::new(|config| config.revocations = Some(file));
    scene.kind();
    std::fs::write(&path, format!("digest={}\ndigset=x\n", scene.image)).unwrap();
    for _ in 0..3 {
        scene.clock.pass(1);
        assert_eq!(scene.kind(), ReceiptKind::Hit, "read whole or not at all");
    }
    let heard = told(&news);
    assert!(heard.len() == 1 && heard[0].contains("line 2: nothing is revoked by `digset`"), "{heard:?}");
    std::fs::remove_file(&path).unwrap();
    for _ in 0..3 {
        scene.clock.pass(1);
        assert_eq!(scene.kind(), ReceiptKind::Hit);
    }
    let heard = told(&news);
    assert!(heard.len() == 1 && heard[0].contains("cannot be read"), "{heard:?}");
    std::fs::write(&path, "**").unwrap();
    scene.clock.pass(1);
    assert_eq!(scene.kind(), ReceiptKind::Fresh);
    assert_eq!(told(&news), ["**: 1"]);
}

#[test]
fn a_list_that_is_none_is_an_error_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    for lines in ["digest=web", "everything", "\u{0}=1"] {
        let (_, file, _) = listed(&directory, lines);
        let config = VerifierConfig { revocations: Some(file), ..VerifierConfig::default() };
        let made = Verifier::new(network(), Trust::public_good().unwrap(), config);
        assert!(matches!(made, Err(InvalidVerifier::Revocations(_))), "{lines}");
    }
}

fn vault(directory: &tempfile::TempDir) -> Arc<Vault> {
    let seal = Seal::new(b"a key of thirty-two bytes or more");
    Arc::new(Vault::new(EmbeddedStore::open(directory.path()).unwrap(), seal, |warning| panic!("{warning}")))
}

#[test]
fn a_process_that_lives_on_hits_hears_what_another_one_revoked() {
    let directory = tempfile::tempdir().unwrap();
    let scene = Scene::new(|config| config.vault = Some(vault(&directory)));
    assert_eq!((scene.kind(), scene.kind()), (ReceiptKind::Fresh, ReceiptKind::Hit));
    assert!(scene.verifier.flush(soon()));
    let other = vault(&directory);
    let selector = Selector::Is(Label::new("digest", scene.image.as_str()));
    assert_eq!(other.revoke(&selector, std::time::SystemTime::now()).unwrap(), 1);
    assert_eq!(scene.kind(), ReceiptKind::Hit, "it was looked at this very second");
    scene.clock.pass(1);
    // Left in the store, it would be warned of: who revokes for good removes it.
    assert_eq!(other.remove_if(std::time::SystemTime::now(), |_| true).unwrap(), 1);
    assert_eq!(scene.kind(), ReceiptKind::Fresh, "looked at anew, whoever revoked");
    assert!(scene.verifier.flush(soon()));
    let found = other.list(std::time::SystemTime::UNIX_EPOCH + Duration::from_hours(500_000) + Duration::from_mins(1)).unwrap();
    assert!(matches!(&found[..], [vidimus::memo::Listed::Good(..)]), "{found:?}");
}

/// The vault is shared with somebody who sees the revocation first: the memo must hear of it all the same.
#[test]
fn what_somebody_else_saw_in_the_same_vault_is_not_lost() {
    let directory = tempfile::tempdir().unwrap();
    let shared = vault(&directory);
    let scene = Scene::new(|config| config.vault = Some(Arc::clone(&shared)));
    scene.kind();
    assert!(scene.verifier.flush(soon()));
    let other = vault(&directory);
    other.revoke(&Selector::All, std::time::SystemTime::now()).unwrap();
    other.remove_if(std::time::SystemTime::now(), |_| true).unwrap();
    assert_eq!(shared.revocations().unwrap().len(), 1, "seen here first");
    scene.clock.pass(1);
    assert_eq!(scene.kind(), ReceiptKind::Fresh, "looked at anew, whoever revoked");
}
