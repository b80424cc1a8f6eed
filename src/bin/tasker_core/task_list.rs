//! `task list`

use crate::arguments::{ListOptions, TaskFilters};
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use comfy_table::Cell;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::HashMap;
use tasker_core::models::{NamedTask, Task, TaskTransition};
use tasker_core::query::Query;
use tasker_core::time::Timestamp;

/// A task with what a list shows of it.
struct Row {
    task: Task,
    namespace: String,
    name: String,
    version: String,
    state: String,
}

pub async fn list(connection: &mut PgConnection, options: &ListOptions) -> Result<Answer, Failure> {
    let rows = rows(connection, &query(options)).await?;
    if options.json {
        return Ok(Answer::json(&rows.iter().map(as_json).collect()));
    }
    let header = ["TASK", "NAMESPACE", "NAME", "VERSION", "STATE", "REQUESTED (UTC)", "INITIATOR"];
    let cells = rows.iter().map(|row| {
        [
            Cell::new(row.task.task_id),
            Cell::new(&row.namespace),
            Cell::new(&row.name),
            Cell::new(&row.version),
            output::state(&row.state),
            Cell::new(output::instant(Timestamp::from(row.task.requested_at))),
            output::or_dash(row.task.initiator.as_deref()),
        ]
    });
    Ok(Answer::text(output::table(header, cells)))
}

/// The tasks of these filters, as scopes.
pub fn filtered(filters: &TaskFilters) -> Query<Task> {
    let mut query = Query::<Task>::new();
    if let Some(namespace) = &filters.namespace {
        query = query.in_namespace(namespace);
    }
    if let Some(name) = &filters.name {
        query = query.with_task_name(name);
    }
    if let Some(version) = &filters.version {
        query = query.with_version(version);
    }
    query
}

fn query(options: &ListOptions) -> Query<Task> {
    let mut query = filtered(&options.filters);
    if let Some(state) = options.state {
        query = query.by_current_state(state);
    }
    if options.active {
        query = query.active();
    }
    if let Some([kind, key, value]) = options.annotation.as_deref() {
        query = query.by_annotation(kind, key, value);
    }
    if let Some(since) = options.created_since {
        query = query.created_since(since);
    }
    if let Some(since) = options.completed_since {
        query = query.completed_since(since);
    }
    if let Some(since) = options.failed_since {
        query = query.failed_since(since);
    }
    if let Some(id) = options.before {
        query = query.filter(Task::task_id.lt(id));
    }
    query.order_by(Task::task_id.desc()).limit(options.limit)
}

/// Four statements, however many tasks there are.
async fn rows(connection: &mut PgConnection, query: &Query<Task>) -> Result<Vec<Row>, Failure> {
    let (tasks, named) = query.all_with(Task::NAMED_TASK, &mut *connection).await?;
    let kinds: Vec<NamedTask> = tasks.iter().flat_map(|task| named.of(task)).cloned().collect();
    let namespaces = NamedTask::TASK_NAMESPACE.load(&kinds, &mut *connection).await?;
    let current = Query::<TaskTransition>::new()
        .filter(TaskTransition::most_recent.eq(true))
        .filter(TaskTransition::task_id.is_in(tasks.iter().map(|task| task.task_id)))
        .all(&mut *connection)
        .await?;
    let mut states: HashMap<i64, String> =
        current.into_iter().map(|transition| (transition.task_id, transition.to_state)).collect();
    let row = |task: Task| {
        let kind = named.of(&task).first();
        let namespace = kind.and_then(|kind| namespaces.of(kind).first());
        Row {
            namespace: namespace.map(|namespace| namespace.name.clone()).unwrap_or_default(),
            name: kind.map(|kind| kind.name.clone()).unwrap_or_default(),
            version: kind.map(|kind| kind.version.clone()).unwrap_or_default(),
            state: states.remove(&task.task_id).unwrap_or_else(|| "pending".to_owned()),
            task,
        }
    };
    Ok(tasks.into_iter().map(row).collect())
}

fn as_json(row: &Row) -> Value {
    json!({
        "task_id": row.task.task_id,
        "namespace": row.namespace,
        "name": row.name,
        "version": row.version,
        "state": row.state,
        "complete": row.task.complete,
        "requested_at": Timestamp::from(row.task.requested_at).to_sql(),
        "initiator": row.task.initiator,
        "source_system": row.task.source_system,
        "reason": row.task.reason,
    })
}
