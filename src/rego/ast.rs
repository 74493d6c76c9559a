//! The syntax tree of Rego modules: owned, plain data, with a [`Span`] on every node.
//!
//! What the language has two spellings for is one node here (`a.b` and `a["b"]`, raw and quoted strings, chained rule
//! bodies, `p[x] { .. }` of v0 and `p contains x if { .. }`), so that checks and rewrites see one form.

mod annotation;
mod expr;
mod fresh;
mod module;
mod operator;
mod rule;
mod scope;
mod span;
mod term;
mod visit;
mod visit_mut;

pub(crate) use annotation::{Annotation, Json, Place};
pub(crate) use expr::{Body, Expr, ExprKind, Variable, With};
pub(crate) use fresh::Fresh;
pub(crate) use module::{Import, Keywords, Module, Package, Version};
pub(crate) use operator::Operated;
pub(crate) use rule::{Else, Head, Rule, RuleKind};
pub(crate) use scope::{Scope, Scopes};
pub(crate) use span::Span;
pub(crate) use term::{Operator, Ref, TemplatePart, Term, TermKind};
pub(crate) use visit::{Visit, walk_body, walk_expr, walk_kind, walk_rule, walk_term};
pub(crate) use visit_mut::{VisitMut, walk_body_mut, walk_expr_mut, walk_module_mut, walk_term_mut};
