//! Former names of modules, types and functions. They work for one version.

#![allow(missing_docs)]

pub mod conversation {
    pub use crate::coroutine::{
        Coroutine as Conversation, CoroutineSession as Hosted, CoroutineState as Turn,
    };
}

pub mod facts {
    pub use crate::records::*;
}

pub mod kinship {
    pub use crate::relationships::{
        DEEPEST, Neighborhood as Kin, Relationship, relationships, sibling_edges,
    };
}

pub mod known {
    pub use crate::graph::csr::{CsrGraph as KnownGraph, GraphVersion as Version};
}

pub mod moves {
    pub use crate::operations::batch_transitions::{
        AttemptRecord as Kept, StepTransition as Move, transition_steps as move_steps,
    };
}

pub mod operations_kinship {
    pub use crate::operations::relationships::{of_steps, of_tasks};
}

pub mod ready {
    use crate::operations::ready as now;

    pub type Followed = now::TrackedTask;
    pub type News = now::Updates;
    pub use now::track as follow;
}

pub mod survey {
    pub use crate::operations::task_snapshot::{
        KnownVersions as Known, RowVersion as Version, TaskSnapshot as Survey,
        TaskSnapshotStep as SurveyedStep, task_snapshot as survey,
    };
}
