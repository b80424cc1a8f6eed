//! Typed models of the engine's tables and view, for programs in Rust that share them with a Rails application.
//!
//! A record is a plain struct with the exact types of its columns. What may be written is a second struct (`NewTask` beside
//! [`Task`]), whose `new` asks for the columns that have no default. Everything runs in the caller's pool, connection or
//! transaction ([`Db`]), and validates what ActiveRecord validates ([`Invalid`]).
//!
//! ```
//! # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
//! # doctest::in_transaction(async |tx| {
//! use tasker_core::models::{Model, NamedTask, New, NewNamedTask, NewTaskNamespace, Record};
//!
//! let namespace = NewTaskNamespace::new("payments").find_or_create(&mut *tx).await?;
//! let mut named_task = NewNamedTask::new("settle", namespace.key()).create(&mut *tx).await?;
//! named_task.update(|task| task.description = Some("Settles a payout".into()), &mut *tx).await?;
//!
//! let found = NamedTask::find_by(NamedTask::name.eq("settle"), &mut *tx).await?;
//! assert_eq!(found, Some(named_task));
//! # Ok(()) });
//! ```

#[macro_use]
mod define;

mod annotation;
mod associations;
mod bind;
mod checks;
mod column;
mod dag;
mod db;
mod dependent_system;
mod edge;
mod float;
mod identity;
mod invalid;
pub(crate) mod json;
mod literal;
mod model;
mod named_step;
mod named_task;
mod namespace;
pub(crate) mod record;
mod statement;
mod stream;
mod tables;
mod task;
mod transition;
mod workflow_step;

pub use annotation::{AnnotationType, NewAnnotationType, NewTaskAnnotation, TaskAnnotation};
pub use associations::{Association, Loaded, Through};
pub use checks::Checks;
pub use column::{Column, ColumnInfo, ColumnValue, Json};
pub use dag::StepDagRelationship;
pub use db::Db;
pub use dependent_system::{
    DependentSystem, DependentSystemObjectMap, NewDependentSystem, NewDependentSystemObjectMap,
};
pub use edge::{NewWorkflowStepEdge, WorkflowStepEdge};
pub use identity::{HashIdentity, IdentityOptions, IdentityStrategy, RandomIdentity};
pub use invalid::{FieldError, Invalid};
pub use model::{Key, Model};
pub use named_step::{NamedStep, NamedTasksNamedStep, NewNamedStep, NewNamedTasksNamedStep};
pub use named_task::{NamedTask, NewNamedTask};
pub use namespace::{NewTaskNamespace, TaskNamespace};
pub use record::{New, Record};
pub use statement::Statement;
pub use stream::RowStream;
pub use tables::{TABLES, TableInfo};
pub use task::{NewTask, Task};
pub use transition::{NewTaskTransition, NewWorkflowStepTransition, TaskTransition, WorkflowStepTransition};
pub use workflow_step::{NewWorkflowStep, WorkflowStep};
