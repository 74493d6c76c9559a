//! On whose threads a verification runs: it begins on that of a caller who waits for it anyway, and does not stay there.

use std::sync::Mutex;
use std::thread::{self, ThreadId};

use vidimus::memo::Mode;
use vidimus::oci::{Budget, Descriptor, Digest, Manifest, Pointer, Repository, SourceError, SourceFuture};

use super::*;

const LAYERS: u8 = 50;

/// Has every answer at once, and notes on which threads blobs are asked for.
#[derive(Debug, Default)]
struct AtHand {
    asked: Mutex<Vec<ThreadId>>,
    panics: bool,
}

fn payload(nth: u8) -> Vec<u8> {
    format!("payload {nth}").into_bytes()
}

fn layers() -> Vec<u8> {
    let layer = |nth| {
        let (bytes, annotations) = (payload(nth), serde_json::json!({"dev.cosignproject.cosign/signature": "AA=="}));
        let media_type = "application/vnd.dev.cosign.simplesigning.v1+json";
        serde_json::json!({"mediaType": media_type, "digest": Digest::of(&bytes).to_string(), "size": bytes.len(), "annotations": annotations})
    };
    serde_json::json!({"layers": (0..LAYERS).map(layer).collect::<Vec<_>>()}).to_string().into_bytes()
}

impl ImageSource for AtHand {
    fn manifest<'a>(&'a self, _: &'a Repository, _: &'a Pointer, _: &'a Budget) -> SourceFuture<'a, Option<Manifest>> {
        assert!(!self.panics, "the source is broken");
        let bytes = layers();
        let media_type = "application/vnd.oci.image.manifest.v1+json".to_owned();
        let manifest = Manifest { media_type, digest: Digest::of(&bytes), bytes: bytes.into() };
        Box::pin(async { Ok(Some(manifest)) })
    }

    fn blob<'a>(&'a self, _: &'a Repository, digest: &'a Digest, _: u64, _: &'a Budget) -> SourceFuture<'a, Arc<[u8]>> {
        Box::pin(async {
            self.asked.lock().unwrap().push(thread::current().id());
            let found = (0..LAYERS).map(payload).find(|bytes| Digest::of(bytes) == *digest);
            found.map(Arc::from).ok_or_else(|| SourceError::Absent { what: digest.to_string() })
        })
    }

    fn referrers<'a>(&'a self, _: &'a Repository, _: &'a Digest, _: &'a Budget) -> SourceFuture<'a, Vec<Descriptor>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn ask(source: &Arc<AtHand>, deadline: Instant) -> Result<Answer, VerifyError> {
    // A memory that is off keeps no content either: every blob is asked for at the source.
    let config = VerifierConfig { mode: Mode::Off, ..VerifierConfig::default() };
    let verifier = Verifier::new(Arc::clone(source) as Arc<dyn ImageSource>, Trust::public_good().unwrap(), config).unwrap();
    let image = format!("registry.example/acme/web@{}", Digest::of(b"image")).parse().unwrap();
    let signer = Signer::Key(PublicKey::from_pem(&TestKey::p256().pem()).unwrap());
    verifier.verify(&VerifyRequest { image, question: Question::Image, signer, log: LogRequirement::Ignored }, deadline)
}

#[test]
fn a_callers_thread_is_used_for_a_few_pieces_and_no_more() {
    let source = Arc::new(AtHand::default());
    rejection(ask(&source, soon()));
    let asked = source.asked.lock().unwrap();
    let here = asked.iter().filter(|id| **id == thread::current().id()).count();
    assert_eq!(asked.len(), usize::from(LAYERS));
    assert!((1..16).contains(&here), "as many as are looked at together, and those that they make room for: {here}");
}

#[test]
fn a_caller_without_time_lends_no_thread() {
    let source = Arc::new(AtHand::default());
    let answer = ask(&source, Instant::now());
    assert!(matches!(answer, Err(VerifyError::Unavailable(_) | VerifyError::Rejected(_))), "{answer:?}");
    assert!(!source.asked.lock().unwrap().contains(&thread::current().id()));
}

#[test]
fn a_panic_on_the_callers_thread_is_not_the_callers() {
    let source = Arc::new(AtHand { panics: true, ..AtHand::default() });
    let text = unavailability(ask(&source, soon()));
    assert!(text.ends_with("the verification was abandoned"), "{text}");
}
