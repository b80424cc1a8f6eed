//! The statements by which a worker finds and starts tasks.

use super::registry::Registry;
use super::schedule::Look;
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::run::StartedTask;
use crate::session::{Row, Session, Value};
use crate::sql::worker::{self as sql, StartTasks};
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// The kinds of task and steps that a worker serves, encoded.
pub(super) struct Served {
    namespaces: Value,
    names: Value,
    versions: Value,
    kinds: Value,
    steps: Value,
}

/// A task that a look has started, and the place of its kind in the registry.
pub(super) struct Found {
    pub(super) started: StartedTask,
    pub(super) kind: usize,
}

impl Served {
    pub(super) fn new(registry: &Registry) -> Self {
        let texts = |of: fn(&super::TaskKind) -> &str| Value::text_array(registry.kinds().map(of));
        let steps = || {
            let sets = registry.sets().iter().zip(1i64..);
            sets.flat_map(|(set, place)| set.steps().map(move |step| (place, step)))
        };
        Served {
            namespaces: texts(|kind| &kind.namespace),
            names: texts(|kind| &kind.name),
            versions: texts(|kind| &kind.version),
            kinds: Value::int_array(steps().map(|(place, _)| place)),
            steps: Value::text_array(steps().map(|(_, step)| step)),
        }
    }

    fn statement(&self, look: &Look, above: Option<TaskId>) -> StartTasks {
        let ids = |tasks: &[TaskId]| Value::int_array(tasks.iter().map(|task| task.0));
        StartTasks {
            namespaces: self.namespaces.clone(),
            names: self.names.clone(),
            versions: self.versions.clone(),
            kinds: self.kinds.clone(),
            steps: self.steps.clone(),
            among: look.among.as_deref().map_or(Value::Null, ids),
            except: ids(&look.except),
            above: Value::Int(above.map_or(i64::MIN, |task| task.0)),
            limit: Value::Null,
            metadata: Value::Null,
            at: Value::Null,
        }
    }

    /// Starts up to `most` tasks with which the worker can go on, the oldest first.
    pub(super) async fn start<S: Session>(
        &self,
        session: &mut S,
        look: &Look,
        above: Option<TaskId>,
        most: usize,
        metadata: &str,
        now: Timestamp,
    ) -> Result<Vec<Found>, Error> {
        let query = sql::start_tasks(StartTasks {
            limit: Value::Int(i64::try_from(most).unwrap_or(i64::MAX)),
            metadata: Value::text(metadata),
            at: Value::text(now.to_sql()),
            ..self.statement(look, above)
        });
        let name = query.name;
        let rows = session.rows(query).await?;
        rows.iter(name).map(found).collect()
    }

    /// The last of the pending tasks above `above` that one look sees, where there are more than it sees.
    pub(super) async fn end_of_window<S: Session>(
        &self,
        session: &mut S,
        look: &Look,
        above: Option<TaskId>,
    ) -> Result<Option<TaskId>, Error> {
        let query = sql::window_of_pending(self.statement(look, above));
        let name = query.name;
        let rows = session.rows(query).await?;
        let Some(row) = rows.first(name) else { return Ok(None) };
        let full = row.count(1)? as usize >= sql::WINDOW;
        Ok(row.optional_int(0)?.map(TaskId).filter(|_| full))
    }
}

fn found(row: Row<'_>) -> Result<Found, Error> {
    let task = TaskId(row.int(0)?);
    let mut started = StartedTask::decode(row, 1, task)?;
    let own: BTreeSet<StepId> = row.int_array(6)?.into_iter().map(StepId).collect();
    // A run of a task that is the worker's alone need not say so in its statements.
    started.own = (own.len() < started.steps.len()).then_some(own);
    let kind = usize::try_from(row.int(7)? - 1).map_err(|_| row.unexpected(7, "a place, counted from 1"))?;
    Ok(Found { started, kind })
}
