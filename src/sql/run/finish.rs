//! The ends of steps.

use super::records::{execution, parents, records, task_record, version};
use super::task_is_claimed;
use crate::session::{Access, Query, Value};

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
    /// Whether the caller wants records.
    pub(crate) records: Value,
    /// The version of the task's row that it has.
    pub(crate) task_version: Value,
    pub(crate) distinct_to: Value,
}

/// Ends the attempt at step `$1` that began with claim `$2`, and claims step `$6`, if that waits for nothing else.
///
/// `$3` the state to enter, complete or error; `$4` results, null for those in `$5`; with an error they are added to an object that is there
/// already; `$5` the columns of the step's row to write, as a JSON object, where attempts are one more if they are not given; `$6` the successor, null for none; `$7` metadata of its claim; `$8`
/// the instant to record; `$9` the caller's claim of the task; `$10` whether the caller wants records; `$11` the version of the task's row that
/// it has; `$12` the step up to which those of the task are known to have names of their own, null where names are not compared.
///
/// A row for each transition: its state, and where that is in progress the packed [execution], the [records] and the
/// [task's record](task_record), null otherwise. No row, and nothing written,
/// if the step is not in progress by that claim, or if a step of the task later than `$12` bears its name, which the engine's validations
/// refuse. The successor is claimed only if no attempt at it was made.
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
    and ((select $12::bigint) is null or not exists (
      select from (
        select o.named_step_id from tasker_workflow_steps o
        where o.task_id = s.task_id and o.workflow_step_id <> s.workflow_step_id and o.workflow_step_id > (select $12::bigint)
        offset 0
      ) other
      join tasker_named_steps theirs on theirs.named_step_id = other.named_step_id
      join tasker_named_steps mine on mine.name = theirs.name
      where mine.named_step_id = s.named_step_id
      offset 0
    ))
  for no key update of s, t
), saved as (
  update tasker_workflow_steps s
  set (retryable, retry_limit, in_process, processed, processed_at, attempts, last_attempted_at, backoff_request_seconds, inputs,
       results, skippable, updated_at) = (
    select r.retryable, r.retry_limit, r.in_process, r.processed, r.processed_at,
           case when $5::jsonb ? 'attempts' then r.attempts else coalesce(s.attempts, 0) + 1 end, r.last_attempted_at,
           r.backoff_request_seconds, r.inputs,
           case when $4::text is null then r.results
                when $3::text = 'error' and jsonb_typeof(s.results) = 'object' then s.results || $4::jsonb
                else $4::jsonb end,
           r.skippable, $8::timestamp
    from jsonb_populate_record(s, $5::jsonb) r
  )
  from ended where s.workflow_step_id = ended.step
  returning s.workflow_step_id as step, s as record, ",
            version!("s"),
            " as version
), free as materialized (
  select t.id, n.workflow_step_id as step, 'pending' as was, n as record, ",
            version!("n"),
            " as version
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
returning to_state, ",
            execution!("free", "$10"),
            ", ",
            records!(
                "free",
                "$10",
                concat!(
                    "select (saved.record).*, saved.version, $3::text as to_state from saved where saved.step = e.from_step_id
      union all
      ",
                    parents!(),
                    " and x.workflow_step_id <> (select saved.step from saved)"
                )
            ),
            ", case when to_state = 'in_progress' then ",
            task_record!("(select ended.task_id from ended)", "$11", "$10"),
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
            given.records,
            given.task_version,
            given.distinct_to,
        ],
        access: Access::Write,
    }
}

/// The end of the attempt at step `$1` that began with claim `$2`, if that was the state `$3`, recorded at `$4`: what [`finish_and_claim`] has
/// answered, for a caller that has lost the answer. No row if another end, or none, was written.
pub(crate) fn written_end(given: FinishAndClaim) -> Query {
    Query {
        name: "written end",
        sql: concat!(
            "\
with ended as materialized (
  select e.id, s.task_id
  from tasker_workflow_step_transitions c
  join tasker_workflow_steps s on s.workflow_step_id = c.workflow_step_id
  cross join lateral (
    select x.* from tasker_workflow_step_transitions x
    where x.workflow_step_id = c.workflow_step_id and x.sort_key > c.sort_key order by x.sort_key limit 1
  ) e
  where c.id = (select $2::bigint) and c.workflow_step_id = (select $1::bigint)
    and e.to_state = (select $3::text) and e.created_at = (select $4::timestamp)
), free as materialized (
  select t.id, n.workflow_step_id as step, 'pending' as was, n as record, ",
            version!("n"),
            " as version
  from ended
  join tasker_workflow_steps n on n.task_id = ended.task_id and n.workflow_step_id = (select $5::bigint)
  join tasker_workflow_step_transitions t on t.workflow_step_id = n.workflow_step_id
  where t.most_recent and t.to_state = 'in_progress' and t.created_at = (select $4::timestamp)
    and t.metadata = (select $6::jsonb)
)
select to_state, ",
            execution!("free", "$7"),
            ", ",
            records!("free", "$7", parents!()),
            ", case when to_state = 'in_progress' then ",
            task_record!("(select ended.task_id from ended)", "$8", "$7"),
            " end
from tasker_workflow_step_transitions
where id in (select ended.id from ended union all select free.id from free)"
        ),
        binds: vec![
            given.step,
            given.claim,
            given.to,
            given.at,
            given.next,
            given.metadata,
            given.records,
            given.task_version,
        ],
        access: Access::Read,
    }
}
