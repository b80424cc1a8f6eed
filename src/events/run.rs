//! A run whose events are published.

use super::bridge::Bridge;
use super::event::Event;
use super::name::EventName;
use super::payload::{of_no_viable_steps, of_viable_steps};
use crate::error::Error;
use crate::ids::TaskId;
use crate::run::{self, EventKind, Options, Outcome, StepExecution, StepFailure, run_workflow_with_listener};
use crate::session::{Access, Query, Session, Value};
use crate::transitions::now;

const DEFINITION: &str = "
select n.name::text, d.name::text, d.version::text
from tasker_tasks t
  join tasker_named_tasks d on d.named_task_id = t.named_task_id
  join tasker_task_namespaces n on n.task_namespace_id = d.task_namespace_id
where t.task_id = $1::bigint";

/// [`run_workflow`](run::run_workflow) whose events reach the subscribers of a bridge.
///
/// The bridge reads the transitions of the run when they are committed: it is woken with each claim, each end and at the end of the run, which costs
/// the run nothing. `workflow.viable_steps_discovered` and `workflow.no_viable_steps` are published by the run itself, if they have
/// subscribers; a run with subscribers to the first one cannot claim a step with the end of the one before.
///
/// # Errors
///
/// As of [`run_workflow`](run::run_workflow).
///
/// ```no_run
/// # async fn run(bridge: &tasker_core::events::Bridge, connection: &mut sqlx::PgConnection) -> Result<(), tasker_core::Error> {
/// use serde_json::json;
/// use tasker_core::events;
/// use tasker_core::ids::TaskId;
/// use tasker_core::run::Options;
///
/// events::run_workflow(connection, TaskId(7), Options::default(), bridge, async |step| Ok(json!({ "step": step.name }))).await?;
/// # Ok(()) }
/// ```
pub async fn run_workflow<S, H>(
    session: &mut S,
    task: TaskId,
    mut options: Options,
    bridge: &Bridge,
    handler: H,
) -> Result<Outcome, Error>
where
    S: Session + Send,
    H: AsyncFn(StepExecution) -> Result<serde_json::Value, StepFailure>,
{
    let publisher = bridge.publisher();
    let found = [
        (EventKind::StepsDiscovered, EventName::ViableStepsDiscovered),
        (EventKind::NoStepsReady, EventName::NoViableSteps),
    ];
    let found = found.into_iter().filter(|(_, name)| publisher.has_subscribers_to(*name));
    options.listeners.extend(found.map(|(kind, _)| kind));
    let definition = if options.listeners.is_empty() { None } else { definition(session, task).await? };
    let listener = |event| {
        if let Some(event) = definition.as_ref().and_then(|definition| published(task, definition, event)) {
            publisher.publish(event);
        }
    };
    let woken = async |step: StepExecution| {
        bridge.wake();
        let result = handler(step).await;
        bridge.wake();
        result
    };
    let outcome = run_workflow_with_listener(session, task, options, listener, woken).await;
    bridge.wake();
    outcome
}

struct Definition {
    namespace: Box<str>,
    name: Box<str>,
    version: Box<str>,
}

/// None where there is no such task, which the run itself reports.
async fn definition<S: Session>(session: &mut S, task: TaskId) -> Result<Option<Definition>, Error> {
    let binds = vec![Value::Int(task.0)];
    let query = Query { name: "task definition", sql: DEFINITION, binds, access: Access::Read };
    let rows = session.rows(query).await?;
    let Some(row) = rows.first("task definition") else { return Ok(None) };
    Ok(Some(Definition {
        namespace: row.text(0)?.into(),
        name: row.text(1)?.into(),
        version: row.text(2)?.into(),
    }))
}

/// None for transitions, which the bridge reads.
fn published(task: TaskId, definition: &Definition, event: run::Event) -> Option<Event> {
    let at = now();
    let (name, payload) = match event {
        run::Event::StepsDiscovered(steps) => {
            (EventName::ViableStepsDiscovered, of_viable_steps(task, &steps, at))
        }
        run::Event::NoStepsReady => (EventName::NoViableSteps, of_no_viable_steps(task, at)),
        _ => return None,
    };
    Some(Event {
        name,
        task,
        step: None,
        namespace: definition.namespace.clone(),
        task_name: definition.name.clone(),
        task_version: definition.version.clone(),
        state: None,
        transition: None,
        at,
        payload,
    })
}
