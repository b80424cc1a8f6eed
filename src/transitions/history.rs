//! The state machines of the models, and their histories.

use super::change::Metadata;
use super::error::TransitionError;
use super::perform::{BatchOutcome, Transitions};
use super::states::{MachineState, StepState, TaskState};
use crate::error::Error;
use crate::ids::{StepId, TaskId};
use crate::models::{Db, Task, TaskTransition, WorkflowStep, WorkflowStepTransition};
use crate::operations::transition::Subject;
use crate::session::Session;
use std::future::Future;

/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Factory, Sequence};
/// use tasker_core::models::Task;
/// use tasker_core::transitions::{TaskState, Transitions};
///
/// let task = Task::create(&Sequence::new(1), &mut *tx).await?;
/// task.transition_to(TaskState::InProgress, &mut *tx).await.unwrap();
/// assert_eq!(task.allowed_transitions(&mut *tx).await.unwrap()[0], TaskState::Complete);
/// # Ok(()) });
/// ```
impl Transitions for Task {
    type State = TaskState;

    fn subject(&self) -> Subject {
        Subject { owner: TaskState::OWNER, id: self.task_id }
    }

    async fn transition_all<S: Session + Send>(
        changes: &[(Self, TaskState)],
        metadata: &Metadata,
        session: &mut S,
    ) -> Result<Vec<BatchOutcome<TaskState>>, TransitionError> {
        let changes: Vec<_> = changes.iter().map(|(task, to)| (TaskId(task.task_id), *to)).collect();
        TaskId::transition_all(&changes, metadata, session).await
    }
}

impl Transitions for WorkflowStep {
    type State = StepState;

    fn subject(&self) -> Subject {
        Subject { owner: StepState::OWNER, id: self.workflow_step_id }
    }

    async fn transition_all<S: Session + Send>(
        changes: &[(Self, StepState)],
        metadata: &Metadata,
        session: &mut S,
    ) -> Result<Vec<BatchOutcome<StepState>>, TransitionError> {
        let changes: Vec<_> = changes.iter().map(|(step, to)| (StepId(step.workflow_step_id), *to)).collect();
        StepId::transition_all(&changes, metadata, session).await
    }
}

impl Task {
    /// Its transitions from the first to the last, by their sort keys. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// use tasker_core::models::Task;
    /// use tasker_core::transitions::{TaskState, Transitions};
    ///
    /// let task = Task::create(&Sequence::new(1), &mut *tx).await?;
    /// for state in [TaskState::InProgress, TaskState::Error] {
    ///     task.transition_to(state, &mut *tx).await.unwrap();
    /// }
    /// let history = task.history(&mut *tx).await?;
    /// assert_eq!(history.iter().map(|row| row.to_state.as_str()).collect::<Vec<_>>(), ["in_progress", "error"]);
    /// # Ok(()) });
    /// ```
    pub fn history<'c>(
        &self,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Vec<TaskTransition>, Error>> + Send {
        let transitions = self.task_transitions(db);
        async move {
            let mut history = transitions.await?;
            history.sort_by_key(|transition| transition.sort_key);
            Ok(history)
        }
    }
}

impl WorkflowStep {
    /// Its transitions from the first to the last, by their sort keys. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// use tasker_core::models::WorkflowStep;
    /// use tasker_core::transitions::{StepState, Transitions};
    ///
    /// let step = WorkflowStep::create(&Sequence::new(1), &mut *tx).await?;
    /// step.transition_to(StepState::Cancelled, &mut *tx).await.unwrap();
    /// assert_eq!(step.history(&mut *tx).await?.len(), 1);
    /// # Ok(()) });
    /// ```
    pub fn history<'c>(
        &self,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Vec<WorkflowStepTransition>, Error>> + Send {
        let transitions = self.workflow_step_transitions(db);
        async move {
            let mut history = transitions.await?;
            history.sort_by_key(|transition| transition.sort_key);
            Ok(history)
        }
    }
}
