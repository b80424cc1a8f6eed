//! Steps that are ready and not claimed yet.

use super::execution::{Claimant, StepExecution};
use super::result::{StepEnd, StepEnded};
use super::rows::TaskRow;
use crate::error::Error;
use crate::ids::StepId;
use crate::session::{Session, Value};
use crate::sql::run as sql;
use crate::state::State;
use crate::time::Timestamp;
use std::sync::Arc;

/// A ready step, for a host that has something to do before its claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepOffer {
    /// The step.
    pub step: StepId,
    /// The name of its definition.
    pub name: Box<str>,
    /// The row of its task, where [`Options::records`](super::Options::records) asks for it, if that is new since the last time.
    pub task: Option<Arc<TaskRow>>,
    pub(super) claimant: Claimant,
}

impl StepOffer {
    /// Claims the step; `None`, and nothing is written, if it is not ready any more or the task is another worker's. One statement, which waits
    /// for sessions that have the step locked.
    ///
    /// # Errors
    ///
    /// Those of the session, and [`Error::Decode`] for an answer that does not fit.
    pub async fn claim<S: Session>(
        &self,
        session: &mut S,
        at: Timestamp,
    ) -> Result<Option<StepExecution>, Error> {
        let query = sql::look_and_claim(
            self.claimant.look(Some(Value::int_array([self.step.0]))),
            sql::Claim {
                slots: Value::Int(1),
                metadata: self.claimant.metadata(),
                at: Value::text(at.to_sql()),
                waits: true,
            },
        );
        let name = query.name;
        let rows = session.rows(query).await?;
        for row in rows.iter(name) {
            if State::from(row.text(0)?) == State::InProgress {
                return StepExecution::decode(row, 1, &self.claimant).map(Some);
            }
        }
        Ok(None)
    }

    /// The end of a step that the host does not claim. Its run may offer it again.
    pub fn unclaimed(&self) -> StepEnd {
        StepEnd { step: self.step, ended: StepEnded::Unclaimed }
    }

    /// The end of a step that could not be claimed.
    pub fn lost(&self) -> StepEnd {
        StepEnd { step: self.step, ended: StepEnded::ClaimLost }
    }
}
