//! Changes of one small task: its rows are few and close together, so they are read by id range and filtered here.

use super::ask;
use super::fields::{instant, number, numbers, step};
use super::tracked::{TrackedChanges, TrackedTask};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::records::{StepRecord, StepSnapshot};
use crate::session::{Field, Row, Session, Value};
use crate::sql::compact_task as sql;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Steps of a task, and ids between those that matter, that are sooner read one after the other than others looked up.
pub(super) const SMALL: i64 = 256;

const EXPECTED: &str = "rows of steps and of transitions";

/// A line of the answer.
enum Line {
    /// A step, without its state, and what it waits for.
    Step(StepRecord, Vec<i64>),
    LastTransition(StepId, LastTransition),
}

/// What a most recent transition says.
pub(super) struct LastTransition {
    pub(super) state: State,
    pub(super) failed_at: Option<Timestamp>,
}

/// The changes of a tracked task and of its `candidates`. One statement, O(steps of the task + ids between).
///
/// `None` where the general query is needed: the task is not small, or a step waits for one that stands elsewhere.
pub(super) async fn changes<S: Session>(
    session: &mut S,
    tracked: &TrackedTask,
    candidates: &[StepId],
) -> Result<Option<TrackedChanges>, Error> {
    let Some(range) = range(tracked, candidates) else {
        return Ok(None);
    };
    let task = tracked.graph().task();
    let query = sql::news(sql::Small {
        task_id: Value::Int(task.0),
        candidates: Value::int_array(candidates.iter().map(|step| step.0)),
        first: Value::Int(*range.start()),
        last: Value::Int(*range.end()),
    });
    let decode = |row: Row<'_>| {
        let lines = row.records(1, EXPECTED, |fields| line(task, fields))?;
        Ok(decode(row.timestamp(0)?, lines, candidates, &range))
    };
    Ok(ask(session, query, decode).await?.flatten())
}

/// From the lowest step that a candidate waits for, or the first that may be done by now, to the last of the task; nothing up to there, where
/// there is no candidate. `None` if the task is not small, or has no step.
pub(super) fn range(tracked: &TrackedTask, candidates: &[StepId]) -> Option<RangeInclusive<i64>> {
    let graph = tracked.graph();
    let steps = graph.steps();
    if steps.len() > SMALL as usize {
        return None;
    }
    let last = steps.last()?.0;
    if candidates.is_empty() {
        return Some(last.saturating_add(1)..=last);
    }
    let places = candidates.iter().filter_map(|&step| graph.index(step));
    let parents = places.flat_map(|place| graph.parents(place)).map(|place| steps[place]);
    let first = tracked.first_unfinished()?.min(candidates.iter().copied().chain(parents).min()?).0;
    (last.checked_sub(first)? < SMALL).then_some(first..=last)
}

/// `None` if a candidate waits for a step outside of `range`.
fn decode(
    now: Timestamp,
    lines: Vec<Line>,
    candidates: &[StepId],
    range: &RangeInclusive<i64>,
) -> Option<TrackedChanges> {
    let mut last_transition: HashMap<StepId, LastTransition> = HashMap::new();
    let mut steps = Vec::new();
    for line in lines {
        match line {
            Line::Step(facts, parents) => steps.push((facts, parents)),
            Line::LastTransition(step, last) => drop(last_transition.insert(step, last)),
        }
    }
    let is_done =
        |step: &StepId| last_transition.get(step).is_some_and(|last| last.state.satisfies_dependents());
    let last = steps.iter().map(|(step, _)| step.id).max();
    let mut open = Vec::new();
    // Steps after the last cached one are returned as well.
    for (mut step, parents) in steps.into_iter().filter(|(step, _)| candidates.contains(&step.id)) {
        if parents.iter().any(|parent| !range.contains(parent)) {
            return None;
        }
        if parents.iter().all(|&parent| is_done(&StepId(parent))) {
            if let Some(last) = last_transition.get(&step.id) {
                step.state = Some(last.state.clone());
                step.failed_at = last.failed_at;
            }
            open.push(step);
        }
    }
    let done = last_transition.keys().filter(|step| is_done(step)).map(|&step| (0, step));
    Some(TrackedChanges { open: StepSnapshot { now, steps: open }, last: vec![last], done: done.collect() })
}

fn line(task: TaskId, fields: &[Field<'_>]) -> Option<Line> {
    match fields {
        [_, _, _] => last_transition(fields).map(|(step, last)| Line::LastTransition(step, last)),
        [id, row @ .., parents] => {
            Some(Line::Step(StepRecord { task_id: task, ..step(id, row)? }, numbers(parents)?))
        }
        _ => None,
    }
}

/// A step and what its transition says.
pub(super) fn last_transition(fields: &[Field<'_>]) -> Option<(StepId, LastTransition)> {
    let [step, state, failed_at] = fields else {
        return None;
    };
    let last = LastTransition { state: State::from(state.as_deref()?), failed_at: instant(failed_at)? };
    Some((StepId(number(step)??), last))
}
