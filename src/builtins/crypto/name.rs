//! Names of subjects and issuers.

use super::der::{Element, Reader, tag};
use super::shape;
use crate::builtins::call::Value;

/// One attribute of a name.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    kind: Vec<u64>,
    value: String,
}

pub(super) fn parse(name: &Element<'_>) -> Option<Vec<Attribute>> {
    let mut attributes = Vec::new();
    for set in name.inside().all()? {
        for pair in set.inside().all()? {
            let mut pair: Reader<'_> = pair.inside();
            let kind = pair.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
            attributes.push(Attribute { kind, value: text(&pair.next()?) });
        }
    }
    Some(attributes)
}

fn text(element: &Element<'_>) -> String {
    match element.tag {
        // BMPString
        0x1e => {
            let units = element.body.chunks(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)));
            String::from_utf16_lossy(&units.collect::<Vec<_>>())
        }
        // T61String, read as Latin-1
        0x14 => element.body.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(element.body).into_owned(),
    }
}

pub(super) fn shape(attributes: &[Attribute]) -> Value {
    let list = |last: u64| {
        let values =
            attributes.iter().filter(|attribute| attribute.kind == [2, 5, 4, last]).map(|attribute| Value::from(attribute.value.as_str()));
        shape::list_or_null(values)
    };
    let single = |last: u64| {
        let value = attributes.iter().rfind(|attribute| attribute.kind == [2, 5, 4, last]);
        Value::from(value.map_or("", |attribute| attribute.value.as_str()))
    };
    let names = attributes
        .iter()
        .map(|attribute| shape::object([("Type", shape::identifier(&attribute.kind)), ("Value", Value::from(attribute.value.as_str()))]));
    shape::object([
        ("CommonName", single(3)),
        ("Country", list(6)),
        ("ExtraNames", Value::Null),
        ("Locality", list(7)),
        ("Names", shape::list_or_null(names)),
        ("Organization", list(10)),
        ("OrganizationalUnit", list(11)),
        ("PostalCode", list(17)),
        ("Province", list(8)),
        ("SerialNumber", single(5)),
        ("StreetAddress", list(9)),
    ])
}
