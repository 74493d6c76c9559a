//! Fills in the addresses that real roots leave out and the parser insists on. They decide nothing.

use serde_json::Value;

use super::{TrustError, malformed};

const ADDRESSES: [(&str, &str); 3] = [("tlogs", "baseUrl"), ("ctlogs", "baseUrl"), ("certificateAuthorities", "uri")];

/// The same root with an empty address wherever there is none.
pub(super) fn fill(json: &str) -> Result<String, TrustError> {
    let mut root: Value = serde_json::from_str(json).map_err(malformed)?;
    for (list, member) in ADDRESSES {
        let instances = root.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for instance in instances.filter_map(Value::as_object_mut) {
            let address = instance.entry(member).or_insert(Value::Null);
            if address.is_null() {
                *address = Value::String(String::new());
            }
        }
    }
    Ok(root.to_string())
}
