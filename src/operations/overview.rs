//! A task as people look at it: its steps, the edges between them and their history.

use super::{ask, snapshot};
use crate::blocker::Blocker;
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::records::{Edge, StepRecord};
use crate::session::{Row, Session, Value};
use crate::sql;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::HashMap;

/// A task with everything that its pictures show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskOverview {
    /// The task.
    pub task: TaskId,
    /// The name of its definition.
    pub name: Box<str>,
    /// The version of its definition.
    pub version: Box<str>,
    /// The namespace of its definition.
    pub namespace: Box<str>,
    /// Its state; `pending` where there is no transition.
    pub state: State,
    /// The database's clock when the steps were read.
    pub now: Timestamp,
    /// Its steps, by id.
    pub steps: Vec<StepRecord>,
    /// The edges that end at its steps, in the order in which they were made. They may begin at steps of other tasks.
    pub edges: Vec<Edge>,
    /// The transitions of its steps, by step, then in the order of its history.
    pub history: Vec<StepChange>,
}

/// A transition of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepChange {
    /// The step.
    pub step: StepId,
    /// Its new state.
    pub to: State,
    /// When that was written.
    pub at: Timestamp,
}

impl TaskOverview {
    /// What keeps each step from being run, in the order of the steps; see [`Blocker::of`]. O(steps + edges)
    pub fn blockers(&self) -> Vec<Option<Blocker>> {
        let states: HashMap<StepId, &State> =
            self.steps.iter().filter_map(|step| Some((step.id, step.state.as_ref()?))).collect();
        let mut parents: HashMap<StepId, Vec<Option<&State>>> = HashMap::new();
        for edge in &self.edges {
            parents.entry(edge.to).or_default().push(states.get(&edge.from).copied());
        }
        let none = Vec::new();
        let blocker = |step: &StepRecord| {
            let parents = parents.get(&step.id).unwrap_or(&none);
            Blocker::of(step, self.now, parents.iter().copied())
        };
        self.steps.iter().map(blocker).collect()
    }
}

/// Everything that is shown of a task; `None` if there is no such task.
///
/// Two statements, O(steps + edges + transitions). The edges and the history are read after the states, so that the history may
/// already contain a transition that the states do not show yet.
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
/// use tasker_core::blocker::Blocker;
/// use tasker_core::operations::overview::{StepChange, TaskOverview, task_overview};
///
/// let overview: TaskOverview = task_overview(&mut *tx, task).await?.expect("a task that exists");
/// let history: &[StepChange] = &overview.history;
/// assert!(history.is_empty());
/// assert_eq!(overview.blockers()[1], Some(Blocker::Parents { open: 1, total: 1 }));
/// # Ok(()) });
/// ```
pub async fn task_overview<S: Session>(session: &mut S, task: TaskId) -> Result<Option<TaskOverview>, Error> {
    let query = sql::records::tasks_with_steps("steps of an overview", Value::int_array([task.0]));
    let read = |row: Row<'_>| Ok((snapshot::tasks(row)?, snapshot::steps(row)?));
    let Some((tasks, snapshot)) = ask(session, query, read).await? else {
        return Ok(None);
    };
    let Some(facts) = tasks.into_iter().next() else {
        return Ok(None);
    };
    ask(session, sql::overview::overview(Value::Int(task.0)), |row| {
        Ok(TaskOverview {
            task,
            name: row.text(0)?.into(),
            version: row.text(1)?.into(),
            namespace: row.text(2)?.into(),
            state: facts.state.unwrap_or(State::Pending),
            now: snapshot.now,
            steps: snapshot.steps,
            edges: snapshot::edges(row, 3, 4)?,
            history: history(row)?,
        })
    })
    .await
}

fn history(row: Row<'_>) -> Result<Vec<StepChange>, Error> {
    let (steps, states, instants) = (row.int_array(5)?, row.text_array(6)?, row.int_array(7)?);
    if let Some(short) = [states.len(), instants.len()].iter().position(|&length| length != steps.len()) {
        return Err(row.unexpected(6 + short, "an array of one element a transition"));
    }
    let columns = steps.into_iter().zip(states).zip(instants);
    Ok(columns
        .map(|((step, to), at)| StepChange {
            step: StepId(step),
            to: State::from(to.unwrap_or_default()),
            at: Timestamp(at),
        })
        .collect())
}
