//! Statements of a run: its start, claims of ready steps, ends of steps.
//!
//! Each is an INSERT whose SELECT stands in parentheses, so that what routes statements by their text takes it for a write. The token of a
//! claim is the id of the transition to in progress that it inserts.
//!
//! Locks are taken as in [`super::transition::write`]: a step before its transitions, a task for key share only. A claim skips steps that
//! another session has locked, so no claim waits for another.

use super::ready::ready;
use super::transition::{claim_of_task, next_transition};
use crate::session::{Access, Query, Value};

/// Starts pending task `$1`: one row, none and nothing written if it is complete or not pending.
///
/// `$2` metadata of the claim, an object to which the engine's own is added; `$3` the instant to record. Columns: the claim; arrays of the
/// task's steps, of the from-steps and to-steps of the edges that end at them, and of its steps that are done.
pub(crate) fn start(task: Value, metadata: Value, at: Value) -> Query {
    Query {
        name: "start task",
        sql: concat!(
            "\
with owner as materialized (
  select o.task_id as id from tasker_tasks o
  where o.task_id = (select $1::bigint) and o.complete is not true for key share
), unflagged as (
  update tasker_task_transitions t set most_recent = false, updated_at = $3::timestamp
  from owner
  where t.task_id = owner.id and t.most_recent and t.to_state = 'pending'
  returning owner.id
)
",
            next_transition!(
                "tasker_task_transitions",
                "task_id",
                "'in_progress'",
                "$2::jsonb || jsonb_build_object('initialization_completed', true, 'step_dependencies_established',
            (select count(*) from tasker_workflow_steps s where s.task_id = moved.id))",
                "$3",
                "(
    select unflagged.id from unflagged
    union all
    select owner.id from owner
    where case when not exists (select from tasker_task_transitions x where x.task_id = owner.id and x.most_recent)
               then pg_advisory_xact_lock(hashtextextended('tasker_task_transitions', owner.id)) is not null end
  )"
            ),
            "
on conflict (task_id, most_recent) where most_recent do nothing
returning id, (
  select array_agg(s.workflow_step_id)::text from tasker_workflow_steps s
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(e.from_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
  where s.task_id = tasker_task_transitions.task_id and p.to_state in ('complete', 'resolved_manually')
)"
        ),
        binds: vec![task, metadata, at],
        access: Access::Write,
    }
}

/// The record of the step whose transition was inserted, packed: step, claim, name, inputs, results, attempts, retry limit.
macro_rules! execution {
    () => {
        "(
  select json_build_array(s.workflow_step_id, tasker_workflow_step_transitions.id, n.name, s.inputs::text, s.results::text,
                          s.attempts, s.retry_limit)::text
  from tasker_workflow_steps s join tasker_named_steps n on n.named_step_id = s.named_step_id
  where s.workflow_step_id = tasker_workflow_step_transitions.workflow_step_id
)"
    };
}

/// Is the task's claim `$claim`, where one is given, still the caller's? `owner` has the task's id.
macro_rules! task_is_claimed {
    ($claim:literal) => {
        concat!(
            "((select ",
            $claim,
            "::bigint) is null or not exists (",
            claim_of_task!(),
            " and c.id <> (select ",
            $claim,
            "::bigint) offset 0))"
        )
    };
}

/// The parameters of [`look_and_claim`], encoded.
pub(crate) struct LookAndClaim {
    pub(crate) task: Value,
    pub(crate) slots: Value,
    pub(crate) among: Value,
    pub(crate) metadata: Value,
    pub(crate) at: Value,
    pub(crate) task_claim: Value,
}

/// Claims the first `$2` ready steps of task `$1`, in the order of their ids.
///
/// `$3` the ids to choose from, null for all; `$4` metadata of the claims; `$5` the instant to record; `$6` the caller's claim of the task.
/// A row for each transition that was written, in the order of the steps: its state; where that is in progress the packed
/// [execution], null otherwise; an array of all ready steps, the claimed ones included. No row where nothing was claimed.
///
/// * A failed step whose wait is over becomes pending and then in progress, as the machine demands: two transitions of one instant.
/// * What was read as ready is read again under the locks: steps that another session has claimed or changed since do not count towards the
///   `$2`. Steps that another session has locked are skipped, unless `waits`.
/// * A first transition that another session has inserted since makes ours yield (`on conflict … do nothing`).
pub(crate) fn look_and_claim(waits: bool, given: LookAndClaim) -> Query {
    macro_rules! text {
        ($skip:literal) => {
            concat!(
                "\
with look as materialized (
  select s.workflow_step_id as step
  from tasker_workflow_steps s
  left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  cross join (select (select $1::bigint) as task_id) owner
  where s.task_id = (select $1::bigint)
    and ((select $3::bigint[]) is null or s.workflow_step_id = any ((select $3::bigint[])::bigint[]))
    and ",
                ready!(),
                "
    and ",
                task_is_claimed!("$6"),
                "
), recorded as materialized (
  select t.id, s.workflow_step_id as step
  from look
  join tasker_workflow_steps s on s.workflow_step_id = look.step
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
  where t.most_recent and t.to_state in ('pending', 'error')
    and not s.processed and not s.in_process and s.retryable and coalesce(s.attempts, 0) < coalesce(s.retry_limit, 3)
  order by s.workflow_step_id limit (select $2::integer) for no key update of s, t",
                $skip,
                "
), fresh as materialized (
  select null::bigint as id, s.workflow_step_id as step
  from look
  join tasker_workflow_steps s on s.workflow_step_id = look.step
  where not s.processed and not s.in_process and s.retryable and coalesce(s.attempts, 0) < coalesce(s.retry_limit, 3)
    and not exists (
      select from tasker_workflow_step_transitions x where x.workflow_step_id = s.workflow_step_id and x.most_recent
    )
  order by s.workflow_step_id limit (select $2::integer) for no key update of s",
                $skip,
                "
), slice as materialized (
  select chosen.id, chosen.step from (select * from recorded union all select * from fresh) chosen
  order by chosen.step limit (select $2::integer)
), unflagged as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $5::timestamp
  from slice
  where t.id = slice.id and t.most_recent
  returning slice.step, t.to_state as was
), moved as (
  select unflagged.step, 'pending' as to_state, 10 as later from unflagged where unflagged.was = 'error'
  union all
  select unflagged.step, 'in_progress', case when unflagged.was = 'error' then 20 else 10 end from unflagged
  union all
  select slice.step, 'in_progress', 10 from slice where slice.id is null
)
insert into tasker_workflow_step_transitions
  (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
(select moved.to_state, case moved.to_state when 'in_progress' then $4::jsonb else '{}'::jsonb end,
        coalesce((
          select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.step
        ), 0) + moved.later,
        moved.to_state = 'in_progress', moved.step, $5::timestamp, $5::timestamp
 from moved order by moved.step, moved.later)
on conflict (workflow_step_id, most_recent) where most_recent do nothing
returning to_state, case when to_state = 'in_progress' then ",
                execution!(),
                " end, (select array_agg(look.step order by look.step)::text from look)"
            )
        };
    }
    Query {
        name: "look and claim",
        sql: if waits { text!("") } else { text!(" skip locked") },
        binds: vec![given.task, given.slots, given.among, given.metadata, given.at, given.task_claim],
        access: Access::Write,
    }
}

/// The parameters of [`finish_and_claim`], encoded.
pub(crate) struct FinishAndClaim {
    pub(crate) step: Value,
    pub(crate) claim: Value,
    pub(crate) to: Value,
    pub(crate) results: Value,
    pub(crate) columns: Value,
    pub(crate) next: Value,
    pub(crate) metadata: Value,
    pub(crate) at: Value,
    pub(crate) task_claim: Value,
}

/// Ends the attempt at step `$1` that began with claim `$2`, and claims step `$6`, if that waits for nothing else.
///
/// `$3` the state to enter, complete or error; `$4` results, null for those in `$5`; with an error they are added to an object that is there
/// already; `$5` the columns of the step's row to write, as a JSON object; `$6` the successor, null for none; `$7` metadata of its claim; `$8`
/// the instant to record; `$9` the caller's claim of the task.
///
/// A row for each transition: its state, and where that is in progress the packed [execution], null otherwise. No row, and nothing written,
/// if the step is not in progress by that claim. The successor is claimed only if no attempt at it was made.
pub(crate) fn finish_and_claim(given: FinishAndClaim) -> Query {
    Query {
        name: "finish and claim",
        sql: concat!(
            "\
with ended as materialized (
  select t.id, s.workflow_step_id as step, s.task_id
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
  where s.workflow_step_id = (select $1::bigint) and t.id = (select $2::bigint) and t.most_recent and t.to_state = 'in_progress'
  for no key update of s, t
), saved as (
  update tasker_workflow_steps s
  set (retryable, retry_limit, in_process, processed, processed_at, attempts, last_attempted_at, backoff_request_seconds, inputs,
       results, skippable, updated_at) = (
    select r.retryable, r.retry_limit, r.in_process, r.processed, r.processed_at, r.attempts, r.last_attempted_at,
           r.backoff_request_seconds, r.inputs,
           case when $4::text is null then r.results
                when $3::text = 'error' and jsonb_typeof(s.results) = 'object' then s.results || $4::jsonb
                else $4::jsonb end,
           r.skippable, $8::timestamp
    from jsonb_populate_record(s, $5::jsonb) r
  )
  from ended where s.workflow_step_id = ended.step
  returning s.workflow_step_id as step
), free as materialized (
  select t.id, n.workflow_step_id as step
  from saved
  join tasker_workflow_step_edges e on e.from_step_id = saved.step
  join tasker_workflow_steps n on n.workflow_step_id = e.to_step_id
  join ended owner on owner.task_id = n.task_id
  left join tasker_workflow_step_transitions t on t.workflow_step_id = n.workflow_step_id and t.most_recent
  where n.workflow_step_id = (select $6::bigint) and $3::text = 'complete'
    and (t.to_state is null or t.to_state = 'pending')
    and not n.processed and not n.in_process and n.retryable and coalesce(n.attempts, 0) = 0 and n.last_attempted_at is null
    and n.backoff_request_seconds is null and coalesce(n.retry_limit, 3) > 0
    and not exists (
      select from tasker_workflow_step_edges o
      left join tasker_workflow_step_transitions p on p.workflow_step_id = o.from_step_id and p.most_recent
      where o.to_step_id = n.workflow_step_id and o.from_step_id <> saved.step
        and (p.to_state is null or p.to_state not in ('complete', 'resolved_manually'))
      offset 0
    )
    and ",
            task_is_claimed!("$9"),
            "
  limit 1 for no key update of n skip locked
), unflagged as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $8::timestamp
  from (
    select ended.id, $3::text as to_state from ended join saved using (step)
    union all
    select free.id, 'in_progress' from free
  ) m
  where t.id = m.id and t.most_recent
  returning t.workflow_step_id as step, m.to_state
), moved as (
  select unflagged.step, unflagged.to_state from unflagged
  union all
  select free.step, 'in_progress' from free where free.id is null
)
insert into tasker_workflow_step_transitions
  (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
(select moved.to_state, case moved.to_state when 'in_progress' then $7::jsonb else '{}'::jsonb end,
        coalesce((
          select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.step
        ), 0) + 10,
        true, moved.step, $8::timestamp, $8::timestamp
 from moved order by moved.to_state)
on conflict (workflow_step_id, most_recent) where most_recent do nothing
returning to_state, case when to_state = 'in_progress' then ",
            execution!(),
            " end"
        ),
        binds: vec![
            given.step,
            given.claim,
            given.to,
            given.results,
            given.columns,
            given.next,
            given.metadata,
            given.at,
            given.task_claim,
        ],
        access: Access::Write,
    }
}

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
