//! IP addresses and networks in CIDR notation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, order};
use regorus::value::Set;

pub(super) const FAMILY: Family = &[
    ("net.cidr_contains", Availability::Pure(contains)),
    ("net.cidr_contains_matches", Availability::Pure(contains_matches)),
    ("net.cidr_expand", Availability::Pure(expand)),
    ("net.cidr_intersects", Availability::Pure(intersects)),
    ("net.cidr_is_valid", Availability::Pure(is_valid)),
    ("net.cidr_merge", Availability::Pure(merge)),
    ("net.cidr_overlap", Availability::Pure(contains)),
    ("net.lookup_ip_addr", Availability::OffByDefault),
];

/// Most addresses that a network is expanded to.
const MOST_ADDRESSES: u32 = 20;
/// Most pairs that are compared.
const MOST_PAIRS: usize = 4_000_000;
/// Where IPv4 lies within IPv6.
const V4: u128 = 0xffff_0000_0000;
const V4_BITS: u8 = 96;

/// A network; IPv4 as the part of IPv6 that maps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: u128,
    prefix: u8,
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => V4 | u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn is_v4(address: u128) -> bool {
    address & !u128::from(u32::MAX) == V4
}

fn text(address: u128) -> String {
    if is_v4(address) {
        Ipv4Addr::from(u32::try_from(address & u128::from(u32::MAX)).unwrap_or(0)).to_string()
    } else {
        Ipv6Addr::from(address).to_string()
    }
}

fn mask(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

impl Network {
    fn parse(text: &str) -> Result<Self, Fault> {
        let invalid = || Fault::failed(format!("invalid CIDR address: {text}"));
        let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let digits = prefix.len() < 4 && !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let (most, base) = if address.is_ipv4() { (32, V4_BITS) } else { (128, 0) };
        let prefix: u8 = prefix.parse().ok().filter(|prefix| digits && *prefix <= most).ok_or_else(invalid)?;
        let prefix = base + prefix;
        Ok(Network { address: number(address) & mask(prefix), prefix })
    }

    fn first(self) -> u128 {
        self.address & mask(self.prefix)
    }

    fn last(self) -> u128 {
        self.address | !mask(self.prefix)
    }

    fn is_v4(self) -> bool {
        self.prefix >= V4_BITS && is_v4(self.address)
    }

    /// Whether the address lies inside and is of the same family.
    fn has(self, address: u128) -> bool {
        self.is_v4() == is_v4(address) && self.first() <= address && address <= self.last()
    }

    fn text(self) -> String {
        let base = if self.is_v4() { V4_BITS } else { 0 };
        format!("{}/{}", text(self.address), self.prefix - base)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is_valid(operands: &[Value]) -> Answer {
    let Ok(text) = operand::string(operands, 1) else { return Ok(Value::from(false)) };
    Ok(Value::from(Network::parse(text).is_ok()))
}

/// OPA calls every operand here the first.
fn network(value: &Value) -> Result<Network, Fault> {
    Network::parse(operand::string(std::slice::from_ref(value), 1)?)
}

fn intersects(operands: &[Value]) -> Answer {
    let (left, right) = (network(operand::any(operands, 1))?, network(operand::any(operands, 2))?);
    Ok(Value::from(left.has(right.first()) || right.has(left.first())))
}

fn contains(operands: &[Value]) -> Answer {
    holds(operand::any(operands, 1), operand::any(operands, 2)).map(Value::from)
}

fn holds(outer: &Value, inner: &Value) -> Result<bool, Fault> {
    let outer = network(outer)?;
    let inner = operand::string(std::slice::from_ref(inner), 1)?;
    if let Ok(address) = inner.parse::<IpAddr>() {
        return Ok(outer.has(number(address)));
    }
    let network = Network::parse(inner)
        .map_err(|_| Fault::failed(format!("not a valid textual representation of an IP address or CIDR: {inner}")))?;
    Ok(outer.is_v4() == network.is_v4() && outer.first() <= network.first() && network.last() <= outer.last())
}

/// The networks of an operand, each with what names it in the answer.
fn named(operands: &[Value], position: usize) -> Result<Vec<(Value, Value)>, Fault> {
    let operand = operand::any(operands, position);
    let one = |value: &Value| match value {
        Value::String(_) => Some(value.clone()),
        Value::Array(array) => array.first().cloned(),
        _ => None,
    };
    let bad = || Fault::failed(format!("operand {position}: element must be string or non-empty array"));
    let pairs: Vec<(&Value, Value)> = match operand {
        Value::String(_) => vec![(operand, operand.clone())],
        Value::Array(array) => array.iter().zip((0_u64..).map(Value::from)).collect(),
        Value::Set(set) => order::of_set(set).into_iter().map(|element| (element, element.clone())).collect(),
        Value::Object(object) => order::keys(object).into_iter().filter_map(|key| Some((object.get(key)?, key.clone()))).collect(),
        _ => Vec::new(),
    };
    pairs.into_iter().map(|(value, name)| Ok((one(value).ok_or_else(bad)?, name))).collect()
}

fn contains_matches(operands: &[Value]) -> Answer {
    let outer = named(operands, 1)?;
    // Where there is nothing to look into, nobody looks at the others.
    let inner = if outer.is_empty() { Vec::new() } else { named(operands, 2)? };
    if outer.len().saturating_mul(inner.len()) > MOST_PAIRS {
        return Err(Fault::failed("too many pairs"));
    }
    let mut matches = Set::new();
    for (network, network_name) in &outer {
        for (address, address_name) in &inner {
            if holds(network, address)? {
                matches.insert(Value::from(vec![network_name.clone(), address_name.clone()]));
            }
        }
    }
    Ok(matches.into_value())
}

fn expand(operands: &[Value]) -> Answer {
    let network = Network::parse(operand::string(operands, 1)?)?;
    if 128 - u32::from(network.prefix) > MOST_ADDRESSES {
        return Err(Fault::failed("too many addresses"));
    }
    Ok((network.first()..=network.last()).map(|address| Value::from(text(address))).collect::<Set>().into_value())
}

/// A network, or an IPv4 address with the mask of its historical class.
fn network_or_address(value: &Value) -> Result<Network, Fault> {
    let Value::String(text) = value else { return Err(Fault::failed("element must be string")) };
    match text.parse::<IpAddr>() {
        Err(_) => Network::parse(text),
        Ok(address) if is_v4(number(address)) => {
            let address = number(address);
            let class = match (address >> 24) & 0xff {
                0..=127 => 8,
                128..=191 => 16,
                _ => 24,
            };
            Ok(Network { address, prefix: V4_BITS + class })
        }
        Ok(_) => Err(Fault::failed("IPv6 invalid: needs prefix length")),
    }
}

/// A range of addresses, and the network it was if nothing has been merged with it.
type Range = (u128, u128, Option<Network>);

fn merge(operands: &[Value]) -> Answer {
    let elements = operand::elements(operands, 1).map_err(|_| Fault::failed("operand must be an array"))?;
    let networks = elements.into_iter().map(network_or_address).collect::<Result<Vec<_>, _>>()?;
    let mut ranges: Vec<Range> = networks.into_iter().map(|network| (network.first(), network.last(), Some(network))).collect();
    ranges.sort_by_key(|(first, last, _)| (*last, *first));
    let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
    let mut rest = ranges.into_iter().rev();
    let Some(mut current) = rest.next() else { return Ok(Value::new_set()) };
    for previous in rest {
        if current.0.saturating_sub(1) <= previous.1 {
            current = (previous.0.min(current.0), current.1, None);
        } else {
            merged.push(std::mem::replace(&mut current, previous));
        }
    }
    merged.push(current);
    let mut names = Set::new();
    for (first, last, network) in merged {
        match network {
            Some(network) => names.extend([Value::from(network.text())]),
            None => names.extend(cover(first, last).into_iter().map(|network| Value::from(network.text()))),
        }
    }
    Ok(names.into_value())
}

/// The fewest networks that cover a range exactly.
fn cover(mut first: u128, last: u128) -> Vec<Network> {
    let mut networks = Vec::new();
    loop {
        let aligned = first.trailing_zeros().min(128);
        let host_bits = (0..=aligned).rev().find(|bits| {
            1_u128.checked_shl(*bits).is_none_or(|size| size - 1 <= last - first) && (*bits < 128 || last - first == u128::MAX)
        });
        let host_bits = host_bits.unwrap_or(0);
        networks.push(Network { address: first, prefix: u8::try_from(128 - host_bits).unwrap_or(0) });
        let end = first | 1_u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
        if end >= last {
            return networks;
        }
        first = end + 1;
    }
}
