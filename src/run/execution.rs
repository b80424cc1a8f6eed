//! One attempt at a step: what it begins with.

use crate::error::Error;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::session::{Row, Session, Value};
use crate::sql::run as sql;
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
    /// The inputs that it was created with, as JSON text.
    pub inputs: Option<Box<str>>,
    /// The results of earlier attempts, as JSON text.
    pub results: Option<Box<str>>,
    /// Attempts before this one.
    pub attempts: i32,
    /// Attempts allowed.
    pub retry_limit: i32,
    /// The token of the claim.
    pub claim: TransitionId,
    /// The step to claim with the end of this one. A host that no longer waits for the step withdraws the permission by `None`.
    pub successor: Option<StepId>,
    /// The run's claim of the task.
    pub(super) task_claim: TransitionId,
    pub(super) claim_metadata: Arc<str>,
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

    /// Reads one column of a claim's statements.
    pub(super) fn decode(
        row: Row<'_>,
        column: usize,
        task: TaskId,
        task_claim: TransitionId,
        claim_metadata: &Arc<str>,
    ) -> Result<Self, Error> {
        row.unpacked_column(column, |cells| {
            Ok(StepExecution {
                task,
                step: StepId(cells.int(0)?),
                claim: TransitionId(cells.int(1)?),
                name: cells.text(2)?.into(),
                inputs: cells.optional_text(3)?.map(Box::from),
                results: cells.optional_text(4)?.map(Box::from),
                attempts: cells.optional_i32(5)?.unwrap_or(0),
                retry_limit: cells.optional_i32(6)?.unwrap_or(crate::readiness::DEFAULT_RETRY_LIMIT),
                successor: None,
                task_claim,
                claim_metadata: Arc::clone(claim_metadata),
            })
        })
    }
}
