//! Columns of rows that travel as text. In each, `None` is a field that cannot be read; a null is `Some(None)`.

use crate::session::Field;
use crate::time::Timestamp;
use std::str::FromStr;

/// A number or null.
pub(super) fn number<T: FromStr>(field: &Field<'_>) -> Option<Option<T>> {
    field.as_deref().map(str::parse).transpose().ok()
}

/// Seconds since 1970 or null.
pub(super) fn instant(field: &Field<'_>) -> Option<Option<Timestamp>> {
    match field {
        None => Some(None),
        Some(seconds) => Timestamp::from_epoch(seconds).map(Some),
    }
}

/// A boolean that is not null.
pub(super) fn flag(field: &Field<'_>) -> Option<bool> {
    match field.as_deref()? {
        "t" => Some(true),
        "f" => Some(false),
        _ => None,
    }
}

/// An array of numbers.
pub(super) fn numbers(field: &Field<'_>) -> Option<Vec<i64>> {
    let items = field.as_deref()?.strip_prefix('{')?.strip_suffix('}')?;
    if items.is_empty() {
        return Some(Vec::new());
    }
    items.split(',').map(|item| item.parse().ok()).collect()
}
