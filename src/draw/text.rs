//! Text of an application, made safe for each format.

use std::fmt::Write;

/// The most characters of a name that a picture shows; the whole name stands in the tooltip of an SVG.
pub(super) const LONGEST_NAME: usize = 28;

/// The most characters of any text that a picture carries.
const LONGEST_TEXT: usize = 500;

/// Control characters, those that reverse the direction of text among them, as the replacement character; cut after [`LONGEST_TEXT`].
pub(super) fn printable(text: &str) -> String {
    shortened(text, LONGEST_TEXT)
        .chars()
        .map(|c| if is_control(c) { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The text itself, or its beginning and an ellipsis: at most `most` characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// For the content of an XML element and for its attributes in double quotes.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// For a label in double quotes in Mermaid, which reads `#35;` and the like as the character of that number. Everything that is not a
/// letter, a digit or harmless in HTML and Markdown is written so.
pub(super) fn mermaid(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | ',' | ':' | '-' | '/' | '(' | ')' | '…') {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(c));
        }
    }
    escaped
}

/// For a string in double quotes in DOT and in YAML, which Mermaid's title is.
pub(super) fn quoted(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// A span of time for people, in the two largest units that it has.
pub(super) fn duration(micros: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let millis = micros / 1_000;
    let seconds = millis / 1_000;
    if seconds < 1 {
        return format!("{millis} ms");
    }
    if seconds < 10 {
        return format!("{}.{} s", seconds, millis % 1_000 / 100);
    }
    let place = UNITS.iter().position(|&(size, _)| seconds >= size).unwrap_or(UNITS.len() - 1);
    let (size, unit) = UNITS[place];
    let larger = format!("{} {unit}", seconds / size);
    match UNITS.get(place + 1) {
        Some(&(smaller, unit)) if seconds % size >= smaller => {
            format!("{larger} {} {unit}", seconds % size / smaller)
        }
        _ => larger,
    }
}
