//! Tasks with everything that belongs to them.

use crate::error::Error;
use crate::models::{
    AnnotationType, Association, Db, Loaded, Model, NamedStep, NamedTask, Task, TaskAnnotation,
    TaskNamespace, TaskTransition, WorkflowStep,
};
use crate::query::Query;

/// A task and everything that belongs to it.
///
/// ```
/// use tasker_core::scopes::{AssociatedStep, AssociatedTask};
///
/// /// The steps that wait for nothing.
/// fn roots(task: &AssociatedTask) -> impl Iterator<Item = &AssociatedStep> {
///     task.workflow_steps.iter().filter(|step| step.parents.is_empty())
/// }
/// # let _ = |task: AssociatedTask| roots(&task).count();
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AssociatedTask {
    /// The task.
    pub task: Task,
    /// Its kind.
    pub named_task: NamedTask,
    /// The namespace of its kind.
    pub task_namespace: TaskNamespace,
    /// Its steps, by key.
    pub workflow_steps: Vec<AssociatedStep>,
    /// Its annotations with their types, by key.
    pub task_annotations: Vec<(TaskAnnotation, AnnotationType)>,
    /// Its transitions, by key.
    pub task_transitions: Vec<TaskTransition>,
}

/// A step and its neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct AssociatedStep {
    /// The step.
    pub step: WorkflowStep,
    /// Its kind.
    pub named_step: NamedStep,
    /// Steps that it waits for, one for each edge.
    pub parents: Vec<WorkflowStep>,
    /// Steps that wait for it, one for each edge.
    pub children: Vec<WorkflowStep>,
}

impl Query<Task> {
    /// The tasks with everything that belongs to them: one statement for the tasks and one for each association, nine more, however many
    /// tasks there are.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] as [`Query::select`], [`Error::Database`]; [`Error::NotFound`] for a row that is deleted meanwhile.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::Task, query::Query};
    ///
    /// for task in Query::<Task>::new().in_namespace("payments").limit(20).with_all_associated(&mut *tx).await? {
    ///     println!("{}: {} steps", task.named_task.name, task.workflow_steps.len());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn with_all_associated<'c>(
        &self,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Vec<AssociatedTask>, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            let connection = &mut *connection;
            let (tasks, steps) = self.all_with(Task::WORKFLOW_STEPS, &mut *connection).await?;
            let named_tasks = Task::NAMED_TASK.load(&tasks, &mut *connection).await?;
            let kinds = all_of(&named_tasks, &tasks);
            let namespaces = NamedTask::TASK_NAMESPACE.load(&kinds, &mut *connection).await?;
            let annotations = Task::TASK_ANNOTATIONS.load(&tasks, &mut *connection).await?;
            let notes = all_of(&annotations, &tasks);
            let types = TaskAnnotation::ANNOTATION_TYPE.load(&notes, &mut *connection).await?;
            let transitions = Task::TASK_TRANSITIONS.load(&tasks, &mut *connection).await?;
            let all_steps = all_of(&steps, &tasks);
            let named_steps = WorkflowStep::NAMED_STEP.load(&all_steps, &mut *connection).await?;
            let parents = WorkflowStep::PARENTS.load(&all_steps, &mut *connection).await?;
            let children = WorkflowStep::CHILDREN.load(&all_steps, &mut *connection).await?;

            let associated_step = |step: &WorkflowStep| {
                Ok(AssociatedStep {
                    step: step.clone(),
                    named_step: the_one(WorkflowStep::NAMED_STEP, &named_steps, step, step.named_step_id)?,
                    parents: parents.of(step).to_vec(),
                    children: children.of(step).to_vec(),
                })
            };
            let associated_note = |note: &TaskAnnotation| {
                let kind = the_one(TaskAnnotation::ANNOTATION_TYPE, &types, note, note.annotation_type_id)?;
                Ok((note.clone(), kind))
            };
            let associated_task = |task: Task| {
                let named_task = the_one(Task::NAMED_TASK, &named_tasks, &task, task.named_task_id)?;
                let namespace = named_task.task_namespace_id;
                Ok(AssociatedTask {
                    task_namespace: the_one(NamedTask::TASK_NAMESPACE, &namespaces, &named_task, namespace)?,
                    named_task,
                    workflow_steps: steps
                        .of(&task)
                        .iter()
                        .map(associated_step)
                        .collect::<Result<_, Error>>()?,
                    task_annotations: annotations
                        .of(&task)
                        .iter()
                        .map(associated_note)
                        .collect::<Result<_, Error>>()?,
                    task_transitions: transitions.of(&task).to_vec(),
                    task,
                })
            };
            tasks.into_iter().map(associated_task).collect()
        }
    }
}

/// The loaded rows of all owners.
fn all_of<M: Model, T: Model>(loaded: &Loaded<M, T>, owners: &[M]) -> Vec<T> {
    owners.iter().flat_map(|owner| loaded.of(owner)).cloned().collect()
}

/// The row that a foreign key refers to.
fn the_one<M: Model, T: Model>(
    association: Association<M, T>,
    loaded: &Loaded<M, T>,
    owner: &M,
    value: impl Into<i64>,
) -> Result<T, Error> {
    let key = association.target_column();
    loaded.one(owner).cloned().ok_or(Error::NotFound { model: T::NAME, key, value: value.into() })
}
