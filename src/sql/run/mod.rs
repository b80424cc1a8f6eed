//! Statements of a run: its start, claims of ready steps, ends of steps.
//!
//! Each is an INSERT whose SELECT stands in parentheses, so that what routes statements by their text takes it for a write. The token of a
//! claim is the id of the transition to in progress that it inserts.
//!
//! Locks are taken as in [`super::transition::write`]: a step before its transitions, a task for key share only. A claim skips steps that
//! another session has locked, so no claim waits for another.

mod claim;
mod finish;
mod records;
mod start;

use crate::session::{Access, Query, Value};

pub(crate) use claim::{Claim, Look, look, look_and_claim};
pub(crate) use finish::{FinishAndClaim, finish_and_claim, written_end};
#[cfg(feature = "store")]
pub(crate) use start::START_AND_CLAIM;
pub(crate) use start::{start, start_and_claim};

/// Is the task's claim `$claim`, where one is given, still the caller's? `owner` has the task's id.
macro_rules! task_is_claimed {
    ($claim:literal) => {
        concat!(
            "((select ",
            $claim,
            "::bigint) is null or not exists (",
            $crate::sql::transition::claim_of_task!(),
            " and c.id <> (select ",
            $claim,
            "::bigint) offset 0))"
        )
    };
}

use task_is_claimed;

/// Columns: whether task `$1` is complete, the state and the id of its most recent transition, both null where there is none. No row if there is no such task.
pub(crate) fn task_state(task: Value) -> Query {
    Query {
        name: "state of a task",
        sql: "\
select o.complete is true, t.to_state, t.id
from tasker_tasks o left join tasker_task_transitions t on t.task_id = o.task_id and t.most_recent
where o.task_id = (select $1::bigint)",
        binds: vec![task],
        access: Access::Read,
    }
}

/// The steps that step `$1` waits for, by id. Columns: step, name, results.
pub(crate) fn parents(step: Value) -> Query {
    Query {
        name: "results of parents",
        sql: "\
select s.workflow_step_id, n.name, s.results::text
from (
  select distinct e.from_step_id as id from tasker_workflow_step_edges e where e.to_step_id = (select $1::bigint)
) parent
join tasker_workflow_steps s on s.workflow_step_id = parent.id
join tasker_named_steps n on n.named_step_id = s.named_step_id
order by s.workflow_step_id",
        binds: vec![step],
        access: Access::Read,
    }
}
