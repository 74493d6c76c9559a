//! `regex.globs_match`: whether two expressions of `.`, `[..]`, `*` and `+` have a text in common.

use std::collections::HashMap;

use super::{Answer, Fault, Value};

/// Most tokens of one expression: the work grows with the product of both.
const MOST_TOKENS: usize = 512;

/// How often a token may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Plus,
    Star,
}

/// What one token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Characters {
    Any,
    /// Ranges, both ends included.
    These(Vec<(char, char)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    characters: Characters,
    times: Times,
}

pub(super) fn intersect(left: &str, right: &str) -> Answer {
    let (left, right) = (tokenize(left)?, tokenize(right)?);
    if left.len() > MOST_TOKENS || right.len() > MOST_TOKENS {
        return Err(Fault::failed("the input provided is invalid: too long"));
    }
    let mut search = Search { sides: [left, right], known: HashMap::new() };
    Ok(Value::from(search.normal(0, 0)))
}

fn invalid(input: &str, at: usize, why: &str) -> Fault {
    Fault::failed(format!("input:{input}, pos:{at}, {why}: the input provided is invalid"))
}

fn tokenize(input: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut characters = input.chars().enumerate().peekable();
    while let Some((at, c)) = characters.next() {
        let of = match c {
            '.' => Characters::Any,
            '[' => Characters::These(set(input, &mut characters)?),
            ']' => return Err(invalid(input, at + 1, "set-close ']' with no preceding '['")),
            '+' | '*' => return Err(invalid(input, at + 1, &format!("flag '{c}' must be preceded by a non-flag"))),
            '\\' => match characters.next() {
                Some((_, escaped)) => Characters::These(vec![(escaped, escaped)]),
                None => return Err(invalid(input, at + 1, "input ends with a \\ (escape) character")),
            },
            other => Characters::These(vec![(other, other)]),
        };
        let times = match characters.peek() {
            Some((_, '+')) => Times::Plus,
            Some((_, '*')) => Times::Star,
            _ => Times::Once,
        };
        if times != Times::Once {
            characters.next();
        }
        tokens.push(Token { characters: of, times });
    }
    Ok(simplified(tokens))
}

type Characters2<'a> = std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'a>>>;

fn set(input: &str, characters: &mut Characters2<'_>) -> Result<Vec<(char, char)>, Fault> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut previous = None;
    while let Some((at, c)) = characters.next() {
        match c {
            ']' => return Ok(ranges),
            '-' => {
                let low =
                    previous.take().ok_or_else(|| invalid(input, at + 1, "range character '-' must be preceded by a Unicode character"))?;
                let high = match characters.next() {
                    Some((_, '\\')) => characters.next().map(|(_, c)| c),
                    Some((_, ']' | '-')) => {
                        return Err(invalid(input, at + 2, "range character '-' cannot be followed by a special symbol"));
                    }
                    other => other.map(|(_, c)| c),
                };
                let high = high.ok_or_else(|| invalid(input, at + 1, "range character '-' must be followed by a Unicode character"))?;
                if high < low {
                    return Err(invalid(input, at + 2, &format!("range is out of order: '{high}' comes before '{low}' in Unicode")));
                }
                ranges.push((low, high));
            }
            '\\' => {
                let escaped =
                    characters.next().map(|(_, c)| c).ok_or_else(|| invalid(input, at + 1, "input ends with a \\ (escape) character"))?;
                ranges.push((escaped, escaped));
                previous = Some(escaped);
            }
            other => {
                ranges.push((other, other));
                previous = Some(other);
            }
        }
    }
    Err(invalid(input, input.chars().count(), "found [ without matching ]"))
}

/// Of equal neighbours that may be repeated, one is enough.
fn simplified(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match kept.last_mut() {
            Some(last) if last.characters == token.characters && last.times != Times::Once && token.times != Times::Once => {
                if token.times == Times::Plus {
                    last.times = Times::Plus;
                }
            }
            _ => kept.push(token),
        }
    }
    kept
}

fn common(left: &Token, right: &Token) -> bool {
    match (&left.characters, &right.characters) {
        (Characters::Any, _) | (_, Characters::Any) => true,
        (Characters::These(left), Characters::These(right)) => {
            left.iter().any(|left| right.iter().any(|right| left.0 <= right.1 && right.0 <= left.1))
        }
    }
}

/// Positions on both sides that have been decided.
struct Search {
    sides: [Vec<Token>; 2],
    known: HashMap<(usize, usize), bool>,
}

impl Search {
    fn token(&self, side: usize, at: usize) -> Option<&Token> {
        self.sides.get(side).and_then(|tokens| tokens.get(at))
    }

    /// Whether the rests have a text in common. As upstream: a repeated token left over at the end has none.
    fn normal(&mut self, left: usize, right: usize) -> bool {
        if let Some(known) = self.known.get(&(left, right)) {
            return *known;
        }
        let answer = match (self.token(0, left).cloned(), self.token(1, right).cloned()) {
            (None, None) => true,
            (None, _) | (_, None) => false,
            (Some(one), Some(other)) if one.times == Times::Once && other.times == Times::Once => {
                common(&one, &other) && self.normal(left + 1, right + 1)
            }
            (Some(one), _) if one.times != Times::Once => self.special(0, [left, right], one.times),
            (_, Some(other)) => self.special(1, [right, left], other.times),
        };
        self.known.insert((left, right), answer);
        answer
    }

    fn both(&mut self, side: usize, [own, other]: [usize; 2]) -> bool {
        if side == 0 { self.normal(own, other) } else { self.normal(other, own) }
    }

    fn special(&mut self, side: usize, [own, other]: [usize; 2], times: Times) -> bool {
        if times == Times::Star {
            return self.star(side, [own, other]);
        }
        let (Some(plussed), Some(first)) = (self.token(side, own).cloned(), self.token(1 - side, other).cloned()) else { return false };
        if !common(&plussed, &first) {
            return false;
        }
        self.star(side, [own, other + 1]) || (first.times != Times::Once && self.both(side, [own + 1, other]))
    }

    fn star(&mut self, side: usize, [own, other]: [usize; 2]) -> bool {
        let Some(starred) = self.token(side, own).cloned() else { return false };
        let next = self.token(side, own + 1).cloned();
        let mut at = other;
        while let Some(token) = self.token(1 - side, at).cloned() {
            if next.as_ref().is_some_and(|next| common(&token, next)) && self.both(side, [own + 1, at]) {
                return true;
            }
            if !common(&token, &starred) {
                return false;
            }
            at += 1;
        }
        next.is_none()
    }
}
