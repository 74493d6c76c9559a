//! Ours: a snapshot of the module with its data, and instances that begin there.

use serde_json::Value;
use vidimus_wasm_host::text::{Term, Terms, ValueText};
use vidimus_wasm_host::{Decision, Host, HostConfig, Instance, MissingBuiltins, NoBuiltins, Snapshot};

use crate::measure::soon;

/// A host, and a policy in it.
pub(crate) struct Ours {
    host: Host,
    snapshot: Snapshot,
    entrypoint: i32,
    input: ValueText<'static>,
}

fn value(text: &str) -> ValueText<'_> {
    ValueText::new(text, 64).expect("a value")
}

fn loaded(host: &Host, (wasm, data): (&[u8], &str)) -> Snapshot {
    let module = host.load(wasm, |_| false, MissingBuiltins::Refuse).expect("a module");
    module.with_data(&value(data)).expect("data")
}

impl Ours {
    pub(crate) fn new(policy: (&[u8], &str), entrypoint: &str, input: &'static str) -> Self {
        let host = Host::new(HostConfig::default()).expect("a host");
        let snapshot = loaded(&host, policy);
        let entrypoint = snapshot.module().entrypoints().iter().find(|one| one.path == entrypoint).expect("an entrypoint").id;
        Self { host, snapshot, entrypoint, input: value(input) }
    }

    /// From the bytes of a module to a policy that can be asked.
    pub(crate) fn load(&self, policy: (&[u8], &str)) -> Snapshot {
        loaded(&self.host, policy)
    }

    /// One evaluation in an instance of its own; the result is read.
    pub(crate) fn fresh(&self) -> Term {
        read(&self.snapshot.evaluate(self.entrypoint, Some(&self.input), Box::new(NoBuiltins), soon()).expect("a decision"))
    }

    pub(crate) fn instance(&self) -> Instance {
        self.snapshot.instance(Box::new(NoBuiltins), soon()).expect("an instance")
    }

    /// One more evaluation in an instance; the result is read.
    pub(crate) fn again(&self, instance: &mut Instance) -> Term {
        read(&instance.evaluate(self.entrypoint, Some(&self.input), soon()).expect("a decision"))
    }
}

fn read(decision: &Decision) -> Term {
    decision.read(&mut Terms).expect("a value")
}

/// The result set as the list that JSON makes of it.
pub(crate) fn json(decision: Term) -> Value {
    let Term::Set(results) = decision else { panic!("no set of results") };
    serde_json::from_str(ValueText::of(&Term::Array(results)).as_str()).expect("JSON")
}
