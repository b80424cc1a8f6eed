//! The start of a run.

use super::outcome::{Outcome, StartRefusal};
use super::request::Request;
use super::resume::StartedTask;
use super::stage::Stage;
use super::workflow_run::{WorkflowRun, instant};
use crate::error::Error;
use crate::ids::TransitionId;
use crate::machine::{Machine, Owner};
use crate::session::{Row, Rows, Value};
use crate::sql;
use crate::state::State;
use crate::time::Timestamp;

/// As in a single transition: nobody loses so many races but by design.
const MAX_LOST_RACES: u32 = 16;

impl WorkflowRun {
    pub(super) fn ask_to_start(&mut self, lost_races: u32, now: Timestamp) -> Request {
        let metadata = self.options.task_metadata.as_ref().unwrap_or(&self.options.claim_metadata);
        let metadata = Value::text(&**metadata);
        self.query(Stage::Starting { lost_races }, sql::run::start(self.task_id(), metadata, instant(now)))
    }

    pub(super) fn started(&mut self, rows: &Rows, lost_races: u32, now: Timestamp) -> Result<Request, Error> {
        let Some(row) = rows.first("start task") else {
            return Ok(self.query(Stage::Refused { lost_races }, sql::run::task_state(self.task_id())));
        };
        self.accept(StartedTask::decode(row, 0, self.task)?);
        self.look(now)
    }

    pub(super) fn refused(&mut self, rows: &Rows, lost_races: u32, now: Timestamp) -> Result<Request, Error> {
        let refusal = match TaskRow::first(rows)? {
            None => StartRefusal::UnknownTask,
            Some(TaskRow { complete: true, .. }) => StartRefusal::AlreadyComplete,
            Some(TaskRow { state: State::Pending, .. }) if lost_races + 1 < MAX_LOST_RACES => {
                return Ok(self.ask_to_start(lost_races + 1, now));
            }
            Some(TaskRow { state: State::Pending, .. }) => {
                return Err(Error::Contended {
                    owner: format!("task {}", self.task),
                    to: State::InProgress.to_string(),
                    attempts: MAX_LOST_RACES,
                });
            }
            Some(TaskRow { state, .. }) => StartRefusal::NotPending(state),
        };
        Ok(Request::Done(Outcome::Refused(refusal)))
    }
}

/// The columns of [`sql::run::task_state`].
pub(super) struct TaskRow {
    pub(super) complete: bool,
    pub(super) state: State,
    pub(super) transition: Option<TransitionId>,
}

impl TaskRow {
    pub(super) fn first(rows: &Rows) -> Result<Option<Self>, Error> {
        let decode = |row: Row<'_>| {
            let state = row.optional_text(1)?.map(State::from);
            Ok(TaskRow {
                complete: row.bool(0)?,
                state: Machine::of(Owner::Task).current(state),
                transition: row.optional_int(2)?.map(TransitionId),
            })
        };
        rows.first("state of a task").map(decode).transpose()
    }
}
