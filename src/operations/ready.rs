//! Steps that can run next.
//!
//! [`ready_steps`] reads everything each time. A program that works on a task for a while tracks it ([`track`]): the graph is then cached, and
//! the cost of a query depends on the steps in progress and the unfinished ones, not on those that are done.

use super::id_ranges::id_ranges;
use super::open_steps::{self, COLUMNS, open_steps};
use super::tracked::TrackedChanges;
use super::{ask, compact_task, compact_tasks, snapshot};
use crate::error::Error;
use crate::graph::cache::Graphs;
use crate::graph::csr::{CsrGraph, GraphVersion};
use crate::ids::{StepId, TaskId};
use crate::readiness::is_ready;
use crate::records::StepSnapshot;
use crate::session::{Row, Session, Value};
use crate::sql::ready as sql;
use crate::state::State;
use std::collections::BTreeSet;

pub use super::tracked::TrackedTask;
#[allow(deprecated)]
#[doc(hidden)]
pub use crate::deprecated::ready::*;
use serde::Serialize;

/// A step that may be run now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadyStep {
    /// Its task.
    pub task: TaskId,
    /// The step.
    pub step: StepId,
    /// Has it failed before? Otherwise it is pending.
    pub failed: bool,
}

/// The steps of some tasks that may be run now, ordered by task id and step id. One statement, O(steps + edges of open steps).
///
/// Equal to the rows of the engine's `get_step_readiness_status` that are ready for execution.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::graph::cache::Graphs;
/// use tasker_core::operations::ready::{Updates, ReadyStep, track, is_current, ready_steps, ready_steps_of};
///
/// let first = ReadyStep { task, step: made.steps[0], failed: false };
/// assert_eq!(ready_steps(&mut *tx, &[task]).await?, [first.clone()]);
///
/// // A task whose graph is kept costs less each time.
/// let mut graphs = Graphs::new(1_000);
/// let mut tracked = track(&mut *tx, &mut graphs, task).await?.expect("a task that exists");
/// assert!(is_current(&mut *tx, tracked.graph()).await?);
/// let Updates { ready, outdated } = ready_steps_of(&mut *tx, std::slice::from_mut(&mut tracked)).await?;
/// assert_eq!((ready, outdated), (vec![first], vec![]));
/// # Ok(()) });
/// ```
pub async fn ready_steps<S: Session>(session: &mut S, tasks: &[TaskId]) -> Result<Vec<ReadyStep>, Error> {
    Ok(ready_among(&open_steps(session, tasks).await?))
}

/// Begins to track a task: takes its graph from `graphs` if it is the same still, and reads it otherwise. Two statements, O(V + E).
///
/// `None` if a step waits for a step of another task: use [`ready_steps`] for such a task.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn track<S: Session>(
    session: &mut S,
    graphs: &mut Graphs,
    task: TaskId,
) -> Result<Option<TrackedTask>, Error> {
    let (graph, done) = match kept(session, graphs, task).await? {
        Some(graph) => {
            let done = done_steps(session, &graph).await?;
            (graph, done)
        }
        None => match read(session, task).await? {
            Some((graph, done)) => {
                graphs.insert(graph.clone());
                (graph, done)
            }
            None => return Ok(None),
        },
    };
    Ok(Some(TrackedTask::new(graph, done)))
}

/// Is the graph by which a task is tracked still the one in the database? One statement, O(V + E).
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn is_current<S: Session>(session: &mut S, graph: &CsrGraph) -> Result<bool, Error> {
    Ok(version(session, graph.task()).await? == Some(graph.version()))
}

/// The steps of tracked tasks that may be run now, ordered by task id and step id.
///
/// One statement as long as no other worker has completed a step of them, and one more for each round of steps that were freed that way; what it
/// costs follows from the steps that wait for nothing and from how many are left, of which the transitions are looked at; of those that are
/// known to be done, only parents of the former and what stands between cost something. Small tasks are read as they stand; that takes a
/// second statement if a step has come to wait for one of another task.
///
/// The database stays the authority. Each step is checked against the edges that are there now, so that one to which an edge was added is
/// not returned. A task that was given a step after its last one is returned in [`Updates::outdated`] instead. An edge that was taken away while
/// its task was tracked, and a step whose id is lower than the last one's, are noticed by [`is_current`] only: call it before you conclude that
/// nothing is left to do.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn ready_steps_of<S: Session>(
    session: &mut S,
    tasks: &mut [TrackedTask],
) -> Result<Updates, Error> {
    let mut ready = Vec::new();
    let mut outdated = BTreeSet::new();
    let mut asked: Vec<(usize, Vec<StepId>)> =
        tasks.iter().enumerate().map(|(index, task)| (index, task.candidates())).collect();
    while !asked.is_empty() {
        let Some(changes) = ask_about(session, tasks, &asked).await? else { break };
        ready.extend(ready_among(&changes.open));
        for (&(index, _), last) in asked.iter().zip(changes.last) {
            let graph = tasks[index].graph();
            if last != graph.steps().last().copied() {
                outdated.insert(graph.task());
            }
        }
        let mut freed: Vec<(usize, Vec<StepId>)> =
            asked.iter().map(|&(index, _)| (index, Vec::new())).collect();
        for (place, step) in changes.done {
            let (index, more) = &mut freed[place];
            more.extend(tasks[*index].complete(step));
        }
        freed.retain(|(index, steps)| !steps.is_empty() && !outdated.contains(&tasks[*index].graph().task()));
        asked = freed;
    }
    ready.retain(|step| !outdated.contains(&step.task));
    ready.sort_unstable();
    ready.dedup();
    Ok(Updates { ready, outdated: outdated.into_iter().collect() })
}

/// The result of [`ready_steps_of`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Updates {
    /// Steps that may be run now.
    pub ready: Vec<ReadyStep>,
    /// Tasks whose graph is not the one by which they were tracked, each once, by id: they are to be [tracked](track) anew.
    pub outdated: Vec<TaskId>,
}

async fn ask_about<S: Session>(
    session: &mut S,
    tasks: &[TrackedTask],
    asked: &[(usize, Vec<StepId>)],
) -> Result<Option<TrackedChanges>, Error> {
    let small = match asked {
        [(index, candidates)] => compact_task::changes(session, &tasks[*index], candidates).await?,
        _ => compact_tasks::changes(session, tasks, asked).await?,
    };
    if small.is_some() {
        return Ok(small);
    }
    ask(session, sql::news(question(tasks, asked)), |row| changes(row, asked.len())).await
}

fn changes(row: Row<'_>, asked: usize) -> Result<TrackedChanges, Error> {
    let place = |place: Option<i64>| {
        let place = usize::try_from(place?).ok()?.checked_sub(1)?;
        (place < asked).then_some(place)
    };
    let mut last = vec![None; asked];
    for [at, step] in row.int_rows(COLUMNS)? {
        let at =
            place(at).ok_or_else(|| row.unexpected(COLUMNS, "rows of a task's place and its last step"))?;
        last[at] = step.map(StepId);
    }
    let done = row.int_rows(COLUMNS + 1)?.into_iter().map(|[at, step]| Some((place(at)?, StepId(step?))));
    let done: Option<Vec<_>> = done.collect();
    let done = done.ok_or_else(|| row.unexpected(COLUMNS + 1, "rows of a task's place and a step"))?;
    Ok(TrackedChanges { open: open_steps::decoded(row)?, last, done })
}

fn question(tasks: &[TrackedTask], asked: &[(usize, Vec<StepId>)]) -> sql::Updates {
    let ranges = asked.iter().zip(1..).flat_map(|((index, candidates), place)| {
        tasks[*index].id_ranges(candidates).into_iter().map(move |(first, last)| (first, last, place))
    });
    let ranges: Vec<(i64, i64, i64)> = ranges.collect();
    sql::Updates {
        candidates: Value::int_array(asked.iter().flat_map(|(_, steps)| steps.iter().map(|step| step.0))),
        task_ids: Value::int_array(asked.iter().map(|&(index, _)| tasks[index].graph().task().0)),
        first: Value::int_array(ranges.iter().map(|range| range.0)),
        last: Value::int_array(ranges.iter().map(|range| range.1)),
        places: Value::int_array(ranges.iter().map(|range| range.2)),
    }
}

fn ready_among(snapshot: &StepSnapshot) -> Vec<ReadyStep> {
    let ready = snapshot.steps.iter().filter(|step| is_ready(step, snapshot.now));
    ready
        .map(|step| ReadyStep { task: step.task_id, step: step.id, failed: step.state == Some(State::Error) })
        .collect()
}

async fn kept<S: Session>(
    session: &mut S,
    graphs: &mut Graphs,
    task: TaskId,
) -> Result<Option<CsrGraph>, Error> {
    let Some(graph) = graphs.get(task).cloned() else {
        return Ok(None);
    };
    let current = is_current(session, &graph).await?;
    if !current {
        graphs.remove(task);
    }
    Ok(current.then_some(graph))
}

async fn version<S: Session>(session: &mut S, task: TaskId) -> Result<Option<GraphVersion>, Error> {
    ask(session, sql::version(Value::Int(task.0)), version_in).await
}

fn version_in(row: Row<'_>) -> Result<GraphVersion, Error> {
    Ok(GraphVersion {
        steps: row.int(0)?,
        steps_checksum: row.int(1)?,
        edges: row.int(2)?,
        edges_checksum: row.int(3)?,
    })
}

async fn read<S: Session>(session: &mut S, task: TaskId) -> Result<Option<(CsrGraph, Vec<StepId>)>, Error> {
    let graph = |row: Row<'_>| {
        let steps = row.int_array(4)?.into_iter().map(StepId).collect();
        let edges = snapshot::edges(row, 5, 6)?;
        let done = row.int_array(7)?.into_iter().map(StepId).collect();
        Ok(CsrGraph::new(task, version_in(row)?, steps, edges).map(|graph| (graph, done)))
    };
    Ok(ask(session, sql::known_graph(Value::Int(task.0)), graph).await?.flatten())
}

async fn done_steps<S: Session>(session: &mut S, graph: &CsrGraph) -> Result<Vec<StepId>, Error> {
    let ranges = id_ranges(graph.steps().iter().map(|step| step.0));
    let first = Value::int_array(ranges.iter().map(|range| range.0));
    let last = Value::int_array(ranges.iter().map(|range| range.1));
    let query = sql::done_among(first, last);
    let done = |row: Row<'_>| Ok(row.int_array(0)?.into_iter().map(StepId).collect());
    Ok(ask(session, query, done).await?.unwrap_or_default())
}
