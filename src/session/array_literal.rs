//! PostgreSQL's text form of arrays.
//!
//! Source: PostgreSQL documentation, "Array Input and Output Syntax".

/// Every text quoted, so that none can be taken for a null or a brace.
pub(super) fn from_texts<T: AsRef<str>>(items: impl IntoIterator<Item = Option<T>>) -> String {
    let mut literal = String::from("{");
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            literal.push(',');
        }
        match item {
            Some(item) => push_quoted(&mut literal, item.as_ref()),
            None => literal.push_str("NULL"),
        }
    }
    literal.push('}');
    literal
}

fn push_quoted(literal: &mut String, text: &str) {
    literal.push('"');
    for char in text.chars() {
        if matches!(char, '"' | '\\') {
            literal.push('\\');
        }
        literal.push(char);
    }
    literal.push('"');
}

/// The items of an array whose elements need no quotes: numbers, booleans, `NULL`.
pub(super) fn plain(literal: &str) -> Option<impl Iterator<Item = &str>> {
    let inner = literal.strip_prefix('{')?.strip_suffix('}')?;
    Some((!inner.is_empty()).then(|| inner.split(',')).into_iter().flatten())
}

/// The rows of an array of two dimensions whose elements need no quotes, each without its braces.
pub(super) fn rows(literal: &str) -> Option<impl Iterator<Item = &str>> {
    let inner = literal.strip_prefix('{')?.strip_suffix('}')?;
    let rows = match inner {
        "" => None,
        _ => Some(inner.strip_prefix('{')?.strip_suffix('}')?.split("},{")),
    };
    Some(rows.into_iter().flatten())
}

/// The items of an array of texts. Quoted items may hold any character, with `\` before `"` and `\`; a bare `NULL` is a null.
pub(super) fn texts(literal: &str) -> Option<Vec<Option<String>>> {
    let mut rest = literal.strip_prefix('{')?;
    let mut items = Vec::new();
    if rest == "}" {
        return Some(items);
    }
    loop {
        let (item, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (item, after) = unquote(quoted)?;
                (Some(item), after)
            }
            None => {
                let end = rest.find([',', '}'])?;
                let (bare, after) = rest.split_at(end);
                if bare.is_empty() {
                    return None;
                }
                ((bare != "NULL").then(|| bare.to_owned()), after)
            }
        };
        items.push(item);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return (after == "}").then_some(items),
        }
    }
}

/// The item up to its closing quote, and what comes after that.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut item = String::new();
    let mut chars = quoted.char_indices();
    while let Some((index, char)) = chars.next() {
        match char {
            '\\' => item.push(chars.next()?.1),
            '"' => return Some((item, &quoted[index + 1..])),
            other => item.push(other),
        }
    }
    None
}
