//! Former names of modules and types. They work for one version.

#![allow(missing_docs)]

pub mod conversation {
    pub use crate::coroutine::*;
}

pub mod facts {
    pub use crate::records::*;
}

pub mod kinship {
    pub use crate::relationships::*;
}

pub mod known {
    pub use crate::graph::csr::*;
}

pub mod moves {
    pub use crate::operations::batch_transitions::*;
}

pub mod operations_kinship {
    pub use crate::operations::relationships::*;
}

pub mod survey {
    pub use crate::operations::task_snapshot::*;
}
