//! The kind of a task, and the tasks of some kinds that wait for a worker.
//!
//! A host with handlers of its own finds its tasks with [`pending_tasks`], and the handlers of one with [`task_kind`].

use super::ask;
use crate::error::Error;
use crate::ids::TaskId;
use crate::session::{Session, Value};
use crate::sql::task_kinds as sql;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of task: namespace, name and version of its definition.
///
/// ```
/// use tasker_core::operations::task_kinds::TaskKind;
///
/// let kind = TaskKind { namespace: "payments".into(), name: "settle".into(), version: "0.1.0".into() };
/// assert_eq!(kind.to_string(), "payments/settle 0.1.0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TaskKind {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

impl fmt::Display for TaskKind {
    /// `payments/settle 0.1.0`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {}", self.namespace, self.name, self.version)
    }
}

/// The kind of a task, with the names of its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KindOfTask {
    /// The kind.
    pub kind: TaskKind,
    /// The names of the steps that the task has, each once, in the database's order of texts.
    pub steps: Vec<Box<str>>,
}

/// The kind of a task, with the names of its steps; `None` where there is no such task. One statement, O(steps of the task).
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
/// use tasker_core::operations::task_kinds::task_kind;
///
/// let found = task_kind(&mut *tx, task).await?.expect("a task that exists");
/// assert_eq!(found.kind.to_string(), "default/diamond 0.1.0");
/// assert_eq!(found.steps.len(), 4);
/// # Ok(()) });
/// ```
pub async fn task_kind<S: Session>(session: &mut S, task: TaskId) -> Result<Option<KindOfTask>, Error> {
    ask(session, sql::task_kind(Value::Int(task.0)), |row| {
        let kind = TaskKind {
            namespace: row.text(0)?.to_owned(),
            name: row.text(1)?.to_owned(),
            version: row.text(2)?.to_owned(),
        };
        let steps = row.text_array(3)?.into_iter().flatten().map(String::into_boxed_str).collect();
        Ok(KindOfTask { kind, steps })
    })
    .await
}

/// The first `limit` pending tasks of some kinds by id, of those above `above` where it is given. They may be waiting for something:
/// [`ready_steps`](super::ready::ready_steps) finds those that can go on. One statement, O(tasks that are not complete).
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
/// use tasker_core::operations::task_kinds::{TaskKind, pending_tasks};
///
/// let kind = TaskKind { namespace: "default".into(), name: "diamond".into(), version: "0.1.0".into() };
/// let found = pending_tasks(&mut *tx, &[kind.clone()], None, 200).await?;
/// assert!(found.contains(&task));
/// assert!(!pending_tasks(&mut *tx, &[kind], Some(task), 200).await?.contains(&task));
/// # Ok(()) });
/// ```
pub async fn pending_tasks<S: Session>(
    session: &mut S,
    kinds: &[TaskKind],
    above: Option<TaskId>,
    limit: u32,
) -> Result<Vec<TaskId>, Error> {
    let texts = |of: fn(&TaskKind) -> &str| Value::text_array(kinds.iter().map(of));
    let kinds = sql::Kinds {
        namespaces: texts(|kind| &kind.namespace),
        names: texts(|kind| &kind.name),
        versions: texts(|kind| &kind.version),
    };
    let above = above.map_or(i64::MIN, |task| task.0);
    let query = sql::pending_tasks(kinds, Value::Int(above), Value::Int(i64::from(limit)));
    let found = ask(session, query, |row| row.int_array(0)).await?;
    Ok(found.unwrap_or_default().into_iter().map(TaskId).collect())
}
