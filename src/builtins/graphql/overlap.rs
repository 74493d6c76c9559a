//! That fields of one name in one place can be merged (October 2021, section 5.3.2, `FieldsInSetCanMerge`).

use std::collections::{HashMap, HashSet};

use super::ast::{Argument, Field, Position, Selection, Selections, Spread, Type, Value, ValueKind};
use super::definition::Kind;
use super::problem::{Problem, within};
use super::walk::{Walk, address};

/// Two fields that cannot be merged, and why.
#[derive(Debug)]
struct Conflict {
    name: String,
    why: String,
    position: Option<Position>,
}

/// The fields of a selection set under the names that they answer to, in order, and the fragments that it spreads.
#[derive(Debug, Default)]
struct Gathered<'a> {
    names: Vec<&'a str>,
    fields: HashMap<&'a str, Vec<&'a Field>>,
    spreads: Vec<&'a Spread>,
}

/// What was compared already.
#[derive(Debug)]
struct Comparison<'w, 'a> {
    walk: &'w Walk<'a>,
    pairs: HashMap<(&'a str, &'a str), bool>,
    compared: HashSet<&'a str>,
    conflicts: Vec<Conflict>,
    levels: usize,
}

/// Holds a selection set, and what is in it, to the rule.
pub(super) fn rule<'a>(walk: &mut Walk<'a>, selections: &'a Selections) -> Result<(), Problem> {
    // Each set within is compared for itself: fields of one name meet only where their parents do.
    let mut open = vec![selections];
    while let Some(selections) = open.pop() {
        walk.budget.spend(selections.0.len())?;
        for selection in &selections.0 {
            match selection {
                Selection::Field(field) => open.push(&field.selection_set),
                Selection::Inline(inline) => open.push(&inline.selection_set),
                Selection::Spread(_) => {}
            }
        }
        let mut comparison = Comparison { walk, pairs: HashMap::new(), compared: HashSet::new(), conflicts: Vec::new(), levels: 0 };
        comparison.within_set(selections)?;
        let conflicts = comparison.conflicts;
        for Conflict { name, why, position } in conflicts {
            let end = "Use different aliases on the fields to fetch both if this was intentional.";
            walk.note(position, format!("Fields \"{name}\" conflict because {why}. {end}"))?;
        }
    }
    Ok(())
}

fn gather<'a>(walk: &Walk<'a>, selections: &'a Selections) -> Result<Gathered<'a>, Problem> {
    let mut gathered = Gathered::default();
    let mut open: Vec<&Selection> = selections.0.iter().rev().collect();
    while let Some(selection) = open.pop() {
        walk.budget.spend(20)?;
        match selection {
            Selection::Field(field) => {
                let name = answers_to(field);
                let fields = gathered.fields.entry(name).or_default();
                if fields.is_empty() {
                    gathered.names.push(name);
                }
                fields.push(field);
            }
            Selection::Inline(inline) => open.extend(inline.selection_set.0.iter().rev()),
            Selection::Spread(spread) => gathered.spreads.push(spread),
        }
    }
    Ok(gathered)
}

fn answers_to(field: &Field) -> &str {
    if field.alias.is_empty() { &field.name } else { &field.alias }
}

impl<'a> Comparison<'_, 'a> {
    fn within_set(&mut self, selections: &'a Selections) -> Result<(), Problem> {
        let gathered = gather(self.walk, selections)?;
        for name in &gathered.names {
            let fields = gathered.fields.get(name).map_or(&[][..], Vec::as_slice);
            for (at, field) in fields.iter().enumerate() {
                for other in fields.iter().skip(at + 1) {
                    self.pair(false, (field, other))?;
                }
            }
        }
        for (at, spread) in gathered.spreads.iter().enumerate() {
            self.with_fragment(false, &gathered, spread)?;
            for other in gathered.spreads.iter().skip(at + 1) {
                self.fragments(false, (spread, other))?;
            }
        }
        Ok(())
    }

    fn between(&mut self, exclusive: bool, (left, right): (&Gathered<'a>, &Gathered<'a>)) -> Result<(), Problem> {
        for name in &left.names {
            let (Some(own), Some(others)) = (left.fields.get(name), right.fields.get(name)) else { continue };
            for field in own {
                for other in others {
                    self.pair(exclusive, (field, other))?;
                }
            }
        }
        Ok(())
    }

    fn with_fragment(&mut self, exclusive: bool, gathered: &Gathered<'a>, spread: &'a Spread) -> Result<(), Problem> {
        within(self.levels)?;
        if !self.compared.insert(&spread.name) {
            return Ok(());
        }
        let Some(fragment) = self.walk.fragment(&spread.name) else { return Ok(()) };
        let other = gather(self.walk, &fragment.selection_set)?;
        self.between(exclusive, (gathered, &other))?;
        self.levels += 1;
        for next in other.spreads.iter().filter(|next| next.name != spread.name) {
            self.with_fragment(exclusive, gathered, next)?;
        }
        self.levels -= 1;
        Ok(())
    }

    fn fragments(&mut self, exclusive: bool, (left, right): (&'a Spread, &'a Spread)) -> Result<(), Problem> {
        within(self.levels)?;
        self.walk.budget.spend(20)?;
        let (one, other) = (left.name.as_str(), right.name.as_str());
        let is_known = self.pairs.get(&(one, other)).is_some_and(|known| exclusive || !known);
        if one == other || is_known {
            return Ok(());
        }
        self.pairs.insert((one, other), exclusive);
        self.pairs.insert((other, one), exclusive);
        let (Some(first), Some(second)) = (self.walk.fragment(one), self.walk.fragment(other)) else { return Ok(()) };
        let (first, second) = (gather(self.walk, &first.selection_set)?, gather(self.walk, &second.selection_set)?);
        self.between(exclusive, (&first, &second))?;
        self.levels += 1;
        second.spreads.iter().try_for_each(|next| self.fragments(exclusive, (left, next)))?;
        first.spreads.iter().try_for_each(|next| self.fragments(exclusive, (next, right)))?;
        self.levels -= 1;
        Ok(())
    }

    fn pair(&mut self, exclusive: bool, (left, right): (&'a Field, &'a Field)) -> Result<(), Problem> {
        within(self.levels)?;
        self.walk.budget.spend(20)?;
        let meaning = |field: &Field| self.walk.meanings.get(&address(field)).copied().unwrap_or_default();
        let ((Some(left_parent), left_definition), (Some(right_parent), right_definition)) = (meaning(left), meaning(right)) else {
            return Ok(());
        };
        let are_objects = left_parent.kind == Kind::Object && right_parent.kind == Kind::Object;
        let are_defined = left_definition.is_some() && right_definition.is_some();
        let exclusive = exclusive || (left_parent.name != right_parent.name && are_objects && are_defined);
        if !exclusive && left.name != right.name {
            self.conflict((left, right), format!("\"{}\" and \"{}\" are different fields", left.name, right.name));
            return Ok(());
        }
        self.walk.budget.spend((left.arguments.len() + 1) * (right.arguments.len() + 1))?;
        if !exclusive && !same_arguments(&left.arguments, &right.arguments) {
            self.conflict((left, right), "they have differing arguments".to_owned());
            return Ok(());
        }
        if let (Some(one), Some(other)) = (left_definition, right_definition)
            && self.types_conflict((&one.r#type, &other.r#type))
        {
            self.conflict((left, right), format!("they return conflicting types \"{}\" and \"{}\"", one.r#type, other.r#type));
            return Ok(());
        }
        self.below(exclusive, (left, right))
    }

    fn conflict(&mut self, (left, right): (&Field, &Field), why: String) {
        self.conflicts.push(Conflict { name: answers_to(left).to_owned(), why, position: right.position });
    }

    /// What is selected below two fields.
    fn below(&mut self, exclusive: bool, (left, right): (&'a Field, &'a Field)) -> Result<(), Problem> {
        let (first, second) = (gather(self.walk, &left.selection_set)?, gather(self.walk, &right.selection_set)?);
        let outer = std::mem::take(&mut self.conflicts);
        self.levels += 1;
        self.between(exclusive, (&first, &second))?;
        for (gathered, spreads) in [(&first, &second.spreads), (&second, &first.spreads)] {
            for spread in spreads {
                self.compared.clear();
                self.with_fragment(exclusive, gathered, spread)?;
            }
        }
        for one in &first.spreads {
            for other in &second.spreads {
                self.fragments(exclusive, (one, other))?;
            }
        }
        self.levels -= 1;
        let inner = std::mem::replace(&mut self.conflicts, outer);
        if !inner.is_empty() {
            let told: Vec<String> =
                inner.iter().map(|conflict| format!("subfields \"{}\" conflict because {}", conflict.name, conflict.why)).collect();
            self.conflict((left, right), told.join(" and "));
        }
        Ok(())
    }

    fn types_conflict(&self, (left, right): (&Type, &Type)) -> bool {
        match (&left.elem, &right.elem) {
            (Some(left), Some(right)) => self.types_conflict((left, right)),
            (Some(_), None) | (None, Some(_)) => true,
            (None, None) if left.non_null != right.non_null => true,
            (None, None) => {
                let is_leaf = |of: &Type| self.walk.schema.get(&of.named_type).is_some_and(|definition| definition.kind.is_leaf());
                is_leaf(left) && is_leaf(right) && left.named_type != right.named_type
            }
        }
    }
}

fn same_arguments(left: &[Argument], right: &[Argument]) -> bool {
    let is_there = |one: &Argument| right.iter().any(|other| one.name == other.name && same_value(&one.value, &other.value));
    left.len() == right.len() && left.iter().all(is_there)
}

fn same_value(left: &Value, right: &Value) -> bool {
    if left.kind != right.kind || left.raw != right.raw || left.children.len() != right.children.len() {
        return false;
    }
    let (mut own, mut others): (Vec<_>, Vec<_>) = (left.children.iter().collect(), right.children.iter().collect());
    if left.kind == ValueKind::Object {
        own.sort_by(|one, other| one.name.cmp(&other.name));
        others.sort_by(|one, other| one.name.cmp(&other.name));
    }
    own.iter().zip(others).all(|(one, other)| one.name == other.name && same_value(&one.value, &other.value))
}
