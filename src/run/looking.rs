//! Which steps are handed out next.

use super::event::{Event, EventKind};
use super::execution::StepExecution;
use super::offer::StepOffer;
use super::request::Request;
use super::result::{StepEnd, StepEnded};
use super::rows::TaskRow;
use super::stage::{Sight, Stage};
use super::tracked::TrackedTask;
use super::workflow_run::{ReadyStep, WorkflowRun, instant};
use crate::error::Error;
use crate::ids::StepId;
use crate::session::{Row, Rows, Value};
use crate::sql::run as sql;
use crate::state::State;
use crate::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

impl WorkflowRun {
    /// The next slice of the wave while there is one; otherwise a look at the steps that may be ready.
    pub(super) fn look(&mut self, now: Timestamp) -> Result<Request, Error> {
        if self.options.stop.is_set() {
            self.wave.clear();
            return Ok(self.stopped());
        }
        if !self.wave.is_empty() {
            let slice: Vec<ReadyStep> = self.wave.drain(..self.slots().min(self.wave.len())).collect();
            if self.options.listens_before_claims() {
                return self.offer(slice);
            }
            return self.look_at(Sight::Slice(slice.into_iter().map(|ready| ready.step).collect()), now);
        }
        let advised = self.tracked.as_ref().is_some_and(|tracked| tracked.candidates().is_some());
        self.look_at(if advised { Sight::Candidates } else { Sight::Everything }, now)
    }

    pub(super) fn look_at(&mut self, sight: Sight, now: Timestamp) -> Result<Request, Error> {
        let seen = match (&sight, &self.tracked) {
            (Sight::Slice(slice), _) => slice.len(),
            (Sight::Candidates, Some(tracked)) => tracked.candidates().map_or(0, BTreeSet::len),
            (_, Some(tracked)) => tracked.unfinished(),
            (_, None) => usize::MAX,
        };
        let slots = seen.clamp(1, self.slots());
        self.look_for(sight, slots, now)
    }

    /// The steps that this run may execute, where these are not all.
    pub(super) fn own_steps(&self) -> Option<Value> {
        self.own.as_ref().map(|own| Value::int_array(own.iter().map(|step| step.0)))
    }

    /// A look that claims up to so many steps.
    pub(super) fn look_for(&mut self, sight: Sight, slots: usize, now: Timestamp) -> Result<Request, Error> {
        let steps = |steps: &mut dyn Iterator<Item = &StepId>| Value::int_array(steps.map(|step| step.0));
        let among = match &sight {
            Sight::Slice(slice) => Some(steps(&mut slice.iter())),
            Sight::Candidates => {
                let candidates = self.tracked.as_ref().and_then(TrackedTask::candidates);
                candidates.map(|candidates| steps(&mut candidates.iter().filter(|step| self.is_own(**step))))
            }
            Sight::Everything => self.own_steps(),
        };
        let look = self.claimant()?.look(among);
        if self.options.listens_before_claims() {
            return Ok(self.query(Stage::Looking(sight), sql::look(look)));
        }
        let query = sql::look_and_claim(look, self.claim_of(slots, now));
        Ok(self.query_that_claims(Stage::Looking(sight), query, slots))
    }

    /// A claim of so many steps.
    pub(super) fn claim_of(&self, slots: usize, now: Timestamp) -> sql::Claim {
        sql::Claim {
            slots: Value::Int(i64::try_from(slots).unwrap_or(i64::MAX)),
            metadata: Value::text(&*self.options.claim_metadata),
            at: instant(now),
            waits: self.waited,
        }
    }

    pub(super) fn looked(&mut self, sight: Sight, rows: &Rows, now: Timestamp) -> Result<Request, Error> {
        let (claimed, ready) = match self.options.listens_before_claims() {
            true => (Vec::new(), self.offered(rows)?),
            false => self.claimed(rows)?,
        };
        if ready.is_empty() {
            return match sight {
                Sight::Slice(_) => self.look(now),
                Sight::Candidates => self.look_at(Sight::Everything, now),
                Sight::Everything => self.nothing_ready(),
            };
        }
        self.waited = false;
        // Those that were locked, or for which there was no room.
        let left = ready.iter().filter(|ready| claimed.iter().all(|claim| claim.step != ready.step));
        for ready in left.rev() {
            self.wave.push_front(ready.clone());
        }
        if !matches!(sight, Sight::Slice(_)) {
            if let (Sight::Everything, Some(tracked)) = (&sight, &mut self.tracked) {
                tracked.looked_at_everything(ready.iter().map(|ready| ready.step));
            }
            self.begin_wave(ready);
        }
        if claimed.is_empty() { self.look(now) } else { Ok(self.execute(claimed)) }
    }

    fn begin_wave(&mut self, ready: Vec<ReadyStep>) {
        self.publish(EventKind::StepsDiscovered, || {
            Event::StepsDiscovered(ready.iter().map(|ready| ready.step).collect())
        });
        self.waves += 1;
        self.ready = ready;
    }

    /// The steps that were claimed, and all that were ready.
    fn claimed(&mut self, rows: &Rows) -> Result<(Vec<StepExecution>, Vec<ReadyStep>), Error> {
        let claimant = self.claimant()?;
        let (mut claimed, mut ready) = (Vec::new(), Vec::new());
        for row in rows.iter("look and claim") {
            if State::from(row.text(0)?) != State::InProgress {
                continue;
            }
            claimed.push(StepExecution::decode(row, 1, &claimant)?);
            if row.optional_text(4)?.is_some() {
                ready = ready_steps(row, 4)?;
            }
        }
        claimed.sort_unstable_by_key(|execution| execution.step);
        if ready.is_empty() {
            // Another session was faster with the first of them, with which the others are sent.
            ready = claimed.iter().map(ready_step).collect();
        }
        self.share_task(&mut claimed);
        Ok((claimed, ready))
    }

    /// The task's record is sent once for all.
    fn share_task(&mut self, claimed: &mut [StepExecution]) {
        let of =
            |execution: &StepExecution| execution.records.as_ref().and_then(|records| records.task.clone());
        let Some(task) = claimed.iter().find_map(of) else { return };
        self.take_version(&task);
        for execution in claimed {
            execution.take_task(&task);
        }
    }

    fn take_version(&mut self, task: &TaskRow) {
        self.task_version = Some(Arc::clone(task.version()));
    }

    /// The ready steps that a look without claims has found.
    pub(super) fn offered(&mut self, rows: &Rows) -> Result<Vec<ReadyStep>, Error> {
        let Some(row) = rows.first("look") else { return Ok(Vec::new()) };
        if let Some(task) = TaskRow::decode(row, 2)? {
            self.take_version(&task);
            self.new_task = Some(task);
        }
        ready_steps(row, 0)
    }

    fn offer(&mut self, slice: Vec<ReadyStep>) -> Result<Request, Error> {
        let claimant = self.claimant()?;
        let steps = slice.iter().map(|ready| ready.step).collect();
        let task = self.new_task.take();
        let offer = |ready: ReadyStep| {
            let (step, name) = (ready.step, ready.name);
            StepOffer { step, name, task: task.clone(), claimant: claimant.clone() }
        };
        Ok(self.hand_out(steps, Request::Offer(slice.into_iter().map(offer).collect())))
    }

    fn execute(&mut self, mut steps: Vec<StepExecution>) -> Request {
        if let [step] = &mut steps[..] {
            step.successor = self.successor(step.step);
        }
        self.hand_out(steps.iter().map(|execution| execution.step).collect(), Request::Execute(steps))
    }

    /// The step that may be claimed with the end of `step`: the whole next wave.
    fn successor(&self, step: StepId) -> Option<StepId> {
        if !self.wave.is_empty() || self.options.listens_between_steps() || self.options.stop.is_set() {
            return None;
        }
        self.tracked.as_ref()?.only_successor(step).filter(|next| self.is_own(*next))
    }

    pub(super) fn ended(
        &mut self,
        steps: &[StepId],
        ends: Vec<StepEnd>,
        now: Timestamp,
    ) -> Result<Request, Error> {
        if !Stage::are_ends_of(steps, &ends) {
            let expected = Stage::Executing(Vec::new()).expected();
            return Err(Error::OutOfTurn { expected, got: "ends of other steps" });
        }
        let mut next = Vec::new();
        for StepEnd { step, ended } in ends {
            match ended {
                StepEnded::Complete { successor } => {
                    if let Some(tracked) = &mut self.tracked {
                        tracked.complete(step);
                    }
                    self.publish(EventKind::StepCompleted, || Event::StepCompleted(step));
                    next.extend(successor.map(|execution| *execution));
                }
                StepEnded::Failed => self.publish(EventKind::StepFailed, || Event::StepFailed(step)),
                StepEnded::ClaimLost | StepEnded::Abandoned | StepEnded::Unclaimed => {}
            }
        }
        if !next.is_empty() {
            self.share_task(&mut next);
            self.begin_wave(next.iter().map(ready_step).collect());
            return Ok(self.execute(next));
        }
        if self.wave.is_empty() && self.tracked.as_ref().is_some_and(TrackedTask::is_done) {
            return Ok(self.all_complete(now));
        }
        self.look(now)
    }

    pub(super) fn slots(&self) -> usize {
        usize::try_from(self.options.slots.get()).unwrap_or(usize::MAX)
    }
}

fn ready_step(execution: &StepExecution) -> ReadyStep {
    ReadyStep { step: execution.step, name: execution.name.clone() }
}

/// Reads arrays of steps and of their names, the second null where the host does not need them.
fn ready_steps(row: Row<'_>, first: usize) -> Result<Vec<ReadyStep>, Error> {
    let steps = row.int_array(first)?;
    let names = row.text_array(first + 1)?;
    if !names.is_empty() && names.len() != steps.len() {
        return Err(row.unexpected(first + 1, "an array of one name a step"));
    }
    let names = names.into_iter().map(Option::unwrap_or_default).chain(std::iter::repeat(String::new()));
    let ready = steps.into_iter().zip(names);
    Ok(ready.map(|(step, name)| ReadyStep { step: StepId(step), name: name.into() }).collect())
}
