//! The check itself: of bodies in the order in which their variables get values.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::closure;
use super::environment::{Env, Layer};
use super::key::Key;
use super::kind::{Array, Maybe, Object, Type, declared, is_unknown, listed};
use super::tree::Node;
use super::unify::{term_with, terms};
use super::union::{keys, or, unifies, values};
use crate::rego::ast::{Body, Expr, ExprKind, Span, Term, TermKind};
use crate::rego::check::World;

/// How many statements the check of one rule may look at: closures in closures are looked at again and again, as in OPA. A
/// rule beyond that is taken to be right.
const STATEMENTS: u32 = 50_000;

/// A mistake of types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) span: Span,
    pub(super) message: String,
    /// It may only follow from another one: something in it has no type.
    follows: bool,
}

impl Mistake {
    pub(super) fn new(span: Span, message: String) -> Self {
        Self { span, message, follows: false }
    }
}

type Reached<'w> = Box<dyn Fn(&Term) -> Option<Node> + 'w>;

/// The check of all rules.
pub(super) struct Types<'w> {
    pub(super) world: &'w World<'w>,
    /// The rules that each `with` target reaches, as a tree in which they may be anything.
    reached: Reached<'w>,
    left: Cell<u32>,
    /// The targets asked for so far.
    trees: RefCell<BTreeMap<String, Option<Node>>>,
}

impl<'w> Types<'w> {
    pub(super) fn new(world: &'w World<'w>, reached: impl Fn(&Term) -> Option<Node> + 'w) -> Self {
        Self { world, reached: Box::new(reached), left: Cell::new(STATEMENTS), trees: RefCell::default() }
    }

    /// Begins another rule.
    pub(super) fn begin(&self) {
        self.left.set(STATEMENTS);
    }

    /// Whether the rule was too much to look at.
    pub(super) fn is_exhausted(&self) -> bool {
        self.left.get() == 0
    }

    /// The types of the variables of an arranged body, and what is wrong in it.
    pub(super) fn body(&self, env: &Env, body: &Body) -> (Env, Vec<Mistake>) {
        let env = Layer::over(env);
        let mut found = Vec::new();
        for expr in body {
            if self.is_exhausted() {
                return (env, Vec::new());
            }
            self.left.set(self.left.get() - 1);
            let inner = self.modified(&env, expr);
            let mut first = closure::mistakes(self, &inner, expr);
            first.extend(closure::references(self, &inner, expr));
            let explained = !first.is_empty();
            found.extend(first);
            if let Some(mistake) = self.statement(&inner, expr)
                && !(explained && mistake.follows)
            {
                found.push(mistake);
            }
        }
        (env, found)
    }

    /// The environment of an expression with modifiers: what they replace may be of either type, what depends on it anything.
    fn modified(&self, env: &Env, expr: &Expr) -> Env {
        let mut env = env.clone();
        let mut replaced = Node::default();
        for with in &expr.with {
            let Some((head, path)) = document(&with.target) else { continue };
            let of = env.reference(head, path);
            if let Some(tree) = self.tree(&with.target) {
                env = Layer::modified(&env, tree);
            }
            if !matches!(of, Some(Type::Function(_))) {
                let ground: Vec<Key> = path.iter().map_while(Key::of).collect();
                let value = self.of(&env, &with.value);
                let of = if ground.len() == path.len() && of.is_some() && value.is_some() { or(of, value) } else { None };
                let whole: Vec<Key> = std::iter::once(Key::String(head.to_owned())).chain(ground).collect();
                replaced.put(&whole, of.unwrap_or_else(Type::any));
            }
        }
        if replaced.children.is_empty() { env } else { Layer::modified(&env, replaced) }
    }

    fn tree(&self, target: &Term) -> Option<Node> {
        let name = target.as_path().map(|path| path.join("\u{0}"))?;
        self.trees.borrow_mut().entry(name).or_insert_with(|| (self.reached)(target)).clone()
    }

    fn statement(&self, env: &Env, expr: &Expr) -> Option<Mistake> {
        match &expr.kind {
            ExprKind::Not(inner) => self.statement(env, inner),
            ExprKind::Unify(left, right) => {
                if terms(self, env, left, right) {
                    return None;
                }
                Some(differ(expr.span, &self.of(env, left), &self.of(env, right)))
            }
            ExprKind::Term(Term { span, kind: TermKind::Call(function, operands) }) => {
                let name = function.as_path()?.join(".");
                self.member(env, (*span, &name), operands).or_else(|| self.call(env, (*span, &name, function), operands))
            }
            _ => None,
        }
    }

    /// `value in collection`: whether it can be there.
    fn member(&self, env: &Env, (span, name): (Span, &str), operands: &[Term]) -> Option<Mistake> {
        let (key, value, collection) = match (name, operands) {
            ("internal.member_2", [value, collection, ..]) => (None, value, collection),
            ("internal.member_3", [key, value, collection, ..]) => (Some(key), value, collection),
            _ => return None,
        };
        let collection = self.of(env, collection)?;
        let among = values(&collection)?;
        let wrong = |term: &Term, of: Maybe| {
            if is_unknown(&of) {
                return None;
            }
            let have = self.of(env, term);
            let refused = (!is_unknown(&have) && !unifies(&have, &of)) || !term_with(self, env, term, (&of, false));
            refused.then(|| differ(span, &have, &of))
        };
        key.and_then(|key| wrong(key, keys(&collection))).or_else(|| wrong(value, Some(among)))
    }

    fn call(&self, env: &Env, (span, name, function): (Span, &str, &Term), operands: &[Term]) -> Option<Mistake> {
        let callee = match self.callee(env, function)? {
            Type::Function(callee) => callee,
            // A rule with a mistake, or one whose value may be anything, may be called as far as OPA knows.
            Type::Any(of) if of.is_empty() => return None,
            _ => return Some(Mistake::new(span, format!("undefined function {name}"))),
        };
        let want: Vec<&Maybe> = callee.operands.iter().chain(callee.result.is_some().then_some(&callee.result)).collect();
        let wanted = |at: usize| want.get(at).copied().unwrap_or(&callee.variadic);
        if (operands.len() > want.len() && callee.variadic.is_none()) || operands.len() < callee.operands.len() {
            // The number of operands is checked elsewhere.
            return None;
        }
        let have: Vec<Maybe> = operands.iter().map(|operand| self.of(env, operand)).collect();
        let refused = |(at, operand): (usize, &Term)| {
            let known = have.get(at).filter(|have| !is_unknown(have));
            known.is_some_and(|have| !unifies(have, wanted(at))) || !term_with(self, env, operand, (wanted(at), false))
        };
        if !operands.iter().enumerate().any(refused) {
            return None;
        }
        // The value of the call is no operand for the user.
        let count = callee.operands.len().max(1).min(operands.len());
        let have: Vec<Maybe> = operands.iter().take(count).map(|operand| self.of(env, operand)).collect();
        let follows = have.iter().any(is_unknown);
        let message = match self.world.builtins.signature(name) {
            Some(signature) => {
                let want: Vec<String> = signature.operands.iter().map(super::named).collect();
                format!("{name}: invalid argument(s) have: ({}) want: ({})", listed(&have), want.join(", "))
            }
            None => format!("{name}: invalid argument(s) have: ({}) want: ({})", listed(&have), listed(&callee.operands)),
        };
        Some(Mistake { span, message, follows })
    }

    fn callee(&self, env: &Env, function: &Term) -> Maybe {
        if let Some((head, path)) = document(function) {
            return env.reference(head, path);
        }
        let signature = self.world.builtins.signature(&function.as_path()?.join("."))?;
        Some(Type::Function(std::rc::Rc::new(declared(signature))))
    }

    /// The type of a term.
    pub(super) fn of(&self, env: &Env, term: &Term) -> Maybe {
        Some(match &term.kind {
            TermKind::Null => Type::Null,
            TermKind::Boolean(_) => Type::Boolean,
            TermKind::Number(_) => Type::Number,
            TermKind::String(_) | TermKind::Template(_) => Type::String,
            TermKind::Var(name) if super::environment::is_root(name) => return env.reference(name, &[]),
            TermKind::Var(name) => return env.var(name),
            TermKind::Ref(reference) => return env.reference(reference.head.as_var()?, &reference.path),
            TermKind::Array(items) => Array { fixed: items.iter().map(|item| self.of(env, item)).collect(), rest: None }.into(),
            TermKind::Set(items) => Type::set(items.iter().fold(None, |found, item| or(found, self.of(env, item)))),
            TermKind::Object(members) => {
                let mut object = Object::default();
                for (key, value) in members {
                    match Key::of(key) {
                        Some(key) => {
                            object.fixed.insert(key, self.of(env, value));
                        }
                        None => object.rest = Some((self.of(env, key), self.of(env, value))),
                    }
                }
                object.into()
            }
            TermKind::ArrayComprehension(head, body) => {
                let inner = self.closed(env, body)?;
                Array { fixed: Vec::new(), rest: self.of(&inner, head) }.into()
            }
            TermKind::SetComprehension(head, body) => Type::set(self.of(&self.closed(env, body)?, head)),
            TermKind::ObjectComprehension(key, value, body) => {
                let inner = self.closed(env, body)?;
                Type::map(self.of(&inner, key), self.of(&inner, value))
            }
            TermKind::Wildcard | TermKind::Call(..) | TermKind::Binary(..) | TermKind::Member(..) => return None,
        })
    }

    fn closed(&self, env: &Env, body: &Body) -> Option<Env> {
        let (inner, mistakes) = self.body(env, body);
        mistakes.is_empty().then_some(inner)
    }
}

fn differ(span: Span, left: &Maybe, right: &Maybe) -> Mistake {
    let message = format!("match error: left is {}, right is {}", super::kind::Shown(left), super::kind::Shown(right));
    Mistake { span, message, follows: is_unknown(left) || is_unknown(right) }
}

/// A reference below `data` or `input`: its head, and what follows.
pub(super) fn document(term: &Term) -> Option<(&str, &[Term])> {
    match &term.kind {
        TermKind::Var(name) if super::environment::is_root(name) => Some((name, &[])),
        TermKind::Ref(reference) => {
            let head = reference.head.as_var().filter(|head| super::environment::is_root(head))?;
            Some((head, &reference.path))
        }
        _ => None,
    }
}
