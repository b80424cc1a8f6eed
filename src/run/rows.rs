//! Whole rows, for hosts whose handlers work on records of their own.

use crate::error::Error;
use crate::ids::StepId;
use crate::machine::{Machine, Owner};
use crate::session::{Row, Value};
use crate::state::State;
use std::sync::Arc;

/// The row of a step: the sixteen columns of its table, in the table's order. Instants are microseconds, JSON is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// The step.
    pub step: StepId,
    /// The state that it is in.
    pub state: State,
    /// The version of the row: [`RowVersion`](crate::operations::task_snapshot::RowVersion).
    pub version: Box<str>,
    cells: Vec<Value>,
}

impl StepRow {
    /// The columns.
    pub fn cells(&self) -> &[Value] {
        &self.cells
    }

    fn decode(cells: Row<'_>) -> Result<Self, Error> {
        let state = cells.optional_text(1)?.map(State::from);
        Ok(StepRow {
            step: StepId(cells.int(0)?),
            state: Machine::of(Owner::Step).current(state),
            version: cells.text(2)?.into(),
            cells: cells.cells().iter().skip(3).cloned().collect(),
        })
    }
}

/// The row of a task: the thirteen columns of its table, in the table's order. Instants are microseconds, JSON is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    version: Arc<str>,
    cells: Vec<Value>,
}

impl TaskRow {
    /// The columns.
    pub fn cells(&self) -> &[Value] {
        &self.cells
    }

    /// The version of the row: [`RowVersion`](crate::operations::task_snapshot::RowVersion).
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// Reads a packed column; `None` where the row is not sent.
    pub(super) fn decode(row: Row<'_>, column: usize) -> Result<Option<Arc<Self>>, Error> {
        if row.optional_text(column)?.is_none() {
            return Ok(None);
        }
        row.unpacked_column(column, |cells| {
            Ok(Some(Arc::new(TaskRow {
                version: cells.text(0)?.into(),
                cells: cells.cells().iter().skip(1).cloned().collect(),
            })))
        })
    }
}

/// The records of a claimed step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRows {
    /// Of the step.
    pub step: StepRow,
    /// Of the steps that it waits for: one for each edge, in the order in which the edges were made.
    pub parents: Vec<StepRow>,
    /// Of its task, if that is new since the run's last claim.
    pub task: Option<Arc<TaskRow>>,
}

impl StepRows {
    /// Reads a packed column of the step and its parents; `None` where no records are wanted.
    pub(super) fn decode(
        row: Row<'_>,
        column: usize,
        task: Option<Arc<TaskRow>>,
    ) -> Result<Option<Box<Self>>, Error> {
        if row.optional_text(column)?.is_none() {
            return Ok(None);
        }
        let mut records = row.unpacked_rows(column, StepRow::decode)?.into_iter();
        let step = records.next().ok_or_else(|| row.unexpected(column, "the record of a step"))?;
        Ok(Some(Box::new(StepRows { step, parents: records.collect(), task })))
    }
}
