//! Values with something changed, as deep as it may be.

use super::{Builtin, Generator, Random, Value};

impl Generator {
    /// The value with something changed.
    pub(super) fn changed(&self, builtin: &Builtin, value: &Value, random: &mut Random) -> Value {
        match value {
            Value::String(_) if random.chance(20) => Value::from(self.text(builtin, random)),
            Value::String(text) => Value::from(random.changed_text(text)),
            Value::Number(_) => random.number(),
            Value::Bool(truth) => Value::from(!truth),
            Value::Array(array) => {
                let mut items = array.to_vec();
                self.change_items(builtin, &mut items, random);
                Value::from(items)
            }
            Value::Set(set) => {
                let mut items: Vec<Value> = set.iter().cloned().collect();
                self.change_items(builtin, &mut items, random);
                items.into_iter().collect::<regorus::value::Set>().into_value()
            }
            Value::Object(object) => {
                let mut members: Vec<(Value, Value)> = object.iter().map(|(key, member)| (key.clone(), member.clone())).collect();
                self.change_members(builtin, &mut members, random);
                members.into_iter().collect::<regorus::value::Object>().into_value()
            }
            Value::Null | Value::Undefined => self.any(builtin, 2, random),
        }
    }

    fn change_items(&self, builtin: &Builtin, items: &mut Vec<Value>, random: &mut Random) {
        let at = random.below(items.len() + 1);
        match items.get(at).cloned() {
            None => items.push(self.any(builtin, 2, random)),
            Some(_) if random.chance(15) => {
                items.remove(at);
            }
            Some(item) if random.chance(15) => items.push(item),
            Some(_) if random.chance(15) => items[at] = self.any(builtin, 2, random),
            Some(item) => items[at] = self.changed(builtin, &item, random),
        }
    }

    fn change_members(&self, builtin: &Builtin, members: &mut Vec<(Value, Value)>, random: &mut Random) {
        let at = random.below(members.len() + 1);
        match members.get(at).cloned() {
            None => members.push((Value::from(self.text(builtin, random)), self.any(builtin, 2, random))),
            Some(_) if random.chance(15) => {
                members.remove(at);
            }
            Some((key, _)) if random.chance(15) => members[at].0 = self.changed(builtin, &key, random),
            Some(_) if random.chance(10) => members[at].1 = self.any(builtin, 2, random),
            Some((_, member)) => members[at].1 = self.changed(builtin, &member, random),
        }
    }
}
