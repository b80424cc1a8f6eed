//! Conversations about edges and about steps among their neighbours.

use crate::answer::Answer;
use crate::boundary::guarded;
use crate::conversation::{Started, started, steps, task_ids};
use magnus::{Error, Object, RClass, Ruby, function};
use tasker_core::facts::Edge;
use tasker_core::ids::StepId;
use tasker_core::operations::{edges, kinship};

fn closes_cycle(ruby: &Ruby, seam: String, from: i64, to: i64) -> Started {
    guarded(ruby, || {
        let edge = Edge { from: StepId(from), to: StepId(to) };
        started!(seam, |session| edges::closes_cycle(session, edge), Answer::Closes)
    })
}

fn sibling_edges(ruby: &Ruby, seam: String, step: i64) -> Started {
    guarded(ruby, || started!(seam, |session| edges::sibling_edges(session, StepId(step)), Answer::Edges))
}

fn relationships_of_steps(ruby: &Ruby, seam: String, ids: Vec<i64>) -> Started {
    guarded(ruby, || {
        let ids = steps(Some(ids)).unwrap_or_default();
        started!(seam, |session| kinship::of_steps(session, &ids), Answer::Relationships)
    })
}

fn relationships_of_tasks(ruby: &Ruby, seam: String, ids: Vec<i64>) -> Started {
    guarded(ruby, || {
        let ids = task_ids(ids);
        started!(seam, |session| kinship::of_tasks(session, &ids), Answer::Relationships)
    })
}

pub(crate) fn init(class: RClass) -> Result<(), Error> {
    class.define_singleton_method("closes_cycle", function!(closes_cycle, 3))?;
    class.define_singleton_method("sibling_edges", function!(sibling_edges, 2))?;
    class.define_singleton_method("relationships_of_steps", function!(relationships_of_steps, 2))?;
    class.define_singleton_method("relationships_of_tasks", function!(relationships_of_tasks, 2))
}
