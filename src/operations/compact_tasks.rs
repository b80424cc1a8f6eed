//! News of several small tasks; see [`super::compact_task`].

use super::compact_task::{SMALL, Standing, range, standing};
use super::fields;
use super::tracked::{Followed, Told};
use super::{ask, snapshot};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::records::{StepFacts, StepSnapshot};
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

/// What has become of followed tasks and of their candidates, given with the places of the tasks. One statement, O(candidates and their
/// edges + ids between).
///
/// `None` where that has to be asked otherwise: a task is not small, or a step waits for one that stands elsewhere.
pub(super) async fn told<S: Session>(
    session: &mut S,
    tasks: &[Followed],
    asked: &[(usize, Vec<StepId>)],
) -> Result<Option<Told>, Error> {
    let asked: Option<Vec<Asked<'_>>> = asked
        .iter()
        .map(|(index, candidates)| {
            let followed = &tasks[*index];
            Some(Asked { task: followed.graph().task(), candidates, range: range(followed, candidates)? })
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
    Ok(ask(session, query, |row| weighed(row, &asked)).await?.flatten())
}

/// `None` if a candidate waits for a step outside of its task's range.
fn weighed(row: Row<'_>, asked: &[Asked<'_>]) -> Result<Option<Told>, Error> {
    let places = asked.iter().enumerate();
    let place_of: HashMap<StepId, usize> =
        places.flat_map(|(place, asked)| asked.candidates.iter().map(move |&step| (step, place))).collect();
    // Where tasks stand among each other, a step is told for each of them.
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
    let others = row.records(5, "rows of a step and what its transition says", standing)?;
    let mut others: HashMap<StepId, Standing> = others.into_iter().collect();
    let mut open = row.records(1, "rows of what the columns of steps can hold", |fields| {
        let [id, row @ ..] = fields else {
            return None;
        };
        let mut step = fields::step(id, row)?;
        step.task_id = asked[*place_of.get(&step.id)?].task;
        Some(step)
    })?;
    // What is done itself is told as done.
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
    Ok(Some(Told { open: StepSnapshot { now: row.timestamp(0)?, steps: open }, last, done }))
}

fn stand(step: &mut StepFacts, standing: Option<Standing>) {
    if let Some(standing) = standing {
        step.state = Some(standing.state);
        step.failed_at = standing.failed_at;
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
