//! The states that scopes accept.

use crate::models::{Task, TaskTransition, WorkflowStep, WorkflowStepTransition};
use crate::state::State;
use crate::transitions::{StepState, TaskState};

/// A state for a scope of the model `M`, or `None` for any.
///
/// A [`TaskState`] fits tasks and their transitions, a [`StepState`] steps and theirs; a [`State`] fits both, also one that only hands have
/// written. So a step's state cannot be given to a task:
///
/// ```compile_fail,E0277
/// use tasker_core::{models::Task, query::Query, transitions::StepState};
///
/// Query::<Task>::new().by_current_state(StepState::Error);
/// ```
///
/// ```
/// use tasker_core::{models::Task, query::Query, state::State, transitions::TaskState};
///
/// let failed = Query::<Task>::new().by_current_state(TaskState::Error);
/// assert_eq!(failed.psql()?, Query::<Task>::new().by_current_state(State::Error).psql()?);
/// assert_ne!(failed.psql()?, Query::<Task>::new().by_current_state(None).psql()?);
/// # Ok::<(), tasker_core::Error>(())
/// ```
pub trait StateFilter<M> {
    /// The state, or `None` for any.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::scopes::StateFilter;
    /// use tasker_core::state::State;
    /// use tasker_core::transitions::TaskState;
    ///
    /// assert_eq!(StateFilter::<Task>::state(TaskState::Error), Some(State::Error));
    /// ```
    fn state(self) -> Option<State>;
}

impl<M> StateFilter<M> for State {
    fn state(self) -> Option<State> {
        Some(self)
    }
}

impl<M> StateFilter<M> for Option<State> {
    fn state(self) -> Option<State> {
        self
    }
}

macro_rules! states_of {
    ($state:ident: $($model:ident)+) => {
        $(impl StateFilter<$model> for $state {
            fn state(self) -> Option<State> {
                Some(self.into())
            }
        })+
    };
}

states_of!(TaskState: Task TaskTransition);
states_of!(StepState: WorkflowStep WorkflowStepTransition);
