//! Numbers, strings and template strings.

use super::{Parse, Parser};
use crate::rego::ast::{Expr, ExprKind, Span, TemplatePart, Term, TermKind};
use crate::rego::token::Kind;

/// The largest binary exponent of a number, as OPA has it.
const EXPONENT: i64 = 100_000;

impl Parser<'_> {
    /// A number behind its sign: `1`, `.5`.
    pub(super) fn number(&mut self, sign: String, start: Span) -> Parse<Term> {
        let mut text = sign;
        if self.take(Kind::Dot) {
            text.push_str("0.");
        }
        let token = self.token();
        if token.kind != Kind::Number {
            return Err(self.unexpected("expected number"));
        }
        let digits = self.text_of(token.span);
        let fraction = text.ends_with('.');
        let leading = digits.strip_prefix('0').is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
        if leading && !fraction {
            return Err(Self::mistake(token.span, "unexpected number token: expected number without leading zero"));
        }
        if fraction && digits.contains('.') {
            return Err(Self::mistake(token.span, "unexpected number token: invalid float"));
        }
        text.push_str(digits);
        if !is_in_range(&text) {
            return Err(Self::mistake(token.span, "number too big"));
        }
        self.advance();
        Ok(Term::new(start.to(token.span), TermKind::Number(text)))
    }

    pub(super) fn string(&mut self) -> Parse<Term> {
        let token = self.advance();
        let text = self.text_of(token.span);
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        if token.kind == Kind::RawString {
            return Ok(Term::string(token.span, inner));
        }
        match unescape(inner) {
            Some(value) => Ok(Term::string(token.span, value)),
            None => Err(Self::mistake(token.span, format!("illegal string literal: {text}"))),
        }
    }

    pub(super) fn template(&mut self) -> Parse<Term> {
        let start = self.token().span;
        let raw = self.text_of(start).starts_with("$`");
        let (mut parts, mut tallest) = (Vec::new(), 0);
        loop {
            let token = self.token();
            if !matches!(token.kind, Kind::TemplatePart | Kind::TemplateEnd) {
                return Err(self.unexpected("expected } to end template string expression"));
            }
            self.advance();
            let text = self.text_of(token.span);
            let skipped = if text.starts_with('$') { 2 } else { 1 };
            let inner = text.get(skipped..text.len().saturating_sub(1)).unwrap_or_default().replace("\\{", "{");
            let Some(value) = (if raw { Some(inner) } else { unescape(&inner) }) else {
                return Err(Self::mistake(token.span, format!("illegal template-string part: {text}")));
            };
            if !value.is_empty() {
                parts.push(TemplatePart::Text(token.span, value));
            }
            if token.kind == Kind::TemplateEnd {
                break;
            }
            let expr = self.nested(Self::literal)?;
            tallest = tallest.max(self.height);
            check(&expr)?;
            parts.push(TemplatePart::Expr(expr));
        }
        self.grow(tallest)?;
        Ok(Term::new(start.to(self.last()), TermKind::Template(parts)))
    }
}

/// Only what has a value can stand in a template string.
fn check(expr: &Expr) -> Parse<()> {
    let what = match &expr.kind {
        ExprKind::Not(_) => "negation ('not')",
        ExprKind::Unify(..) => "unification ('=')",
        ExprKind::Assign(..) => "assignment (':=')",
        ExprKind::Every { .. } => "'every'",
        ExprKind::Some(_) | ExprKind::SomeIn { .. } => "'some'",
        _ => return Ok(()),
    };
    Err(Parser::mistake(expr.span, format!("unexpected {what} in template-string expression")))
}

/// The value of a quoted string: JSON's escapes, half a surrogate pair is U+FFFD. As in OPA, control characters are refused
/// only where there is something to unescape.
fn unescape(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return Some(text.to_owned());
    }
    let mut value = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut high: Option<u32> = None;
    while let Some(next) = rest.next() {
        if next < ' ' {
            return None;
        }
        let mut unit = None;
        let plain = match next {
            '\\' => match rest.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    unit = Some(hex(&mut rest)?);
                    '\0'
                }
                same @ ('"' | '\\' | '/') => same,
                _ => return None,
            },
            other => other,
        };
        match (high.take(), unit) {
            (Some(first), Some(second @ 0xdc00..=0xdfff)) => {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                value.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                continue;
            }
            (Some(_), _) => value.push(char::REPLACEMENT_CHARACTER),
            (None, _) => {}
        }
        match unit {
            Some(first @ 0xd800..=0xdbff) => high = Some(first),
            Some(code) => value.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
            None => value.push(plain),
        }
    }
    if high.is_some() {
        value.push(char::REPLACEMENT_CHARACTER);
    }
    Some(value)
}

/// Four hexadecimal digits.
fn hex(rest: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |code, _| Some(code * 16 + rest.next()?.to_digit(16)?))
}

/// Whether the exponent of a number, in binary, is one that OPA takes.
fn is_in_range(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let Ok(exponent) = exponent.parse::<i64>() else { return false };
    let digits = mantissa.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let leading = if whole.is_empty() {
        let zeros = fraction.len() - fraction.trim_start_matches('0').len();
        if zeros == fraction.len() {
            return true;
        }
        -i64::try_from(zeros).unwrap_or(i64::MAX)
    } else {
        i64::try_from(whole.len()).unwrap_or(i64::MAX)
    };
    // log2(10) is 3.3219..; the exponent of the first digit decides but for a few numbers right at the limit.
    let decimal = exponent.saturating_add(leading);
    decimal.saturating_mul(33_219) / 10_000 <= EXPONENT && decimal.saturating_mul(33_219) / 10_000 >= -EXPONENT
}
