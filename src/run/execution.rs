//! One attempt at a step: what it begins with.

use super::rows::{StepRows, TaskRow};
use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::session::{Row, Session, Value};
use crate::sql::run as sql;
use crate::state::State;
use std::sync::Arc;

/// An attempt at a step that is claimed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepExecution {
    /// Its task.
    pub task: TaskId,
    /// The step.
    pub step: StepId,
    /// The name of its definition.
    pub name: Box<str>,
    /// The inputs that it was created with, as JSON text. Not read where there are records, and neither are the results.
    pub inputs: Option<Box<str>>,
    /// The results of earlier attempts, as JSON text.
    pub results: Option<Box<str>>,
    /// The state that it was in before its claim: pending, or in error if this is another attempt.
    pub was: State,
    /// Attempts before this one.
    pub attempts: i32,
    /// Attempts allowed.
    pub retry_limit: i32,
    /// The token of the claim.
    pub claim: TransitionId,
    /// The step to claim with the end of this one. A host that no longer waits for the step withdraws the permission by `None`.
    pub successor: Option<StepId>,
    /// The rows, where [`Options::records`](super::Options::records) asks for them.
    pub records: Option<Box<StepRows>>,
    pub(super) claimant: Claimant,
}

/// On whose behalf steps are claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claimant {
    pub(super) task: TaskId,
    /// The run's claim of the task.
    pub(super) task_claim: TransitionId,
    pub(super) metadata: Arc<str>,
    /// Whether records are wanted.
    pub(super) records: bool,
    pub(super) retries: bool,
    pub(super) names: Names,
    /// The version of the task's row that was sent last.
    pub(super) task_version: Option<Arc<str>>,
}

/// Whether the end of a step compares its name with those of the task's other steps, as the engine's validations do on saving: they refuse a
/// step of which there is another one of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// No.
    #[default]
    NotCompared,
    /// With those of all others. O(steps) an end.
    Compared,
    /// With those of later steps than this one, up to which they are known to differ.
    DistinctTo(StepId),
}

impl Names {
    /// The step with whose successors names are compared, as a parameter.
    pub(super) fn distinct_to(self) -> Value {
        match self {
            Names::NotCompared => Value::Null,
            Names::Compared => Value::Int(i64::MIN),
            Names::DistinctTo(step) => Value::Int(step.0),
        }
    }
}

impl Claimant {
    pub(super) fn task_claim(&self) -> Value {
        Value::Int(self.task_claim.0)
    }

    pub(super) fn metadata(&self) -> Value {
        Value::text(&*self.metadata)
    }

    pub(super) fn task_version(&self) -> Value {
        self.task_version.as_deref().map_or(Value::Null, Value::text)
    }

    /// A look at these steps, or at all of the task's.
    pub(super) fn look(&self, among: Option<Value>) -> sql::Look {
        sql::Look {
            task: Value::Int(self.task.0),
            task_claim: self.task_claim(),
            records: Value::Bool(self.records),
            task_version: self.task_version(),
            retries: Value::Bool(self.retries),
            among,
        }
    }
}

/// The results of a step for which another one waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentResults {
    /// The parent.
    pub step: StepId,
    /// The name of its definition.
    pub name: Box<str>,
    /// Its results, as JSON text.
    pub results: Option<Box<str>>,
}

impl StepExecution {
    /// The results of the steps that this one waits for, by id. One statement, O(parents).
    ///
    /// # Errors
    ///
    /// Those of the session, and [`Error::Decode`] for an answer that does not fit.
    pub async fn parents<S: Session>(&self, session: &mut S) -> Result<Vec<ParentResults>, Error> {
        let query = sql::parents(Value::Int(self.step.0));
        let name = query.name;
        let rows = session.rows(query).await?;
        let parent = |row: Row<'_>| {
            Ok(ParentResults {
                step: StepId(row.int(0)?),
                name: row.text(1)?.into(),
                results: row.optional_text(2)?.map(Box::from),
            })
        };
        rows.iter(name).map(parent).collect()
    }

    /// Reads the columns of a claim from `first` on: the execution, records, and the task's record.
    pub(super) fn decode(row: Row<'_>, first: usize, claimant: &Claimant) -> Result<Self, Error> {
        let task = TaskRow::decode(row, first + 2)?;
        let records = StepRows::decode(row, first + 1, task)?;
        let mut execution = row.unpacked_column(first, |cells| {
            Ok(StepExecution {
                task: claimant.task,
                step: StepId(cells.int(0)?),
                claim: TransitionId(cells.int(1)?),
                name: cells.text(2)?.into(),
                inputs: cells.optional_text(3)?.map(Box::from),
                results: cells.optional_text(4)?.map(Box::from),
                attempts: cells.optional_i32(5)?.unwrap_or(0),
                retry_limit: cells.optional_i32(6)?.unwrap_or(crate::readiness::DEFAULT_RETRY_LIMIT),
                was: State::from(cells.text(7)?),
                successor: None,
                records: None,
                claimant: claimant.clone(),
            })
        })?;
        execution.take_records(records);
        Ok(execution)
    }

    fn take_records(&mut self, records: Option<Box<StepRows>>) {
        if let Some(task) = records.as_ref().and_then(|records| records.task.as_ref()) {
            self.claimant.task_version = Some(Arc::clone(task.version()));
        }
        self.records = records;
    }

    /// Takes over the task's record that was sent with another execution.
    pub(super) fn take_task(&mut self, task: &Arc<TaskRow>) {
        if let Some(records) = &mut self.records {
            records.task = Some(Arc::clone(task));
        }
        self.claimant.task_version = Some(Arc::clone(task.version()));
    }
}
