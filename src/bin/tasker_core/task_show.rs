//! `task show`

use crate::arguments::ShowOptions;
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use comfy_table::Cell;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::HashMap;
use tasker_core::blocker::Blocker;
use tasker_core::draw::{Diagram, Timeline};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::overview::{TaskOverview, task_overview};
use tasker_core::readiness::retry_limit;
use tasker_core::records::StepRecord;
use tasker_core::state::State;
use tasker_core::time::Timestamp;

pub async fn show(connection: &mut PgConnection, options: &ShowOptions) -> Result<Answer, Failure> {
    let task = task_overview(connection, TaskId(options.id)).await?.ok_or_else(|| {
        Failure::Refused(format!("no task {}: expected the id of a task of this database", options.id))
    })?;
    let format = &options.format;
    Ok(match () {
        () if format.json => Answer::json(&as_json(&task)),
        () if format.dot => Answer::text(Diagram::of_task(&task).to_dot()),
        () if format.mermaid => Answer::text(Diagram::of_task(&task).to_mermaid()),
        () if format.svg => Answer::text(Diagram::of_task(&task).to_svg()),
        () if format.timeline => Answer::text(Timeline::of_task(&task).to_svg()),
        () => Answer::text(as_table(&task)),
    })
}

/// A step with what follows from its neighbours.
struct Step<'t> {
    facts: &'t StepRecord,
    blocker: Option<Blocker>,
    parents: Vec<StepId>,
}

impl Step<'_> {
    fn state(&self) -> &str {
        self.facts.state.as_ref().map_or("pending", State::as_str)
    }

    fn is_ready(&self) -> bool {
        self.blocker.is_none() && matches!(self.facts.state, None | Some(State::Pending | State::Error))
    }

    fn next_retry(&self) -> Option<Timestamp> {
        match self.blocker {
            Some(Blocker::Backoff { until }) => Some(until),
            _ => None,
        }
    }

    fn parents(&self) -> String {
        self.parents.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

fn steps(task: &TaskOverview) -> Vec<Step<'_>> {
    let mut parents: HashMap<StepId, Vec<StepId>> = HashMap::new();
    for edge in &task.edges {
        parents.entry(edge.to).or_default().push(edge.from);
    }
    let blocked = task.steps.iter().zip(task.blockers());
    blocked
        .map(|(facts, blocker)| Step {
            facts,
            blocker,
            parents: parents.remove(&facts.id).unwrap_or_default(),
        })
        .collect()
}

fn as_table(task: &TaskOverview) -> String {
    let head =
        format!("task {}  {}/{} {}  {}", task.task, task.namespace, task.name, task.version, task.state);
    let rows = steps(task).into_iter().map(|step| {
        let why = match step.blocker {
            Some(blocker) => blocker.to_string(),
            None if step.is_ready() => "ready".to_owned(),
            None => String::new(),
        };
        [
            Cell::new(step.facts.id),
            Cell::new(&step.facts.name),
            output::state(step.state()),
            Cell::new(format!("{}/{}", step.facts.attempts.unwrap_or(0), retry_limit(step.facts))),
            output::or_dash(step.next_retry().map(output::instant).as_deref()),
            output::or_dash(Some(&step.parents())),
            output::or_dash(Some(&why)),
        ]
    });
    let header = ["STEP", "NAME", "STATE", "ATTEMPTS", "NEXT RETRY (UTC)", "DEPENDS ON", "WAITS"];
    format!("{head}\n\n{}", output::table(header, rows))
}

fn as_json(task: &TaskOverview) -> Value {
    let steps: Vec<Value> = steps(task)
        .into_iter()
        .map(|step| {
            json!({
                "step_id": step.facts.id.0,
                "name": step.facts.name,
                "state": step.state(),
                "ready": step.is_ready(),
                "waits": step.blocker.map(|blocker| blocker.to_string()),
                "attempts": step.facts.attempts.unwrap_or(0),
                "retry_limit": retry_limit(step.facts),
                "last_attempted_at": step.facts.last_attempted_at.map(Timestamp::to_sql),
                "next_retry_at": step.next_retry().map(Timestamp::to_sql),
                "depends_on": step.parents.iter().map(|parent| parent.0).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "task_id": task.task.0,
        "namespace": task.namespace,
        "name": task.name,
        "version": task.version,
        "state": task.state.as_str(),
        "read_at": task.now.to_sql(),
        "steps": steps,
    })
}
