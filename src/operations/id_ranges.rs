//! Where ids stand close together.

/// How many ids of others may be passed by in the time in which a place in an index is looked up.
const WORTH_A_LOOK_UP: i64 = 8;

/// The most ids from the first to the last of a span, which the statements rely on.
const LONGEST: i64 = 512;

/// Spans, each from its first to its last id, that cover `ids`, which are in ascending order, and few others; none covers more than 512. O(ids)
pub(super) fn spans(ids: impl IntoIterator<Item = i64>) -> Vec<(i64, i64)> {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for id in ids {
        match spans.last_mut() {
            Some((first, last))
                if id.saturating_sub(*last) <= WORTH_A_LOOK_UP && id.saturating_sub(*first) < LONGEST =>
            {
                *last = id;
            }
            _ => spans.push((id, id)),
        }
    }
    spans
}
