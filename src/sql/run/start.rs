//! The start of a run.

use super::claim::{
    Claim, Look, all_steps, claim, claimed, find_ready, first, ready_names, ready_steps, slice,
};
use super::records::{execution, parents, records, task_record, version};
use super::task_is_claimed;
use crate::session::{Access, Query, Value};
use crate::sql::ready::ready;
use crate::sql::transition::next_transition;

/// Locks task `$1` unless it is complete, or `$gate` does not hold, and takes the flag from its transition to pending, if there is one, at `$at`.
macro_rules! unflag_task {
    ($gate:literal, $at:literal) => {
        concat!(
            "owner as materialized (
  select o.task_id as id from tasker_tasks o
  where o.task_id = (select $1::bigint) and o.complete is not true",
            $gate,
            " for key share
), left_pending as (
  update tasker_task_transitions t set most_recent = false, updated_at = ",
            $at,
            "::timestamp
  from owner
  where t.task_id = owner.id and t.most_recent and t.to_state = 'pending'
  returning owner.id
)"
        )
    };
}

/// Inserts the claim of the task, with metadata `$metadata` and the engine's own.
macro_rules! claim_task {
    ($metadata:literal, $at:literal) => {
        concat!(
            next_transition!(
                "tasker_task_transitions",
                "task_id",
                "'in_progress'",
                concat!(
                    $metadata,
                    "::jsonb || jsonb_build_object('initialization_completed', true, 'step_dependencies_established',
            (select count(*) from tasker_workflow_steps s where s.task_id = moved.id))"
                ),
                $at,
                "(
    select left_pending.id from left_pending
    union all
    select owner.id from owner
    where case when not exists (select from tasker_task_transitions x where x.task_id = owner.id and x.most_recent)
               then pg_advisory_xact_lock(hashtextextended('tasker_task_transitions', owner.id)) is not null end
  )"
            ),
            "
on conflict (task_id, most_recent) where most_recent do nothing"
        )
    };
}

/// Arrays of the steps of task `$1`, of the from-steps and to-steps of the edges that end at them, and of its steps that are done; each is given to
/// `$as`.
macro_rules! graph {
    ($as:ident) => {
        concat!(
            $as!(
                "(
  select array_agg(s.workflow_step_id)::text from tasker_workflow_steps s where s.task_id = (select $1::bigint)
)"
            ),
            ", ",
            $as!(
                "(
  select array_agg(e.from_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
)"
            ),
            ", ",
            $as!(
                "(
  select array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
)"
            ),
            ", ",
            $as!(
                "(
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
  where s.task_id = (select $1::bigint) and p.to_state in ('complete', 'resolved_manually')
)"
            )
        )
    };
}

macro_rules! always {
    ($expression:expr) => {
        $expression
    };
}

/// Starts pending task `$1`: one row, none and nothing written if it is complete or not pending.
///
/// `$2` metadata of the claim, an object to which the engine's own is added; `$3` the instant to record. Columns: the claim; arrays of the
/// task's steps, of the from-steps and to-steps of the edges that end at them, and of its steps that are done.
pub(crate) fn start(task: Value, metadata: Value, at: Value) -> Query {
    Query {
        name: "start task",
        sql: concat!(
            "with ",
            unflag_task!("", "$3"),
            "\n",
            claim_task!("$2", "$3"),
            "\nreturning id, ",
            graph!(always)
        ),
        binds: vec![task, metadata, at],
        access: Access::Write,
    }
}

/// The name of [`start_and_claim`]. A unique violation of it is a lost race: nothing is written.
pub(crate) const START_AND_CLAIM: &str = "start and claim";

/// Starts pending task `$1` and claims its first `$2` ready steps: [`start`] and [`look_and_claim`](super::look_and_claim) in one, for a task of
/// which a step is ready.
///
/// `$3` metadata of the steps' claims and `$5` of the task's; the others are those of [`look_and_claim`](super::look_and_claim), and so are the
/// columns, behind which those of [`start`] follow with the first of the steps, null in the other rows. No row, and nothing written, where the task
/// is not started or no step is claimed.
///
/// The steps are locked first, since the task is not to be started without them. Should another session have claimed one of them since the
/// snapshot, the index on `most_recent` refuses all of it: a task must not be in progress by a claim that its owner does not receive.
pub(crate) fn start_and_claim(look: Look, claim: Claim, metadata: Value) -> Query {
    Query {
        name: START_AND_CLAIM,
        sql: concat!(
            "with ",
            find_ready!(all_steps!(), "null", "$8"),
            ", ",
            slice!(" skip locked"),
            ", ",
            unflag_task!("\n    and exists (select from slice)", "$4"),
            ", started as (
  ",
            claim_task!("$5", "$4"),
            "
  returning id
), ",
            claim!(" cross join started"),
            "
returning ",
            claimed!(),
            ", ",
            first!("(select started.id from started)"),
            ", ",
            graph!(first)
        ),
        binds: vec![
            look.task,
            claim.slots,
            claim.metadata,
            claim.at,
            metadata,
            look.records,
            look.task_version,
            look.retries,
        ],
        access: Access::Write,
    }
}
