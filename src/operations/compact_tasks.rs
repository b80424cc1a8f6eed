//! Changes of several small tasks; see [`super::compact_task`].

use super::compact_task::{LastTransition, SMALL, last_transition, range};
use super::fields;
use super::tracked::{TrackedChanges, TrackedTask};
use super::{ask, snapshot};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::records::{StepRecord, StepSnapshot};
use crate::session::{Row, Session, Value};
use crate::sql::compact_tasks as sql;
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

/// A task that is asked about.
struct Asked<'a> {
    task: TaskId,
    candidates: &'a [StepId],
    range: RangeInclusive<i64>,
}

/// The changes of tracked tasks and of their candidates, given with the places of the tasks. One statement, O(candidates and their
/// edges + ids between).
///
/// `None` where the general query is needed: a task is not small, or a step waits for one that stands elsewhere.
pub(super) async fn changes<S: Session>(
    session: &mut S,
    tasks: &[TrackedTask],
    asked: &[(usize, Vec<StepId>)],
) -> Result<Option<TrackedChanges>, Error> {
    let asked: Option<Vec<Asked<'_>>> = asked
        .iter()
        .map(|(index, candidates)| {
            let tracked = &tasks[*index];
            Some(Asked { task: tracked.graph().task(), candidates, range: range(tracked, candidates)? })
        })
        .collect();
    let Some(asked) = asked else {
        return Ok(None);
    };
    let query = sql::news(sql::Several {
        candidates: Value::int_array(asked.iter().flat_map(|asked| asked.candidates).map(|step| step.0)),
        task_ids: Value::int_array(asked.iter().map(|asked| asked.task.0)),
        first: Value::int_array(asked.iter().map(|asked| *asked.range.start())),
        last: Value::int_array(asked.iter().map(|asked| *asked.range.end())),
    });
    Ok(ask(session, query, |row| decode(row, &asked)).await?.flatten())
}

/// `None` if a candidate waits for a step outside of its task's range.
fn decode(row: Row<'_>, asked: &[Asked<'_>]) -> Result<Option<TrackedChanges>, Error> {
    let places = asked.iter().enumerate();
    let place_of: HashMap<StepId, usize> =
        places.flat_map(|(place, asked)| asked.candidates.iter().map(move |&step| (step, place))).collect();
    // Where id ranges of tasks overlap, a step is returned for each of them.
    let done: HashSet<i64> = row.int_array(4)?.into_iter().collect();
    let mut waiting = HashSet::new();
    for edge in snapshot::edges(row, 3, 2)? {
        let Some(&place) = place_of.get(&edge.to) else { continue };
        if !asked[place].range.contains(&edge.from.0) {
            return Ok(None);
        }
        if !done.contains(&edge.from.0) {
            waiting.insert(edge.to);
        }
    }
    let others = row.records(5, "rows of a step and what its transition says", last_transition)?;
    let mut others: HashMap<StepId, LastTransition> = others.into_iter().collect();
    let mut open = row.records(1, "rows of what the columns of steps can hold", |fields| {
        let [id, row @ ..] = fields else {
            return None;
        };
        let mut step = fields::step(id, row)?;
        step.task_id = asked[*place_of.get(&step.id)?].task;
        Some(step)
    })?;
    // Completed candidates are returned among the completed steps.
    open.retain(|step| !waiting.contains(&step.id) && !done.contains(&step.id.0));
    for step in &mut open {
        stand(step, others.remove(&step.id));
    }
    let mut last: Vec<Option<StepId>> = asked.iter().map(|asked| Some(StepId(*asked.range.end()))).collect();
    for place in row.int_array(6)? {
        let place = place
            .checked_sub(1)
            .and_then(|place| usize::try_from(place).ok())
            .filter(|&place| place < asked.len());
        last[place.ok_or_else(|| row.unexpected(6, "places of tasks"))?] = None;
    }
    let done = by_task(&done, asked);
    Ok(Some(TrackedChanges { open: StepSnapshot { now: row.timestamp(0)?, steps: open }, last, done }))
}

fn stand(step: &mut StepRecord, last_transition: Option<LastTransition>) {
    if let Some(last_transition) = last_transition {
        step.state = Some(last_transition.state);
        step.failed_at = last_transition.failed_at;
    }
}

/// The steps with the places of the tasks in whose ranges they stand. O(log tasks) a step and range, as ranges are short.
fn by_task(steps: &HashSet<i64>, asked: &[Asked<'_>]) -> Vec<(usize, StepId)> {
    let mut ranges: Vec<(&RangeInclusive<i64>, usize)> =
        asked.iter().map(|asked| &asked.range).zip(0..).collect();
    ranges.sort_unstable_by_key(|(range, _)| *range.start());
    let mut found = Vec::with_capacity(steps.len());
    for &step in steps {
        let begun = ranges.partition_point(|(range, _)| *range.start() <= step);
        let near = ranges[..begun].iter().rev().take_while(|(range, _)| step - range.start() < SMALL);
        found
            .extend(near.filter(|(range, _)| range.contains(&step)).map(|&(_, place)| (place, StepId(step))));
    }
    found
}
