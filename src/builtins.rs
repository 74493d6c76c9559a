//! The one table of functions that policies can call: name, declared types, whether it is deterministic, function.
//!
//! Rego evaluation, `check`, `capabilities` and the wasm host all read this table. One file per family lies below.

mod aggregates;
mod arithmetic;
mod array;
mod bits;
mod cache;
mod call;
mod capabilities;
mod casts;
mod comparison;
mod crypto;
mod decimal;
mod encoding;
mod expression;
mod glob;
mod graph;
mod graphql;
mod host;
mod json;
mod json_patch;
mod json_paths;
mod json_schema;
mod json_text;
mod jwt;
mod net;
mod number;
mod objects;
mod oci;
mod operand;
mod order;
mod providers;
mod purl;
mod random;
mod regex;
mod semver;
mod sets;
mod signature;
mod sigstore;
mod sprintf;
mod strings;
mod template;
mod term_text;
mod time;
mod types;
mod units;
mod uri;
mod uuid;
mod value_text;
mod yaml;

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod table_test;
#[cfg(test)]
mod tried;

pub(crate) use order::of_set as sorted;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(crate) use call::{Call, Failure, Function, Host, Value};
pub use capabilities::capabilities;
pub(crate) use glob::GlobPattern;
pub(crate) use jwt::VerificationKey;
use operand::{Answer, Fault};
pub(crate) use sigstore::{Asked, Recent};
pub(crate) use term_text::of as text_of;
pub(crate) use types::{Argument, Decl, Type};
pub(crate) use value_text::{ValueTerm, Values};
pub(crate) use yaml::document as yaml_document;

/// One function of the table.
#[derive(Debug)]
pub(crate) struct Builtin {
    /// Full name, as a policy writes it.
    pub(crate) name: &'static str,
    /// What it takes and gives.
    pub(crate) decl: Decl,
    /// Whether the same operands may give another answer at another time.
    pub(crate) nondeterministic: bool,
    /// Whether OPA advises against it; strict compilation refuses it.
    pub(crate) deprecated: bool,
    /// Whether it has many results for one call.
    pub(crate) relation: bool,
    /// The operator that stands for it.
    pub(crate) infix: Option<&'static str>,
    /// Who answers a call.
    pub(crate) availability: Availability,
}

/// Who answers a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Availability {
    /// A function of ours, of its operands alone.
    Pure(fn(&[Value]) -> Answer),
    /// A function of ours that also asks the evaluation: its time, its deadline, its host.
    Calling(Function),
    /// The engine itself, which agrees with OPA here.
    Engine,
    /// The front-end replaces every call before evaluation.
    Rewritten,
    /// It reaches out of the evaluation: there is no answer unless somebody allows it.
    OffByDefault,
    /// Nobody, and why.
    Absent(&'static str),
}

/// For how long the same operands give the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Constancy {
    /// In every evaluation.
    Always,
    /// In every evaluation at the same time.
    AtOneTime,
    /// In one evaluation at most.
    Never,
}

/// Builtins that are no functions of their operands and the time, or are called for their effect.
const INCONSTANT: [&str; 7] =
    ["io.jwt.encode_sign", "io.jwt.encode_sign_raw", "opa.runtime", "print", "rand.intn", "trace", "uuid.rfc4122"];

impl Builtin {
    /// For how long the same operands give the same value.
    pub(crate) fn constancy(&self) -> Constancy {
        match self.availability {
            _ if INCONSTANT.contains(&self.name) || self.reaches_outside() => Constancy::Never,
            Availability::Pure(_) | Availability::Engine | Availability::Rewritten => Constancy::Always,
            Availability::Calling(_) => Constancy::AtOneTime,
            Availability::OffByDefault | Availability::Absent(_) => Constancy::Never,
        }
    }

    /// Whether the table has a function for it, to be registered in place of the engine's own.
    pub(crate) fn is_native(&self) -> bool {
        matches!(self.availability, Availability::Pure(_) | Availability::Calling(_) | Availability::OffByDefault | Availability::Absent(_))
    }

    /// Whether it asks a registry, or whoever else is not in the evaluation.
    pub(crate) fn reaches_outside(&self) -> bool {
        self.name.starts_with("ec.oci.") || self.name.starts_with("ec.sigstore.")
    }

    /// Whether a policy that was compiled elsewhere finds somebody here who answers it.
    pub(crate) fn is_callable(&self) -> bool {
        matches!(self.availability, Availability::Pure(_) | Availability::Calling(_) | Availability::OffByDefault)
    }

    /// How many operands it takes.
    pub(crate) fn arity(&self) -> u8 {
        u8::try_from(self.decl.arguments.len()).unwrap_or(u8::MAX)
    }

    /// Answers one call.
    ///
    /// # Errors
    /// [`Failure`] where OPA has none either: undefined in Rego, an error under strict builtin errors.
    pub(crate) fn call(&self, call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
        if operands.len() != self.decl.arguments.len() {
            return Err(self.failure(Fault::Type(format!("expects {} operands", self.decl.arguments.len()))));
        }
        if std::time::Instant::now() > call.deadline {
            return Err(self.failure(Fault::Failed("timed out".to_owned())));
        }
        match self.availability {
            Availability::Pure(function) => function(operands).map_err(|fault| self.failure(fault)),
            Availability::Calling(function) => function(call, operands),
            Availability::OffByDefault => Err(self.failure(Fault::Failed("is off by default".to_owned()))),
            Availability::Absent(why) => Err(self.failure(Fault::Failed(why.to_owned()))),
            Availability::Engine | Availability::Rewritten => Err(self.failure(Fault::Failed("is not called here".to_owned()))),
        }
    }

    fn failure(&self, fault: Fault) -> Failure {
        fault.named(self.name)
    }
}

/// What a family adds to the table.
type Family = &'static [(&'static str, Availability)];

/// Every family of this folder.
const FAMILIES: &[Family] = &[
    aggregates::FAMILY,
    arithmetic::FAMILY,
    array::FAMILY,
    bits::FAMILY,
    casts::FAMILY,
    comparison::FAMILY,
    crypto::FAMILY,
    encoding::FAMILY,
    glob::FAMILY,
    graph::FAMILY,
    graphql::FAMILY,
    host::FAMILY,
    json::FAMILY,
    json_patch::FAMILY,
    json_paths::FAMILY,
    json_schema::FAMILY,
    jwt::FAMILY,
    net::FAMILY,
    objects::FAMILY,
    oci::FAMILY,
    providers::FAMILY,
    purl::FAMILY,
    random::FAMILY,
    regex::FAMILY,
    semver::FAMILY,
    sets::FAMILY,
    sigstore::FAMILY,
    sprintf::FAMILY,
    strings::FAMILY,
    template::FAMILY,
    time::FAMILY,
    units::FAMILY,
    uri::FAMILY,
    uuid::FAMILY,
    yaml::FAMILY,
];

static TABLE: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    let functions: BTreeMap<&str, Availability> = FAMILIES.iter().flat_map(|family| family.iter().copied()).collect();
    let mut table: Vec<Builtin> = signature::declared()
        .map(|mut builtin| {
            if let Some(availability) = functions.get(builtin.name) {
                builtin.availability = *availability;
            }
            builtin
        })
        .collect();
    table.sort_by_key(|builtin| builtin.name);
    table
});

/// Every builtin, sorted by name.
pub(crate) fn table() -> &'static [Builtin] {
    &TABLE
}

/// The builtin of this name.
pub(crate) fn lookup(name: &str) -> Option<&'static Builtin> {
    let at = TABLE.binary_search_by_key(&name, |builtin| builtin.name).ok()?;
    TABLE.get(at)
}
