//! How far the tables of transitions have been read.
//!
//! Ids are drawn before a transaction commits, so a low id can become visible after a higher one. An id that is missing below the highest one that
//! was read is a *gap*: its transaction is under way, or was rolled back. A session that has drawn an id has locked the table against changes of
//! its definition (`RowExclusiveLock`) before and keeps that lock until the end of its transaction. So a gap stays empty for ever
//! once all transactions that held the lock after it was found have ended, and the table has been read again.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far the transitions of tasks and those of steps have been read, to go on from there later. It is small, and JSON.
///
/// ```
/// use tasker_core::events::Position;
///
/// let start = Position::default();
/// let json = serde_json::to_string(&start)?;
/// assert_eq!(json, r#"{"tasks":{"last":0,"gaps":[]},"steps":{"last":0,"gaps":[]}}"#);
/// assert_eq!(serde_json::from_str::<Position>(&json)?, start);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// In the table of task transitions.
    pub tasks: Cursor,
    /// In the table of step transitions.
    pub steps: Cursor,
}

/// How far one table has been read.
///
/// ```
/// use std::collections::BTreeSet;
/// use tasker_core::events::Cursor;
///
/// let mut cursor = Cursor::default();
/// let writer = |name: &str| BTreeSet::from([name.to_owned()]);
/// // 2 is missing: its transaction may be under way.
/// cursor.read(&[1, 3], None);
/// assert_eq!((cursor.last(), cursor.gaps().collect::<Vec<_>>()), (3, vec![(2, 2)]));
/// // A session writes to the table. It goes on, and 2 turns up.
/// cursor.wait_for(&writer("3/17"));
/// cursor.read(&[], None);
/// cursor.read(&[2], None);
/// assert_eq!(cursor.gaps().count(), 0);
///
/// // 4 is missing, too, but every session that wrote then has ended since.
/// cursor.read(&[5], None);
/// cursor.wait_for(&writer("3/18"));
/// cursor.read(&[], None);
/// cursor.wait_for(&writer("3/19"));
/// cursor.read(&[], None);
/// assert_eq!(cursor.gaps().count(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    last: i64,
    gaps: Vec<Gap>,
}

/// Ids that are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Gap {
    first: i64,
    last: i64,
    /// The transactions that may still fill it; unknown before they have been read.
    #[serde(skip)]
    writers: Option<BTreeSet<String>>,
}

impl Gap {
    fn is_settled(&self) -> bool {
        self.writers.as_ref().is_some_and(BTreeSet::is_empty)
    }
}

impl Cursor {
    /// Behind the last of the ids in `present`, which are all that can be seen from `first` on.
    pub(super) fn at(first: i64, present: &[i64]) -> Self {
        let mut cursor = Cursor { last: first - 1, gaps: Vec::new() };
        cursor.read(present, None);
        cursor
    }

    /// The highest id that was read; 0 before the first one.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The first and the last id of each gap, ascending.
    pub fn gaps(&self) -> impl Iterator<Item = (i64, i64)> {
        self.gaps.iter().map(|gap| (gap.first, gap.last))
    }

    /// Takes the transactions that write to the table, as they were found after the last read and before the next one.
    pub fn wait_for(&mut self, writers: &BTreeSet<String>) {
        for gap in &mut self.gaps {
            gap.writers = Some(match gap.writers.take() {
                None => writers.clone(),
                Some(before) => before.intersection(writers).cloned().collect(),
            });
        }
    }

    /// Takes the ids that were read, ascending: those in gaps, and those above the last one. Where the read had a limit that was reached, `up_to` is
    /// the last id that it has seen. Gaps that no transaction can fill any more are dropped. O(ids + gaps).
    pub fn read(&mut self, ids: &[i64], up_to: Option<i64>) {
        let split = ids.partition_point(|id| *id <= self.last);
        let mut found = ids[..split].iter().copied().peekable();
        let mut gaps = Vec::with_capacity(self.gaps.len());
        for gap in std::mem::take(&mut self.gaps) {
            let mut first = gap.first;
            while let Some(id) = found.next_if(|id| *id <= gap.last) {
                if id >= first {
                    push(&mut gaps, first, id - 1, &gap.writers);
                    first = id + 1;
                }
            }
            push(&mut gaps, first, gap.last, &gap.writers);
        }
        gaps.retain(|gap| !gap.is_settled() || up_to.is_some_and(|up_to| up_to < gap.last));
        for id in &ids[split..] {
            push(&mut gaps, self.last + 1, id - 1, &None);
            self.last = *id;
        }
        self.gaps = gaps;
    }
}

fn push(gaps: &mut Vec<Gap>, first: i64, last: i64, writers: &Option<BTreeSet<String>>) {
    if first <= last {
        gaps.push(Gap { first, last, writers: writers.clone() });
    }
}
