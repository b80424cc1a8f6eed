//! Completion statistics of a task.

use crate::error::Error;
use crate::ids::TaskId;
use crate::session::{Session, Value};
use crate::sql;
use crate::time::Timestamp;

/// How many steps a task has, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompletionStatistics {
    /// All of them.
    pub total: u32,
    /// Complete or resolved manually.
    pub completed: u32,
    /// In error.
    pub failed: u32,
    /// When the last of the completed ones was processed.
    pub latest_completion: Option<Timestamp>,
}

impl CompletionStatistics {
    /// Everything that is neither completed nor failed; to the engine, cancelled steps and those in progress are pending here.
    pub fn pending(&self) -> u32 {
        self.total - self.completed - self.failed
    }

    /// Is there a step, and is every step completed?
    pub fn all_complete(&self) -> bool {
        self.total > 0 && self.completed == self.total
    }
}

/// The completion statistics of a task; all zero for an unknown one. One statement, O(steps).
///
/// Equal to the engine's `WorkflowStep.task_completion_stats`, which takes four.
pub async fn completion_statistics<S: Session>(
    session: &mut S,
    task: TaskId,
) -> Result<CompletionStatistics, Error> {
    let query = sql::statistics::completion(Value::Int(task.0));
    let name = query.name;
    let rows = session.rows(query).await?;
    let Some(row) = rows.first(name) else {
        return Ok(CompletionStatistics::default());
    };
    Ok(CompletionStatistics {
        total: row.count(0)?,
        completed: row.count(1)?,
        failed: row.count(2)?,
        latest_completion: row.optional_timestamp(3)?,
    })
}
