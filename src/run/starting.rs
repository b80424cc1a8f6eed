//! The start of a run.

use super::outcome::{Outcome, StartRefusal};
use super::request::Request;
use super::resume::StartedTask;
use super::stage::{Sight, Stage};
use super::workflow_run::{WorkflowRun, instant};
use crate::error::Error;
use crate::ids::TransitionId;
use crate::machine::{Machine, Owner};
use crate::session::{Row, Rows, Value};
use crate::sql;
use crate::state::State;
use crate::time::Timestamp;

/// The first column of *start and claim* that is about the task.
const FIRST_COLUMN: usize = 6;

/// As in a single transition: only a constructed case loses so many races.
const MAX_LOST_RACES: u32 = 16;

impl WorkflowRun {
    pub(super) fn begin(&mut self, now: Timestamp) -> Request {
        if self.options.joins_start() {
            return self.ask_to_start_and_claim(self.slots(), now);
        }
        self.ask_to_start(0, now)
    }

    pub(super) fn ask_to_start_and_claim(&mut self, slots: usize, now: Timestamp) -> Request {
        let look = sql::run::Look {
            task: self.task_id(),
            task_claim: Value::Null,
            records: Value::Bool(self.options.records),
            task_version: Value::Null,
            retries: Value::Bool(self.options.retries),
            among: None,
        };
        let claim = self.claim_of(slots, now);
        let query = sql::run::start_and_claim(look, claim, self.task_metadata());
        self.query_that_claims(Stage::StartingToClaim, query, slots)
    }

    fn ask_to_start(&mut self, lost_races: u32, now: Timestamp) -> Request {
        let query = sql::run::start(self.task_id(), self.task_metadata(), instant(now));
        self.query(Stage::Starting { lost_races }, query)
    }

    fn task_metadata(&self) -> Value {
        let metadata = self.options.task_metadata.as_ref().unwrap_or(&self.options.claim_metadata);
        Value::text(&**metadata)
    }

    /// Steps were claimed with the start. Where none was, the task may still be pending: its start on its own says so.
    pub(super) fn started_to_claim(&mut self, rows: &Rows, now: Timestamp) -> Result<Request, Error> {
        let mut with_claim = None;
        for row in rows.iter("start and claim") {
            if row.optional_int(FIRST_COLUMN)?.is_some() {
                with_claim = Some(StartedTask::decode(row, FIRST_COLUMN, self.task)?);
            }
        }
        let Some(started) = with_claim else {
            return Ok(self.ask_to_start(0, now));
        };
        self.accept(started);
        self.looked(Sight::Everything, rows, now)
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
