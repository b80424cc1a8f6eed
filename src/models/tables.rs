//! All models, as data.

use super::column::ColumnInfo;
use super::model::Model;
use super::{
    AnnotationType, DependentSystem, DependentSystemObjectMap, NamedStep, NamedTask, NamedTasksNamedStep,
    StepDagRelationship, Task, TaskAnnotation, TaskNamespace, TaskTransition, WorkflowStep, WorkflowStepEdge,
    WorkflowStepTransition,
};

/// A model and its table or view.
///
/// ```
/// use tasker_core::models::{TABLES, TableInfo};
///
/// let widest: Option<&TableInfo> = TABLES.iter().max_by_key(|table| table.columns.len());
/// assert_eq!(widest.map(|table| table.model), Some("WorkflowStep"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableInfo {
    /// The name of the model.
    pub model: &'static str,
    /// The table or view.
    pub table: &'static str,
    /// The primary key.
    pub key: &'static str,
    /// All columns, in the order of the table.
    pub columns: &'static [ColumnInfo],
}

const fn of<M: Model>() -> TableInfo {
    TableInfo { model: M::NAME, table: M::TABLE, key: M::KEY.name(), columns: M::COLUMNS }
}

/// All tables of the engine, and its view.
///
/// ```
/// use tasker_core::models::TABLES;
///
/// let tasks = TABLES.iter().find(|table| table.table == "tasker_tasks").unwrap();
/// assert_eq!((tasks.model, tasks.key), ("Task", "task_id"));
/// assert!(tasks.columns.iter().any(|column| column.name == "context" && column.sql_type == "jsonb"));
/// ```
pub const TABLES: [TableInfo; 14] = [
    of::<TaskNamespace>(),
    of::<NamedTask>(),
    of::<DependentSystem>(),
    of::<DependentSystemObjectMap>(),
    of::<NamedStep>(),
    of::<NamedTasksNamedStep>(),
    of::<Task>(),
    of::<TaskTransition>(),
    of::<WorkflowStep>(),
    of::<WorkflowStepTransition>(),
    of::<WorkflowStepEdge>(),
    of::<AnnotationType>(),
    of::<TaskAnnotation>(),
    of::<StepDagRelationship>(),
];
