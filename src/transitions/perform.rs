//! Reading states and moving tasks and steps.

use super::change::{Change, Metadata, now};
use super::error::TransitionError;
use super::states::{MachineState, StepState, TaskState};
use crate::ids::{StepId, TaskId, TransitionId};
use crate::operations::batch_transitions::{StepTransition, transition_steps};
use crate::operations::transition::{self, Claims, Outcome, Request, Subject};
use crate::session::Session;
use crate::state::State;
use std::future::Future;

/// A transition that was recorded.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::transitions::{BatchOutcome, StepState, Transitioned, Transitions};
///
/// let begun: Transitioned<StepState> = made.steps[0].transition_to(StepState::InProgress, &mut *tx).await.unwrap();
/// assert_eq!((begun.sort_key, begun.from, begun.event.as_str()), (10, StepState::Pending, "step.execution_requested"));
/// let outcome: BatchOutcome<StepState> = Ok(begun);
/// # let _ = outcome;
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transitioned<S: MachineState> {
    /// The id of its row.
    pub id: TransitionId,
    /// Its place in the history: ten more than the one before, ten for the first.
    pub sort_key: i64,
    /// The state that was left.
    pub from: S,
    /// The state that was reached.
    pub to: S,
    /// The event that the engine publishes for it. This crate publishes nothing: the caller does, where it has listeners.
    pub event: S::Event,
}

/// What moves through a state machine: a task or a step.
///
/// Every method is given a session: an sqlx connection or transaction (`&mut *transaction`), or a host's own. All of them fail with
/// [`TransitionError::Database`] where the session does.
pub trait Transitions: Sized + Send + Sync {
    /// The states of its machine.
    type State: MachineState;

    /// The task or step, with its id.
    ///
    /// ```
    /// use tasker_core::ids::TaskId;
    /// use tasker_core::transitions::Transitions;
    ///
    /// assert_eq!(TaskId(7).subject().to_string(), "task 7");
    /// ```
    fn subject(&self) -> Subject;

    /// The state that it is in: that of its most recent transition, or pending. One statement.
    ///
    /// A word outside of the machine, which only hands write, is [`State::Other`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::state::State;
    /// use tasker_core::transitions::{TaskState, Transitions};
    ///
    /// let made = workflow(Pattern::Linear(2)).task_in(TaskState::InProgress).create(&mut *tx).await.unwrap();
    /// assert_eq!(made.task.state(&mut *tx).await.unwrap(), State::InProgress);
    /// # Ok(()) });
    /// ```
    fn state<S: Session + Send>(
        &self,
        session: &mut S,
    ) -> impl Future<Output = Result<State, TransitionError>> + Send {
        async move { Ok(transition::current_state(session, self.subject()).await?) }
    }

    /// The states that it may go to now, guards included, in the engine's order. One statement.
    ///
    /// # Errors
    ///
    /// [`TransitionError::NotFound`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::transitions::{StepState, Transitions};
    ///
    /// let made = workflow(Pattern::Linear(2)).create(&mut *tx).await.unwrap();
    /// let allowed = made.steps[1].allowed_transitions(&mut *tx).await.unwrap();
    /// assert_eq!(allowed, [StepState::Error, StepState::Cancelled, StepState::ResolvedManually], "its parent is not done");
    /// # Ok(()) });
    /// ```
    fn allowed_transitions<S: Session + Send>(
        &self,
        session: &mut S,
    ) -> impl Future<Output = Result<Vec<Self::State>, TransitionError>> + Send {
        async move {
            let subject = self.subject();
            let allowed = transition::allowed_transitions(session, subject, None).await?;
            let (_, allowed) = allowed.ok_or(TransitionError::NotFound { subject })?;
            Ok(allowed.into_iter().filter_map(|state| Self::State::try_from(state).ok()).collect())
        }
    }

    /// Whether it may go to `to` now, guards included. One statement.
    ///
    /// # Errors
    ///
    /// [`TransitionError::NotFound`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::transitions::{StepState, Transitions};
    ///
    /// let made = workflow(Pattern::Linear(2)).create(&mut *tx).await.unwrap();
    /// assert!(made.steps[0].can_transition_to(StepState::InProgress, &mut *tx).await.unwrap());
    /// assert!(!made.steps[1].can_transition_to(StepState::InProgress, &mut *tx).await.unwrap());
    /// # Ok(()) });
    /// ```
    fn can_transition_to<S: Session + Send>(
        &self,
        to: Self::State,
        session: &mut S,
    ) -> impl Future<Output = Result<bool, TransitionError>> + Send {
        async move { Ok(self.allowed_transitions(session).await?.contains(&to)) }
    }

    /// Goes to another state and records it as the engine does: `from_state` null, the sort key ten more than the last, the flag
    /// `most_recent` taken from the last. One statement where nothing prevents it, two where something does.
    ///
    /// The row of the task or step is locked first, so of several sessions that want the same transition one gets it.
    ///
    /// # Errors
    ///
    /// [`TransitionError::Invalid`], [`TransitionError::GuardFailed`], [`TransitionError::NotFound`], [`TransitionError::ClaimLost`],
    /// [`TransitionError::Conflict`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::transitions::{Change, StepState, TransitionError, Transitions};
    ///
    /// let step = workflow(Pattern::Linear(1)).create(&mut *tx).await.unwrap().steps[0];
    /// let begun = step.transition_to(StepState::InProgress, &mut *tx).await.unwrap();
    /// assert_eq!((begun.from, begun.sort_key, begun.event.as_str()), (StepState::Pending, 10, "step.execution_requested"));
    ///
    /// let only_from_error = Change::to(StepState::Complete).from(StepState::Error);
    /// let refused = step.transition_to(only_from_error, &mut *tx).await.unwrap_err();
    /// assert!(matches!(refused, TransitionError::Invalid { .. }));
    /// # Ok(()) });
    /// ```
    fn transition_to<S: Session + Send>(
        &self,
        change: impl Into<Change<Self::State>> + Send,
        session: &mut S,
    ) -> impl Future<Output = Result<Transitioned<Self::State>, TransitionError>> + Send {
        async move {
            let change = change.into();
            let subject = self.subject();
            let request = Request {
                subject,
                to: change.to.into(),
                from: change.from.map(Into::into),
                metadata: serde_json::Value::Object(change.metadata).to_string().into(),
                at: change.at.unwrap_or_else(now),
                parents: None,
                claims: change.claims,
            };
            let outcome = transition::transition(session, &request).await;
            finished(subject, change.to, outcome.map_err(|error| TransitionError::failed(subject, error))?)
        }
    }

    /// Moves many, all with the same metadata and at the same instant, and says of each what became of it, in their order.
    ///
    /// A refusal of one does not keep the others from moving. Steps are moved together in one statement, see
    /// [`transition_steps`]; tasks one after the other.
    ///
    /// # Errors
    ///
    /// [`TransitionError::Conflict`] and [`TransitionError::Database`]. Without a transaction, what was moved until then stays moved.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Pattern, workflow};
    /// use tasker_core::ids::StepId;
    /// use tasker_core::transitions::{Metadata, StepState, Transitions};
    ///
    /// let steps = workflow(Pattern::Linear(3)).progressed(1).create(&mut *tx).await.unwrap().steps;
    /// let changes: Vec<_> = steps.iter().map(|step| (*step, StepState::Cancelled)).collect();
    /// let outcomes = StepId::transition_all(&changes, &Metadata::new(), &mut *tx).await.unwrap();
    /// assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true], "complete is final");
    /// # Ok(()) });
    /// ```
    fn transition_all<S: Session + Send>(
        changes: &[(Self, Self::State)],
        metadata: &Metadata,
        session: &mut S,
    ) -> impl Future<Output = Result<Vec<BatchOutcome<Self::State>>, TransitionError>> + Send;
}

/// What became of one transition of a batch.
pub type BatchOutcome<S> = Result<Transitioned<S>, TransitionError>;

fn finished<S: MachineState>(subject: Subject, to: S, outcome: Outcome) -> BatchOutcome<S> {
    let recorded = outcome.map_err(|refusal| TransitionError::refused(subject, to.into(), refusal))?;
    // The machine leads here from its own states only.
    let from = S::try_from(recorded.from.clone());
    let from = from.map_err(|_| TransitionError::Invalid { subject, from: recorded.from, to: to.into() })?;
    Ok(Transitioned { id: recorded.id, sort_key: recorded.sort_key, from, to, event: to.event() })
}

impl Transitions for TaskId {
    type State = TaskState;

    fn subject(&self) -> Subject {
        Subject { owner: TaskState::OWNER, id: self.0 }
    }

    async fn transition_all<S: Session + Send>(
        changes: &[(Self, TaskState)],
        metadata: &Metadata,
        session: &mut S,
    ) -> Result<Vec<BatchOutcome<TaskState>>, TransitionError> {
        let at = now();
        // Rows are locked in ascending order, as everywhere.
        let mut order: Vec<usize> = (0..changes.len()).collect();
        order.sort_by_key(|&index| changes[index].0);
        let mut outcomes: Vec<(usize, BatchOutcome<TaskState>)> = Vec::with_capacity(changes.len());
        for index in order {
            let (task, to) = changes[index];
            let change = Change::to(to).metadata(metadata.clone()).at(at);
            let outcome = match task.transition_to(change, session).await {
                Err(error @ (TransitionError::Conflict { .. } | TransitionError::Database(_))) => {
                    return Err(error);
                }
                outcome => outcome,
            };
            outcomes.push((index, outcome));
        }
        outcomes.sort_by_key(|(index, _)| *index);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }
}

impl Transitions for StepId {
    type State = StepState;

    fn subject(&self) -> Subject {
        Subject { owner: StepState::OWNER, id: self.0 }
    }

    async fn transition_all<S: Session + Send>(
        changes: &[(Self, StepState)],
        metadata: &Metadata,
        session: &mut S,
    ) -> Result<Vec<BatchOutcome<StepState>>, TransitionError> {
        let Some((first, _)) = changes.first() else { return Ok(Vec::new()) };
        let metadata = serde_json::to_string(metadata).unwrap_or_else(|_| "{}".to_owned());
        let moves: Vec<StepTransition> = changes
            .iter()
            .map(|&(step, to)| StepTransition {
                step,
                to: to.into(),
                metadata: metadata.as_str().into(),
                attempt: None,
                claims: Claims::default(),
            })
            .collect();
        let outcomes = transition_steps(session, &moves, now()).await;
        let outcomes = outcomes.map_err(|error| TransitionError::failed(first.subject(), error))?;
        let outcomes = outcomes.into_iter().zip(changes);
        Ok(outcomes.map(|(outcome, &(step, to))| finished(step.subject(), to, outcome)).collect())
    }
}
