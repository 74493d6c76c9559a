//! `Asked`: what operands came to, so that asking again costs no parsing of references, options and keys.
//!
//! Only questions are kept, never answers, and only those that are a function of their operands: a key that is named by
//! reference is read each time.

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use foldhash::quality::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, UnitWeighter};

use super::super::Value;
use crate::verify::{KeyReferences, LogRequirement, OptionsError, PreparedRequest, Question, Signer, SignerOptions, VerifyRequest};

/// Most questions that are kept.
const MAX_QUESTIONS: usize = 4096;
/// Most bytes of a question that is kept: keys and names, not whatever a policy writes there.
const MAX_TEXT: usize = 4096;
/// Most objects whose options are known by where they lie.
const MAX_OBJECTS: usize = 64;

/// Bounded: keys that collide cost time for no more entries than it has.
type Kept<K, V> = Cache<K, V, UnitWeighter, RandomState>;

/// Questions by the operands that they came from. Bounded.
pub(crate) struct Asked {
    questions: Kept<Operands, Arc<PreparedRequest>>,
    /// By address. INVARIANT: an entry keeps its object alive, so that nothing else comes to lie there, and shared, so that
    /// nobody changes it in place.
    objects: Kept<usize, (Value, Arc<Options>)>,
    seed: RandomState,
}

/// Options as they were read, hashed once and resolved once.
#[derive(Debug)]
pub(super) struct Options {
    read: SignerOptions,
    hash: u64,
    /// INVARIANT: a function of what was read; not of what a reference names today.
    resolved: OnceLock<(Signer, LogRequirement)>,
}

impl Options {
    /// Who must have signed, and whether a log must have seen it: parsed once, so that all questions with these options share the
    /// key.
    pub(super) fn resolve(&self, references: &dyn KeyReferences) -> Result<(Signer, LogRequirement), OptionsError> {
        if let Some(resolved) = self.resolved.get() {
            return Ok(resolved.clone());
        }
        let resolved = self.read.resolve(references)?;
        if self.read.names_key() { Ok(resolved) } else { Ok(self.resolved.get_or_init(|| resolved).clone()) }
    }
}

impl PartialEq for Options {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.hash == other.hash && self.read == other.read)
    }
}

impl Eq for Options {}

impl Hash for Options {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

#[derive(PartialEq, Eq, Hash)]
struct Operands {
    question: Question,
    reference: Box<str>,
    options: Arc<Options>,
}

/// Operands that are looked for.
#[derive(Hash)]
pub(super) struct Wanted<'a> {
    pub(super) question: Question,
    pub(super) reference: &'a str,
    pub(super) options: &'a Arc<Options>,
}

impl Equivalent<Operands> for Wanted<'_> {
    fn equivalent(&self, kept: &Operands) -> bool {
        self.question == kept.question && *self.options == kept.options && self.reference == &*kept.reference
    }
}

/// The options that an evaluation asked with last: it mostly asks with one object. INVARIANT: the object is kept, so that nothing
/// else comes to lie where it does, and shared, so that nobody changes it in place.
#[derive(Debug, Default)]
pub(crate) struct Recent(RefCell<Option<(Value, Arc<Options>)>>);

impl Recent {
    /// The options in `object`: those of the last time where it is the same one, else what `read` gives.
    pub(super) fn options(&self, object: &Value, read: impl FnOnce() -> Arc<Options>) -> Arc<Options> {
        let mut last = self.0.borrow_mut();
        if let (Some((Value::Object(kept), options)), Value::Object(asked)) = (&*last, object)
            && Arc::ptr_eq(kept, asked)
        {
            return Arc::clone(options);
        }
        let options = read();
        *last = Some((object.clone(), Arc::clone(&options)));
        options
    }
}

impl Asked {
    pub(crate) fn new() -> Self {
        Self { questions: kept(MAX_QUESTIONS), objects: kept(MAX_OBJECTS), seed: RandomState::default() }
    }

    /// The options in `object`: those that were read from it before, else what `read` makes of it.
    pub(super) fn options(&self, object: &Value, read: impl FnOnce(&Value) -> SignerOptions) -> Arc<Options> {
        // What nobody else holds was made for this call, and will not be seen again.
        let place = match object {
            Value::Object(members) if Arc::strong_count(members) > 1 => Some(Arc::as_ptr(members).addr()),
            _ => None,
        };
        if let Some((_, known)) = place.and_then(|place| self.objects.get(&place)) {
            return known;
        }
        let read = read(object);
        let options = Arc::new(Options { hash: self.seed.hash_one(&read), read, resolved: OnceLock::new() });
        if let Some(place) = place.filter(|_| options.read.text_len() <= MAX_TEXT) {
            self.objects.insert(place, (object.clone(), Arc::clone(&options)));
        }
        options
    }

    /// The question that `wanted` came to before, else what `parse` makes of it.
    pub(super) fn get(
        &self,
        wanted: &Wanted<'_>,
        parse: impl FnOnce() -> Result<VerifyRequest, String>,
    ) -> Result<Arc<PreparedRequest>, String> {
        if let Some(request) = self.questions.get(wanted) {
            return Ok(request);
        }
        let request = Arc::new(PreparedRequest::new(parse()?));
        let options = &wanted.options.read;
        if wanted.reference.len() + options.text_len() <= MAX_TEXT && !options.names_key() {
            let (question, reference, options) = (wanted.question, wanted.reference.into(), Arc::clone(wanted.options));
            self.questions.insert(Operands { question, reference, options }, Arc::clone(&request));
        }
        Ok(request)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.questions.len()
    }
}

fn kept<K: Eq + Hash, V: Clone>(most: usize) -> Kept<K, V> {
    Cache::with(most, most as u64, UnitWeighter, RandomState::default(), DefaultLifecycle::default())
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::signer_options;
    use super::*;

    fn object(identity: &str) -> Value {
        serde_json::json!({ "certificate_identity": identity }).into()
    }

    #[test]
    fn options_are_read_once_from_an_object_that_stays_and_never_from_another() {
        let (asked, times) = (Asked::new(), Cell::new(0));
        let read = |value: &Value| {
            times.set(times.get() + 1);
            signer_options(value)
        };
        let (one, two) = (object("one"), object("two"));
        for _ in 0..3 {
            assert_eq!(asked.options(&one.clone(), read).read.certificate_identity, "one");
            assert_eq!(asked.options(&two.clone(), read).read.certificate_identity, "two");
        }
        assert_eq!(times.get(), 2);
        assert_eq!(asked.options(&one.clone(), read), asked.options(&object("one"), read), "known by place or by value, all the same");
        for n in 0..1_000 {
            let passing = object(&n.to_string());
            assert_eq!(asked.options(&passing.clone(), read).read.certificate_identity, n.to_string(), "whatever lies there now");
        }
        assert!(asked.objects.len() <= MAX_OBJECTS);
    }

    #[test]
    fn the_options_of_the_last_time_are_those_of_the_same_object_alone() {
        let (recent, asked) = (Recent::default(), Asked::new());
        let read = |object: &Value| recent.options(object, || asked.options(object, signer_options)).read.certificate_identity.clone();
        let (one, two) = (object("one"), object("two"));
        assert_eq!([&one, &one, &two, &one, &object("one"), &two].map(read), ["one", "one", "two", "one", "one", "two"]);
        let mut changing = object("before");
        assert_eq!(read(&changing), "before");
        if let Value::Object(members) = &mut changing {
            *Arc::make_mut(members) = match object("after") {
                Value::Object(other) => (*other).clone(),
                other => panic!("{other} is no object"),
            };
        }
        assert_eq!(read(&changing), "after", "it is another object now");
    }

    #[test]
    fn a_change_of_an_object_is_seen() {
        let asked = Asked::new();
        let mut changing = object("before");
        let held = changing.clone();
        assert_eq!(asked.options(&changing, signer_options).read.certificate_identity, "before");
        drop(held);
        if let Value::Object(members) = &mut changing {
            *Arc::make_mut(members) = match object("after") {
                Value::Object(other) => (*other).clone(),
                other => panic!("{other} is no object"),
            };
        }
        let held = changing.clone();
        assert_eq!(asked.options(&held, signer_options).read.certificate_identity, "after");
    }
}
