//! Requests for certificates (PKCS #10).

use super::der::{Element, Reader, tag};
use super::extension::{self, Extension};
use super::key::Public;
use super::{Answer, Fault, Value, certificate, encoding, name, operand, pem, shape};

pub(super) fn parse(operands: &[Value]) -> Answer {
    let text = operand::string(operands, 1)?;
    let decoded;
    let text_or_bytes = if text.starts_with("-----BEGIN CERTIFICATE REQUEST-----") {
        text.as_bytes()
    } else {
        decoded = encoding::from_standard(text)?;
        &decoded
    };
    let block = std::str::from_utf8(text_or_bytes).ok().and_then(pem::next).and_then(|(block, _)| block);
    let der = match block {
        Some(block) if block.label != "CERTIFICATE REQUEST" => {
            return Err(Fault::failed("invalid PEM-encoded certificate signing request"));
        }
        Some(block) => block.bytes,
        None => text_or_bytes.to_vec(),
    };
    shaped(&der).ok_or_else(|| Fault::failed("asn1: structure error: malformed certificate request"))
}

fn shaped(der: &[u8]) -> Option<Value> {
    let whole = Reader::new(der).expect(tag::SEQUENCE)?;
    let mut parts = whole.inside();
    let body = parts.expect(tag::SEQUENCE)?;
    let algorithm = certificate::signature_algorithm(&parts.expect(tag::SEQUENCE)?)?;
    let signature = parts.expect(tag::BIT_STRING)?.bits()?;
    let mut fields = body.inside();
    let version = fields.expect(tag::INTEGER)?.small()?;
    let subject = fields.expect(tag::SEQUENCE)?;
    let info = fields.expect(tag::SEQUENCE)?;
    let attributes = fields.optional(0xa0).map_or(Some(Vec::new()), |attributes| attributes.inside().all())?;
    let extensions = requested(&attributes).unwrap_or_default();
    let key = Public::parse(&info);
    let mut members = vec![
        ("Attributes", shape::list_or_null(attributes.iter().filter_map(attribute))),
        ("Extensions", shape::extensions(&extensions)),
        ("ExtraExtensions", Value::Null),
        ("PublicKey", shape::public_key(key.as_ref())),
        ("PublicKeyAlgorithm", Value::from(key.as_ref().map_or(0, Public::algorithm))),
        ("Raw", shape::bytes(whole.raw)),
        ("RawSubject", shape::bytes(subject.raw)),
        ("RawSubjectPublicKeyInfo", shape::bytes(info.raw)),
        ("RawTBSCertificateRequest", shape::bytes(body.raw)),
        ("Signature", shape::bytes(&signature)),
        ("SignatureAlgorithm", Value::from(algorithm)),
        ("Subject", name::shape(&name::parse(&subject)?)),
        ("Version", Value::from(version)),
    ];
    members.extend(shape::alternative_names(extension::alternative_names(&extensions)));
    Some(members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<regorus::value::Object>().into_value())
}

/// The extensions that the certificate shall have.
fn requested(attributes: &[Element<'_>]) -> Option<Vec<Extension>> {
    attributes.iter().find_map(|attribute| {
        let mut parts = attribute.inside();
        let identifier = parts.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
        (identifier == [1, 2, 840, 113_549, 1, 9, 14]).then_some(())?;
        Extension::parse_all(&parts.expect(tag::SET)?.inside().expect(tag::SEQUENCE)?)
    })
}

/// An attribute whose values are lists of pairs.
fn attribute(attribute: &Element<'_>) -> Option<Value> {
    let mut parts = attribute.inside();
    let identifier = parts.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
    let pair = |pair: &Element<'_>| {
        let mut parts = pair.inside();
        let kind = parts.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
        let value = parts.expect(tag::OCTET_STRING)?;
        Some(shape::object([("Type", shape::identifier(&kind)), ("Value", shape::bytes(value.body))]))
    };
    let lists = parts.expect(tag::SET)?.inside().all()?;
    let lists: Option<Vec<Value>> =
        lists.iter().map(|list| Some(Value::from(list.inside().all()?.iter().map(pair).collect::<Option<Vec<_>>>()?))).collect();
    Some(shape::object([("Type", shape::identifier(&identifier)), ("Value", Value::from(lists?))]))
}
