//! What has taken longest. The engine has SQL functions for it, which fail each time: what they return is not what they declare.

use super::ask;
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::metrics::rounded_seconds;
use crate::session::{Row, Session, Value};
use crate::sql;
use crate::time::Timestamp;
use serde::Serialize;

/// Which steps or tasks are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Those made since then, on the clock of the columns; within a day, if nothing is said.
    pub since: Option<Timestamp>,
    /// So many at the most.
    pub limit: Option<u32>,
    /// Those of a namespace with that name.
    pub namespace: Option<Box<str>>,
    /// Those of a named task with that name.
    pub task_name: Option<Box<str>>,
    /// Those of a named task of that version.
    pub version: Option<Box<str>>,
}

impl Choice {
    pub(crate) fn binds(&self) -> Vec<Value> {
        let text = |text: &Option<Box<str>>| text.clone().map_or(Value::Null, Value::Text);
        vec![
            self.since.map_or(Value::Null, |since| Value::text(since.to_sql())),
            self.limit.map_or(Value::Null, |limit| Value::Int(limit.into())),
            text(&self.namespace),
            text(&self.task_name),
            text(&self.version),
        ]
    }
}

/// The definition that a task follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Definition {
    /// The named task's name.
    pub task_name: Box<str>,
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its version.
    pub version: Box<str>,
}

/// A complete step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SlowStep {
    /// The step.
    pub step: StepId,
    /// Its task.
    pub task: TaskId,
    /// Its name.
    pub name: Box<str>,
    /// What its task follows.
    pub definition: Definition,
    /// Seconds from its making to its completion, to three digits.
    pub seconds: f64,
    /// Attempts made.
    pub attempts: Option<i32>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was complete.
    pub complete_at: Timestamp,
    /// May it be retried?
    pub retryable: bool,
}

/// A task of which a step has ended, complete or in error.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SlowTask {
    /// The task.
    pub task: TaskId,
    /// What it follows.
    pub definition: Definition,
    /// Seconds from its making to the end of its last ended step, to three digits.
    pub seconds: f64,
    /// Its steps.
    pub steps: i64,
    /// Those that are complete.
    pub complete: i64,
    /// Those in error.
    pub failed: i64,
    /// When it was made.
    pub made_at: Timestamp,
    /// When its last ended step ended.
    pub ended_at: Timestamp,
    /// Who asked for it.
    pub initiator: Option<Box<str>>,
    /// On behalf of what.
    pub source_system: Option<Box<str>>,
}

/// The steps that took longest, the longest first, of equals the lower id. One statement, O(n log n) of the steps since then; and all
/// steps are gone through, since no index says when they were made.
///
/// Source: what the engine's `get_slowest_steps_v01` is meant to return.
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
/// use tasker_core::operations::slowest::{Choice, Definition, SlowStep, SlowTask, slowest_steps, slowest_tasks};
///
/// let choice = Choice { limit: Some(5), namespace: Some("payments".into()), ..Choice::default() };
/// let steps: Vec<SlowStep> = slowest_steps(&mut *tx, &choice).await?;
/// assert!(steps.windows(2).all(|pair| pair[0].seconds >= pair[1].seconds));
/// let tasks: Vec<SlowTask> = slowest_tasks(&mut *tx, &choice).await?;
/// let definitions: Vec<&Definition> = tasks.iter().map(|task| &task.definition).collect();
/// assert!(definitions.iter().all(|definition| &*definition.namespace == "payments"));
/// # Ok(()) });
/// ```
pub async fn slowest_steps<S: Session>(session: &mut S, choice: &Choice) -> Result<Vec<SlowStep>, Error> {
    Ok(ask(session, sql::slowest::steps(choice.binds()), steps).await?.unwrap_or_default())
}

/// The tasks that took longest, likewise. Steps are counted once each. (The engine's `get_slowest_tasks_v01` would count them once for every
/// transition.)
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
pub async fn slowest_tasks<S: Session>(session: &mut S, choice: &Choice) -> Result<Vec<SlowTask>, Error> {
    Ok(ask(session, sql::slowest::tasks(choice.binds()), tasks).await?.unwrap_or_default())
}

fn steps(row: Row<'_>) -> Result<Vec<SlowStep>, Error> {
    let ids = row.int_array(0)?;
    let of = ids.len();
    let tasks = column(row, 1, of, row.int_array(1)?)?;
    let mut names = texts(row, 2, of)?;
    let mut definitions = definitions(row, 3, of)?;
    let durations = column(row, 6, of, row.int_array(6)?)?;
    let attempts = column(row, 7, of, row.optional_i32_array(7)?)?;
    let made = column(row, 8, of, row.int_array(8)?)?;
    let complete = column(row, 9, of, row.int_array(9)?)?;
    let retryable = column(row, 10, of, row.bool_array(10)?)?;
    let step = |(i, id): (usize, i64)| {
        Some(SlowStep {
            step: StepId(id),
            task: TaskId(tasks[i]),
            name: names.next()?.unwrap_or_default(),
            definition: definitions.next()?,
            seconds: rounded_seconds(durations[i].into(), 1),
            attempts: attempts[i],
            made_at: Timestamp(made[i]),
            complete_at: Timestamp(complete[i]),
            retryable: retryable[i],
        })
    };
    Ok(ids.into_iter().enumerate().map_while(step).collect())
}

fn tasks(row: Row<'_>) -> Result<Vec<SlowTask>, Error> {
    let ids = row.int_array(0)?;
    let of = ids.len();
    let mut definitions = definitions(row, 1, of)?;
    let durations = column(row, 4, of, row.int_array(4)?)?;
    let steps = column(row, 5, of, row.int_array(5)?)?;
    let complete = column(row, 6, of, row.int_array(6)?)?;
    let failed = column(row, 7, of, row.int_array(7)?)?;
    let made = column(row, 8, of, row.int_array(8)?)?;
    let ended = column(row, 9, of, row.int_array(9)?)?;
    let (mut initiators, mut systems) = (texts(row, 10, of)?, texts(row, 11, of)?);
    let task = |(i, id): (usize, i64)| {
        Some(SlowTask {
            task: TaskId(id),
            definition: definitions.next()?,
            seconds: rounded_seconds(durations[i].into(), 1),
            steps: steps[i],
            complete: complete[i],
            failed: failed[i],
            made_at: Timestamp(made[i]),
            ended_at: Timestamp(ended[i]),
            initiator: initiators.next()?,
            source_system: systems.next()?,
        })
    };
    Ok(ids.into_iter().enumerate().map_while(task).collect())
}

/// Three columns from `first` on: the names of the task and its namespace, and the version.
fn definitions(row: Row<'_>, first: usize, of: usize) -> Result<impl Iterator<Item = Definition>, Error> {
    let (names, namespaces, versions) =
        (texts(row, first, of)?, texts(row, first + 1, of)?, texts(row, first + 2, of)?);
    Ok(names.zip(namespaces).zip(versions).map(|((task_name, namespace), version)| Definition {
        task_name: task_name.unwrap_or_default(),
        namespace: namespace.unwrap_or_default(),
        version: version.unwrap_or_default(),
    }))
}

fn texts(row: Row<'_>, index: usize, of: usize) -> Result<impl Iterator<Item = Option<Box<str>>>, Error> {
    let texts = column(row, index, of, row.text_array(index)?)?;
    Ok(texts.into_iter().map(|text| text.map(String::into_boxed_str)))
}

fn column<T>(row: Row<'_>, index: usize, of: usize, items: Vec<T>) -> Result<Vec<T>, Error> {
    if items.len() == of { Ok(items) } else { Err(row.unexpected(index, "an array of one element a row")) }
}
