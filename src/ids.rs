//! Identifiers of the rows that the core speaks of.
//!
//! They are distinct types so that a step's id cannot be handed over where a task's is meant.
//!
//! ```
//! use tasker_core::ids::{EdgeId, NamedStepId, NamedTaskId, StepId, TaskId, TransitionId, WorkerKey};
//!
//! assert_eq!(TaskId(7).to_string(), "7");
//! assert_eq!(serde_json::to_string(&[StepId(1), StepId(2)])?, "[1,2]");
//! let definitions = (NamedTaskId(1), NamedStepId(2));
//! let rows = (EdgeId(3), TransitionId(4));
//! assert!(WorkerKey(5) < WorkerKey(6));
//! # let _ = (definitions, rows);
//! # Ok::<(), serde_json::Error>(())
//! ```

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// `tasker_tasks.task_id`
    TaskId
);
id!(
    /// `tasker_workflow_steps.workflow_step_id`
    StepId
);
id!(
    /// `tasker_named_tasks.named_task_id`
    NamedTaskId
);
id!(
    /// `tasker_named_steps.named_step_id`
    NamedStepId
);
id!(
    /// `id` of a row in one of the two transition tables
    TransitionId
);
id!(
    /// `tasker_workflow_step_edges.id`
    EdgeId
);
id!(
    /// The number that stands for a worker: one process on one database. The worker holds the advisory lock of this number while it lives.
    WorkerKey
);
