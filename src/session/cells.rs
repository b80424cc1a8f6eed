//! Single cells, unpacked and read.

use super::Value;
use std::str::FromStr;

pub(super) fn unpacked_cell(cell: serde_json::Value) -> Option<Value> {
    match cell {
        serde_json::Value::Null => Some(Value::Null),
        serde_json::Value::Bool(value) => Some(Value::Bool(value)),
        serde_json::Value::Number(value) => value.as_i64().map(Value::Int),
        serde_json::Value::String(text) => Some(Value::text(text)),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}

/// The integer of a cell that a driver hands over as text.
pub(super) fn int_from_text(cell: Option<&Value>) -> Option<i64> {
    match cell {
        Some(Value::Text(text)) => parse_int(text),
        _ => None,
    }
}

pub(super) fn parse_int<T: FromStr>(item: &str) -> Option<T> {
    item.parse().ok()
}

pub(super) fn row_of_ints<const N: usize>(row: &str) -> Option<[Option<i64>; N]> {
    let mut items = row.split(',').map(nullable(parse_int));
    let mut cells = [None; N];
    for cell in &mut cells {
        *cell = items.next()??;
    }
    items.next().is_none().then_some(cells)
}

pub(super) fn parse_bool(item: &str) -> Option<bool> {
    match item {
        "t" => Some(true),
        "f" => Some(false),
        _ => None,
    }
}

/// `None` is an item that cannot be read, `Some(None)` a null.
pub(super) fn nullable<T>(parse: impl Fn(&str) -> Option<T>) -> impl Fn(&str) -> Option<Option<T>> {
    move |item| if item == "NULL" { Some(None) } else { parse(item).map(Some) }
}
