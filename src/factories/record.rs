//! Single records of every model.

use super::Sequence;
use crate::error::Error;
use crate::models::*;
use serde_json::json;
use sqlx::PgConnection;
use std::future::Future;

/// Creates valid records of a model, together with the records that they belong to.
///
/// Names are unique within the [`Sequence`]. A key that is 0 after `change` is that of a new record: a step that is given its task creates
/// a named step only.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::factories::{Factory, Sequence};
/// use tasker_core::models::{Task, WorkflowStep, WorkflowStepEdge};
///
/// let sequence = Sequence::new(7);
/// let task = Task::create_with(&sequence, |task| task.reason = Some("refund".into()), &mut *tx).await?;
/// let mut steps = Vec::new();
/// for _ in 0..2 {
///     steps.push(WorkflowStep::create_with(&sequence, |step| step.task_id = task.task_id, &mut *tx).await?.workflow_step_id);
/// }
///
/// // An edge is the same if its steps and its name are.
/// let between = |edge: &mut tasker_core::models::NewWorkflowStepEdge| {
///     (edge.from_step_id, edge.to_step_id) = (steps[0], steps[1]);
/// };
/// let edge = WorkflowStepEdge::find_or_create(&sequence, between, &mut *tx).await?;
/// assert_eq!(WorkflowStepEdge::find_or_create(&sequence, between, &mut *tx).await?, edge);
/// # Ok(()) });
/// ```
pub trait Factory: Record {
    /// What can be said of a record before it is created.
    type New: New<Record = Self>;

    /// A record to create that is valid but for the keys of what it belongs to, which are 0.
    ///
    /// ```
    /// use tasker_core::factories::{Factory, Sequence};
    /// use tasker_core::models::TaskNamespace;
    ///
    /// assert_eq!(TaskNamespace::blank(&Sequence::new(7)).name, "namespace-7-1");
    /// ```
    fn blank(sequence: &Sequence) -> Self::New;

    /// Creates what a record belongs to where its key is 0.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::factories::{Factory, Sequence};
    /// use tasker_core::models::NamedTask;
    ///
    /// let sequence = Sequence::new(7);
    /// let mut new = NamedTask::blank(&sequence);
    /// NamedTask::complete(&mut new, &sequence, &mut *tx).await?;
    /// assert_ne!(new.task_namespace_id, 0);
    /// # Ok(()) });
    /// ```
    fn complete(
        new: &mut Self::New,
        sequence: &Sequence,
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Creates a record as [`Factory::blank`] describes it.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::factories::{Factory, Sequence};
    /// use tasker_core::models::WorkflowStep;
    ///
    /// let step = WorkflowStep::create(&Sequence::new(7), &mut *tx).await?;
    /// assert_eq!(step.task(&mut *tx).await?.task_id, step.task_id);
    /// # Ok(()) });
    /// ```
    fn create(
        sequence: &Sequence,
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<Self, Error>> + Send {
        Self::create_with(sequence, |_| {}, connection)
    }

    /// Creates a record after `change`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] where the change makes it so, [`Error::Database`].
    fn create_with(
        sequence: &Sequence,
        change: impl FnOnce(&mut Self::New) + Send,
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<Self, Error>> + Send {
        let new = changed::<Self>(sequence, change);
        async move { completed::<Self>(new, sequence, connection).await?.create(connection).await }
    }

    /// Finds the record that is the same after `change`, as [`New::find_or_create`] says, or creates it.
    ///
    /// # Errors
    ///
    /// As [`Factory::create_with`].
    fn find_or_create(
        sequence: &Sequence,
        change: impl FnOnce(&mut Self::New) + Send,
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<Self, Error>> + Send {
        let new = changed::<Self>(sequence, change);
        async move { completed::<Self>(new, sequence, connection).await?.find_or_create(connection).await }
    }
}

fn changed<F: Factory>(sequence: &Sequence, change: impl FnOnce(&mut F::New)) -> F::New {
    let mut new = F::blank(sequence);
    change(&mut new);
    new
}

async fn completed<F: Factory>(
    mut new: F::New,
    sequence: &Sequence,
    connection: &mut PgConnection,
) -> Result<F::New, Error> {
    F::complete(&mut new, sequence, connection).await?;
    Ok(new)
}

macro_rules! factory {
    ($record:ident, $new:ident, |$sequence:ident| $blank:expr $(, $key:ident: $parent:ident)*) => {
        impl Factory for $record {
            type New = $new;

            fn blank($sequence: &Sequence) -> $new {
                $blank
            }

            #[allow(clippy::useless_conversion, unused_variables)]
            async fn complete(
                new: &mut $new,
                sequence: &Sequence,
                connection: &mut PgConnection,
            ) -> Result<(), Error> {
                $(if new.$key == 0 {
                    new.$key = <$parent as Factory>::create(sequence, connection).await?.key().into();
                })*
                Ok(())
            }
        }
    };
}

factory!(TaskNamespace, NewTaskNamespace, |sequence| NewTaskNamespace::new(sequence.name("namespace")));
factory!(
    NamedTask, NewNamedTask, |sequence| NewNamedTask::new(sequence.name("task"), 0), task_namespace_id: TaskNamespace
);
factory!(DependentSystem, NewDependentSystem, |sequence| NewDependentSystem::new(sequence.name("system")));
factory!(
    NamedStep, NewNamedStep, |sequence| NewNamedStep::new(sequence.name("step"), 0), dependent_system_id: DependentSystem
);
factory!(
    DependentSystemObjectMap,
    NewDependentSystemObjectMap,
    |sequence| NewDependentSystemObjectMap::new(0, sequence.name("object"), 0, sequence.name("object")),
    dependent_system_one_id: DependentSystem,
    dependent_system_two_id: DependentSystem
);
factory!(
    NamedTasksNamedStep,
    NewNamedTasksNamedStep,
    |_sequence| NewNamedTasksNamedStep::new(0, 0),
    named_task_id: NamedTask,
    named_step_id: NamedStep
);
factory!(
    Task,
    NewTask,
    |sequence| NewTask {
        identity_hash: sequence.name("factory"),
        ..NewTask::new(0, json!({ "factory": true }))
    },
    named_task_id: NamedTask
);
factory!(
    WorkflowStep, NewWorkflowStep, |_sequence| NewWorkflowStep::new(0, 0), task_id: Task, named_step_id: NamedStep
);
factory!(AnnotationType, NewAnnotationType, |sequence| NewAnnotationType::new(sequence.name("annotation")));
factory!(
    TaskAnnotation,
    NewTaskAnnotation,
    |sequence| NewTaskAnnotation {
        annotation: Some(json!({ "note": sequence.name("note") })),
        ..NewTaskAnnotation::new(0, 0)
    },
    task_id: Task,
    annotation_type_id: AnnotationType
);
factory!(
    TaskTransition, NewTaskTransition, |_sequence| NewTaskTransition::new(0, "in_progress", 10), task_id: Task
);
factory!(
    WorkflowStepTransition,
    NewWorkflowStepTransition,
    |_sequence| NewWorkflowStepTransition::new(0, "in_progress", 10),
    workflow_step_id: WorkflowStep
);

/// Both steps are of one task.
impl Factory for WorkflowStepEdge {
    type New = NewWorkflowStepEdge;

    fn blank(_sequence: &Sequence) -> NewWorkflowStepEdge {
        NewWorkflowStepEdge::new(0, 0)
    }

    async fn complete(
        new: &mut NewWorkflowStepEdge,
        sequence: &Sequence,
        connection: &mut PgConnection,
    ) -> Result<(), Error> {
        let given = [new.from_step_id, new.to_step_id].into_iter().find(|step| *step != 0);
        let mut task = match given {
            Some(step) => WorkflowStep::find(step, &mut *connection).await?.task_id,
            None => 0,
        };
        for step in [&mut new.from_step_id, &mut new.to_step_id] {
            if *step == 0 {
                let of_task = |step: &mut NewWorkflowStep| step.task_id = task;
                let created = WorkflowStep::create_with(sequence, of_task, &mut *connection).await?;
                (*step, task) = (created.workflow_step_id, created.task_id);
            }
        }
        Ok(())
    }
}
