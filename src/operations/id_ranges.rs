//! Ranges of ids that are close together.

/// The largest id gap that is cheaper to scan than to look up.
const LARGEST_GAP: i64 = 8;

/// The largest number of ids in a range, which the statements rely on.
const MAX_IDS: i64 = 512;

/// Ranges, each from its first to its last id, that cover `ids`, which are in ascending order, and few others; none covers more than 512. O(ids)
pub(super) fn id_ranges(ids: impl IntoIterator<Item = i64>) -> Vec<(i64, i64)> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for id in ids {
        match ranges.last_mut() {
            Some((first, last))
                if id.saturating_sub(*last) <= LARGEST_GAP && id.saturating_sub(*first) < MAX_IDS =>
            {
                *last = id;
            }
            _ => ranges.push((id, id)),
        }
    }
    ranges
}
