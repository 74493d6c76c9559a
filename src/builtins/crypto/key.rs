//! Public and private keys.

use num_bigint::BigUint;

use super::der::{Element, Reader, tag};

/// Curves by their JOSE names.
const CURVES: [(&str, &[u64], usize); 4] = [
    ("P-256", &[1, 2, 840, 10045, 3, 1, 7], 32),
    ("P-384", &[1, 3, 132, 0, 34], 48),
    ("P-521", &[1, 3, 132, 0, 35], 66),
    ("P-224", &[1, 3, 132, 0, 33], 28),
];

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::builtins) enum Public {
    Rsa {
        modulus: BigUint,
        exponent: BigUint,
    },
    /// A point of a curve.
    Ec {
        curve: &'static str,
        x: BigUint,
        y: BigUint,
    },
    Ed25519(Vec<u8>),
}

/// The curve of this name and how many bytes its numbers have.
pub(in crate::builtins) fn curve(name: &str) -> Option<(&'static str, usize)> {
    CURVES.iter().find(|(known, ..)| *known == name).map(|(name, _, size)| (*name, *size))
}

fn curve_of(identifier: &[u64]) -> Option<(&'static str, usize)> {
    CURVES.iter().find(|(_, known, _)| *known == identifier).map(|(name, _, size)| (*name, *size))
}

/// Big-endian, with leading zeros up to this size.
pub(in crate::builtins) fn fixed(number: &BigUint, size: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    std::iter::repeat_n(0, size.saturating_sub(bytes.len())).chain(bytes).collect()
}

impl Public {
    /// From a subject public key info.
    pub(in crate::builtins) fn parse(info: &Element<'_>) -> Option<Self> {
        let mut info = info.inside();
        let mut algorithm = info.expect(tag::SEQUENCE)?.inside();
        let identifier = algorithm.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
        let bits = info.expect(tag::BIT_STRING)?.bits()?;
        match identifier.as_slice() {
            [1, 2, 840, 113_549, 1, 1, 1] => Self::from_pkcs1(&bits),
            [1, 2, 840, 10045, 2, 1] => {
                let (curve, size) = curve_of(&algorithm.expect(tag::OBJECT_IDENTIFIER)?.identifier()?)?;
                Self::from_point(curve, size, &bits)
            }
            [1, 3, 101, 112] => Some(Public::Ed25519(bits)),
            _ => None,
        }
    }

    /// From the form of PKCS #1, which only RSA has.
    pub(in crate::builtins) fn from_pkcs1(bytes: &[u8]) -> Option<Self> {
        let mut key = Reader::new(bytes).expect(tag::SEQUENCE)?.inside();
        let modulus = key.expect(tag::INTEGER)?.integer().to_biguint()?;
        Some(Public::Rsa { modulus, exponent: key.expect(tag::INTEGER)?.integer().to_biguint()? })
    }

    fn from_point(curve: &'static str, size: usize, point: &[u8]) -> Option<Self> {
        let point = point.strip_prefix(&[4])?;
        let (x, y) = (point.get(..size)?, point.get(size..)?);
        (y.len() == size).then(|| Public::Ec { curve, x: BigUint::from_bytes_be(x), y: BigUint::from_bytes_be(y) })
    }

    /// The uncompressed point of a key on a curve.
    pub(in crate::builtins) fn point(&self) -> Option<Vec<u8>> {
        let Public::Ec { curve: name, x, y } = self else { return None };
        let (_, size) = curve(name)?;
        Some([vec![4], fixed(x, size), fixed(y, size)].concat())
    }

    /// Go's number of the algorithm.
    pub(super) fn algorithm(&self) -> i64 {
        match self {
            Public::Rsa { .. } => 1,
            Public::Ec { .. } => 3,
            Public::Ed25519(_) => 4,
        }
    }
}

/// A private key.
#[derive(Debug, Clone)]
pub(in crate::builtins) enum Private {
    /// Modulus, public and private exponents, primes, and what is computed from them.
    Rsa([BigUint; 8]),
    Ec {
        public: Public,
        secret: BigUint,
    },
    Ed25519 {
        seed: Vec<u8>,
        public: Vec<u8>,
    },
}

impl Private {
    pub(in crate::builtins) fn from_pkcs1(bytes: &[u8]) -> Option<Self> {
        let elements = Reader::new(bytes).expect(tag::SEQUENCE)?.inside().all()?;
        let numbers: Vec<BigUint> = elements.iter().skip(1).map(|element| element.integer().to_biguint()).collect::<Option<_>>()?;
        Some(Private::Rsa(numbers.try_into().ok()?))
    }

    pub(in crate::builtins) fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        let mut info = Reader::new(bytes).expect(tag::SEQUENCE)?.inside();
        info.expect(tag::INTEGER)?;
        let mut algorithm = info.expect(tag::SEQUENCE)?.inside();
        let identifier = algorithm.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
        let key = info.expect(tag::OCTET_STRING)?.body;
        match identifier.as_slice() {
            [1, 2, 840, 113_549, 1, 1, 1] => Self::from_pkcs1(key),
            [1, 2, 840, 10045, 2, 1] => Self::from_sec1(key, algorithm.expect(tag::OBJECT_IDENTIFIER)?.identifier()),
            [1, 3, 101, 112] => Self::from_seed(Reader::new(key).expect(tag::OCTET_STRING)?.body),
            _ => None,
        }
    }

    pub(in crate::builtins) fn from_seed(seed: &[u8]) -> Option<Self> {
        use aws_lc_rs::signature::KeyPair as _;
        let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        Some(Private::Ed25519 { seed: seed.to_vec(), public: pair.public_key().as_ref().to_vec() })
    }

    pub(in crate::builtins) fn from_sec1(bytes: &[u8], named: Option<Vec<u64>>) -> Option<Self> {
        let mut key = Reader::new(bytes).expect(tag::SEQUENCE)?.inside();
        key.expect(tag::INTEGER)?;
        let secret = BigUint::from_bytes_be(key.expect(tag::OCTET_STRING)?.body);
        let own = key.optional(0xa0).and_then(|element| element.inside().expect(tag::OBJECT_IDENTIFIER)?.identifier());
        let (curve, size) = curve_of(&named.or(own)?)?;
        let point = key.optional(0xa1)?.inside().expect(tag::BIT_STRING)?.bits()?;
        Some(Private::Ec { public: Public::from_point(curve, size, &point)?, secret })
    }

    pub(in crate::builtins) fn public(&self) -> Public {
        match self {
            Private::Rsa([modulus, exponent, ..]) => Public::Rsa { modulus: modulus.clone(), exponent: exponent.clone() },
            Private::Ec { public, .. } => public.clone(),
            Private::Ed25519 { public, .. } => Public::Ed25519(public.clone()),
        }
    }
}
