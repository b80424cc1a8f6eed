//! A task whose steps have just been created, as a task snapshot would show it.

use super::step_template::Template;
use super::task_snapshot::{RowVersion, TaskSnapshot, TaskSnapshotStep, task_details};
use crate::error::Error;
use crate::ids::{NamedStepId, NamedTaskId, StepId, TaskId};
use crate::records::{Edge, ParentCount, StepDetails, StepRecord, TaskDetails, TaskRecord};
use crate::session::Row;
use crate::state::State;
use crate::time::Timestamp;

/// The steps that were created, and the columns of their task that the statement returns.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::sequence::{Created, create_steps};
/// use tasker_core::operations::task_snapshot::TaskSnapshot;
/// use tasker_core::time::Timestamp;
///
/// // This task has its steps already.
/// let created: Option<Created> = create_steps(&mut *tx, task, &[], "{}", Timestamp(0)).await?;
/// let snapshot: Option<TaskSnapshot> = created.map(|created| created.snapshot());
/// # let _ = snapshot;
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// In the order of the templates.
    pub steps: Vec<StepId>,
    named_steps: Vec<NamedStepId>,
    wanted: Wanted,
    now: Timestamp,
    inputs: Box<str>,
    task: TaskRecord,
    task_details: TaskDetails,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) templates: Vec<Template>,
    /// Pairs of places in `templates`.
    pub(super) edges: Vec<(usize, usize)>,
    pub(super) at: Timestamp,
}

impl Created {
    /// Reads the answer to [`create`](crate::sql::sequence::create). O(steps)
    pub(super) fn decode(row: Row<'_>, task: TaskId, wanted: Wanted) -> Result<Self, Error> {
        let steps: Vec<StepId> = row.int_array(1)?.into_iter().map(StepId).collect();
        let named_steps: Vec<NamedStepId> = row.int_array(2)?.into_iter().map(NamedStepId).collect();
        for (column, length) in [(1, steps.len()), (2, named_steps.len())] {
            if length != wanted.templates.len() {
                return Err(row.unexpected(column, "an array of one element a template"));
            }
        }
        let task = TaskRecord {
            id: task,
            named_task_id: NamedTaskId(row.int(4)?),
            state: row.optional_text(5)?.map(State::from),
        };
        Ok(Created {
            steps,
            named_steps,
            wanted,
            now: row.timestamp(0)?,
            inputs: row.text(3)?.into(),
            task,
            task_details: task_details(row, 6)?,
        })
    }

    /// The task as it was left: the next result of [`task_snapshot`](super::task_snapshot::task_snapshot), except for the versions of the rows, of which
    /// nothing is known, and for what triggers of the database have written. No statement; O(edges), and a copy of the inputs for each step.
    pub fn snapshot(&self) -> TaskSnapshot {
        let mut steps: Vec<TaskSnapshotStep> = self
            .parents()
            .into_iter()
            .enumerate()
            .map(|(place, parents)| self.step(place, parents))
            .collect();
        steps.sort_unstable_by_key(|step| step.facts.id);
        let edge = |&(from, to): &(usize, usize)| Edge { from: self.steps[from], to: self.steps[to] };
        TaskSnapshot {
            now: self.now,
            task: self.task.clone(),
            task_version: RowVersion::default(),
            task_details: Some(self.task_details.clone()),
            steps,
            edges: self.wanted.edges.iter().map(edge).collect(),
            latest_completion: None,
            row_triggers: Vec::new(),
        }
    }

    #[doc(hidden)]
    #[deprecated = "use `snapshot`"]
    pub fn survey(&self) -> TaskSnapshot {
        self.snapshot()
    }

    fn parents(&self) -> Vec<ParentCount> {
        let mut parents = vec![ParentCount::default(); self.steps.len()];
        for &(_, to) in &self.wanted.edges {
            parents[to].total += 1;
        }
        parents
    }

    /// As the statement has inserted it.
    fn step(&self, place: usize, parents: ParentCount) -> TaskSnapshotStep {
        let template = &self.wanted.templates[place];
        let facts = StepRecord {
            id: self.steps[place],
            task_id: self.task.id,
            named_step_id: self.named_steps[place],
            name: template.name.clone(),
            state: None,
            failed_at: None,
            processed: false,
            in_process: false,
            retryable: template.retryable,
            attempts: Some(0),
            retry_limit: Some(template.retry_limit),
            backoff_request_seconds: None,
            last_attempted_at: None,
            parents,
        };
        let details = StepDetails {
            skippable: template.skippable,
            processed_at: None,
            inputs: Some(self.inputs.clone()),
            results: Some("{}".into()),
            created_at: self.wanted.at,
            updated_at: self.wanted.at,
        };
        TaskSnapshotStep { facts, version: RowVersion::default(), details: Some(details) }
    }
}
