//! News of one small task: its rows are few and close together, so they are read as they stand and looked through here.

use super::ask;
use super::fields::{instant, number, numbers, step};
use super::tracked::{Followed, Told};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::records::{StepFacts, StepSnapshot};
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
    Step(StepFacts, Vec<i64>),
    Standing(StepId, Standing),
}

/// What a most recent transition says.
pub(super) struct Standing {
    pub(super) state: State,
    pub(super) failed_at: Option<Timestamp>,
}

/// What has become of a followed task and of its `candidates`. One statement, O(steps of the task + ids between).
///
/// `None` where that has to be asked otherwise: the task is not small, or a step waits for one that stands elsewhere.
pub(super) async fn told<S: Session>(
    session: &mut S,
    followed: &Followed,
    candidates: &[StepId],
) -> Result<Option<Told>, Error> {
    let Some(range) = range(followed, candidates) else {
        return Ok(None);
    };
    let task = followed.graph().task();
    let query = sql::news(sql::Small {
        task_id: Value::Int(task.0),
        candidates: Value::int_array(candidates.iter().map(|step| step.0)),
        first: Value::Int(*range.start()),
        last: Value::Int(*range.end()),
    });
    let decode = |row: Row<'_>| {
        let lines = row.records(1, EXPECTED, |fields| line(task, fields))?;
        Ok(weighed(row.timestamp(0)?, lines, candidates, &range))
    };
    Ok(ask(session, query, decode).await?.flatten())
}

/// From the lowest step that a candidate waits for, or the first that may be done by now, to the last of the task; nothing up to there, where
/// there is no candidate. `None` if the task is not small, or has no step.
pub(super) fn range(followed: &Followed, candidates: &[StepId]) -> Option<RangeInclusive<i64>> {
    let graph = followed.graph();
    let steps = graph.steps();
    if steps.len() > SMALL as usize {
        return None;
    }
    let last = steps.last()?.0;
    if candidates.is_empty() {
        return Some(last.saturating_add(1)..=last);
    }
    let places = candidates.iter().filter_map(|&step| graph.place(step));
    let parents = places.flat_map(|place| graph.parents(place)).map(|place| steps[place]);
    let first = followed.first_left()?.min(candidates.iter().copied().chain(parents).min()?).0;
    (last.checked_sub(first)? < SMALL).then_some(first..=last)
}

/// `None` if a candidate waits for a step outside of `range`.
fn weighed(
    now: Timestamp,
    lines: Vec<Line>,
    candidates: &[StepId],
    range: &RangeInclusive<i64>,
) -> Option<Told> {
    let mut standing: HashMap<StepId, Standing> = HashMap::new();
    let mut steps = Vec::new();
    for line in lines {
        match line {
            Line::Step(facts, parents) => steps.push((facts, parents)),
            Line::Standing(step, said) => drop(standing.insert(step, said)),
        }
    }
    let is_done = |step: &StepId| standing.get(step).is_some_and(|said| said.state.satisfies_dependents());
    let last = steps.iter().map(|(step, _)| step.id).max();
    let mut open = Vec::new();
    // Steps after the last one that is known are told as well.
    for (mut step, parents) in steps.into_iter().filter(|(step, _)| candidates.contains(&step.id)) {
        if parents.iter().any(|parent| !range.contains(parent)) {
            return None;
        }
        if parents.iter().all(|&parent| is_done(&StepId(parent))) {
            if let Some(said) = standing.get(&step.id) {
                step.state = Some(said.state.clone());
                step.failed_at = said.failed_at;
            }
            open.push(step);
        }
    }
    let done = standing.keys().filter(|step| is_done(step)).map(|&step| (0, step));
    Some(Told { open: StepSnapshot { now, steps: open }, last: vec![last], done: done.collect() })
}

fn line(task: TaskId, fields: &[Field<'_>]) -> Option<Line> {
    match fields {
        [_, _, _] => standing(fields).map(|(step, said)| Line::Standing(step, said)),
        [id, row @ .., parents] => {
            Some(Line::Step(StepFacts { task_id: task, ..step(id, row)? }, numbers(parents)?))
        }
        _ => None,
    }
}

/// A step and what its transition says.
pub(super) fn standing(fields: &[Field<'_>]) -> Option<(StepId, Standing)> {
    let [step, state, failed_at] = fields else {
        return None;
    };
    let said = Standing { state: State::from(state.as_deref()?), failed_at: instant(failed_at)? };
    Some((StepId(number(step)??), said))
}
