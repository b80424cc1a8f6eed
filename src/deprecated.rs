//! Former names of modules and types. They work for one version.

#![allow(missing_docs)]

pub mod root {
    #[deprecated = "use `coroutine`"]
    pub mod conversation {
        pub use crate::coroutine::{
            Coroutine as Conversation, CoroutineSession as Hosted, CoroutineState as Turn,
        };
    }

    #[deprecated = "use `records`"]
    pub mod facts {
        pub use crate::records::{
            Edge, EdgeRow, NamedStep, NamedTask, ParentCount, StepDetails, StepIdentity,
            StepRecord as StepFacts, StepSnapshot, TaskDetails, TaskRecord as TaskFacts,
        };
    }

    #[deprecated = "use `relationships`"]
    pub mod kinship {
        pub use crate::relationships::{
            DEEPEST, Neighborhood as Kin, Relationship, relationships, sibling_edges,
        };
    }
}

pub mod graph {
    #[deprecated = "use `graph::csr`"]
    pub mod known {
        pub use crate::graph::csr::{CsrGraph as KnownGraph, GraphVersion as Version};
    }
}

pub mod operations {
    #[deprecated = "use `operations::relationships`"]
    pub mod kinship {
        pub use crate::operations::relationships::{of_steps, of_tasks};
    }

    #[deprecated = "use `operations::batch_transitions`"]
    pub mod moves {
        pub use crate::operations::batch_transitions::{
            AttemptRecord as Kept, StepTransition as Move, transition_steps as move_steps,
        };
    }

    #[deprecated = "use `operations::task_snapshot`"]
    pub mod survey {
        pub use crate::operations::task_snapshot::{
            KnownVersions as Known, RowVersion as Version, TaskSnapshot as Survey,
            TaskSnapshotStep as SurveyedStep, task_snapshot as survey,
        };
    }
}

pub mod ready {
    use crate::operations::ready as current;

    #[deprecated = "use `TrackedTask`"]
    pub type Followed = current::TrackedTask;
    #[deprecated = "use `Updates`"]
    pub type News = current::Updates;
    pub use current::track as follow;
}

pub mod run {
    use crate::run as current;

    #[deprecated = "use `StepRow`"]
    pub type StepRecord = current::StepRow;
    #[deprecated = "use `StepRows`"]
    pub type StepRecords = current::StepRows;
    #[deprecated = "use `TaskRow`"]
    pub type TaskRecord = current::TaskRow;
}

#[cfg(feature = "hosted")]
pub mod hosted {
    use crate::hosted as current;

    #[deprecated = "use `HostedCoroutine`"]
    pub type Talk = current::HostedCoroutine;
    #[deprecated = "use `JsonCoroutine`"]
    pub type JsonTalk = current::JsonCoroutine;
}
