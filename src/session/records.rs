//! PostgreSQL's text form of rows, one after the other: `(1,t,,"a, b")(2,f,,)`.
//!
//! Source: PostgreSQL documentation, "Composite Type Input and Output Syntax".

use std::borrow::Cow;

/// A column of a row that was packed as text; `None` is null.
pub(crate) type Field<'a> = Option<Cow<'a, str>>;

/// Hands each row of `text` to `decode`. `None` where the text is none of rows, or `decode` cannot make use of one.
pub(super) fn decoded<T>(text: &str, mut decode: impl FnMut(&[Field<'_>]) -> Option<T>) -> Option<Vec<T>> {
    let mut rest = text;
    let mut fields = Vec::new();
    let mut rows = Vec::new();
    while !rest.is_empty() {
        rest = rest.strip_prefix('(')?;
        fields.clear();
        loop {
            let (field, after) = field(rest)?;
            fields.push(field);
            if let Some(next) = after.strip_prefix(',') {
                rest = next;
            } else {
                rest = after.strip_prefix(')')?;
                break;
            }
        }
        rows.push(decode(&fields)?);
    }
    Some(rows)
}

/// The first field, and what comes after it.
fn field(rest: &str) -> Option<(Field<'_>, &str)> {
    if let Some(quoted) = rest.strip_prefix('"') {
        let (text, after) = unquote(quoted)?;
        return Some((Some(Cow::Owned(text)), after));
    }
    let (bare, after) = rest.split_at(rest.find([',', ')'])?);
    Some(((!bare.is_empty()).then_some(Cow::Borrowed(bare)), after))
}

/// The text up to its closing quote, and what comes after that. Quotes and backslashes stand there twice.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((index, char)) = chars.next() {
        match char {
            '\\' => text.push(chars.next()?.1),
            '"' => match quoted[index + 1..].starts_with('"') {
                true => text.push(chars.next()?.1),
                false => return Some((text, &quoted[index + 1..])),
            },
            other => text.push(other),
        }
    }
    None
}
