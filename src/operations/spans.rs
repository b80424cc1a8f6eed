//! Where ids stand close together.

/// How many ids of others may be passed by in the time in which a place in an index is looked up.
const WORTH_A_LOOK_UP: i64 = 8;

/// Spans, each from its first to its last id, that cover `ids`, which are in ascending order, and few others. O(ids)
pub(super) fn spans(ids: impl IntoIterator<Item = i64>) -> Vec<(i64, i64)> {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for id in ids {
        match spans.last_mut() {
            Some((_, last)) if id.saturating_sub(*last) <= WORTH_A_LOOK_UP => *last = id,
            _ => spans.push((id, id)),
        }
    }
    spans
}
