//! Claims of workers, and tasks that no job is going to run.

use crate::session::{Access, Query, Value};

/// The key of the worker that wrote transition `t`; null in transitions without one.
macro_rules! worker {
    ($transition:literal) => {
        concat!($transition, ".metadata #>> '{tasker_core,worker}'")
    };
}

/// Workers other than `$1` that have claims and do not hold their lock. Columns: whether the server is a replica, on which no lock can be
/// seen; the keys, as texts.
pub(crate) fn unlocked_workers(own: Value) -> Query {
    Query {
        name: "unlocked workers",
        sql: concat!(
            "\
select pg_is_in_recovery(), array(
  select claim.worker from (
    select ",
            worker!("t"),
            " as worker from tasker_task_transitions t where t.most_recent and t.to_state = 'in_progress'
    union
    select ",
            worker!("t"),
            " from tasker_workflow_step_transitions t where t.most_recent and t.to_state = 'in_progress'
  ) claim
  where claim.worker is distinct from (select $1::text) and claim.worker not in (
    select ((l.classid::bigint << 32) | l.objid::bigint)::text from pg_locks l
    where l.locktype = 'advisory' and l.objsubid = 1 and l.granted and l.mode = 'ExclusiveLock'
      and l.database = (select d.oid from pg_database d where d.datname = current_database())
  )
  order by claim.worker
)::text"
        ),
        binds: vec![own],
        access: Access::Read,
    }
}

/// Takes the lock of worker `$1` for the length of the transaction. Columns: whether it was free. On a replica it never is.
pub(crate) fn lock_worker(key: Value) -> Query {
    Query {
        name: "lock worker",
        sql: "select case when pg_is_in_recovery() then false else pg_try_advisory_xact_lock((select $1::bigint)) end",
        binds: vec![key],
        access: Access::Write,
    }
}

/// The claims of worker `$1` (a text). Columns: rows of step, transition and task of each step; rows of task, transition, and one or zero
/// for each task, whether a step of it is claimed by another worker or without a key.
pub(crate) fn claims(key: Value) -> Query {
    Query {
        name: "claims of a worker",
        sql: concat!(
            "\
select (
  select array_agg(array[s.workflow_step_id, t.id, s.task_id] order by s.workflow_step_id)
  from tasker_workflow_step_transitions t join tasker_workflow_steps s on s.workflow_step_id = t.workflow_step_id
  where t.most_recent and t.to_state = 'in_progress' and ",
            worker!("t"),
            " = (select $1::text)
)::text, (
  select array_agg(array[t.task_id, t.id, exists (
    select from tasker_workflow_steps s
    join tasker_workflow_step_transitions c on c.workflow_step_id = s.workflow_step_id and c.most_recent
    where s.task_id = t.task_id and c.to_state = 'in_progress' and ",
            worker!("c"),
            " is distinct from (select $1::text)
  )::integer] order by t.task_id)
  from tasker_task_transitions t
  where t.most_recent and t.to_state = 'in_progress' and ",
            worker!("t"),
            " = (select $1::text)
)::text"
        ),
        binds: vec![key],
        access: Access::Read,
    }
}

/// At most `$3` pending tasks with ids above `$1` for which no job is noted, or one that is overdue: its time is `$2` seconds ago, twice that
/// after a second job, and so on. Where no job is noted, the time is that of the transition, or of the task's creation; a task that another
/// worker has handed over waits for a tenth of it. Column: their ids.
pub(crate) fn jobless_tasks(above: Value, seconds: Value, limit: Value) -> Query {
    Query {
        name: "tasks without a job",
        sql: "\
select array(
  select o.task_id from tasker_tasks o
  left join tasker_task_transitions t on t.task_id = o.task_id and t.most_recent
  where o.task_id > (select $1::bigint) and o.complete is not true
    and (t.to_state = 'pending' or t.to_state is null)
    and case
          when t.metadata #>> '{resumption,at}' ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$'
          then (t.metadata #>> '{resumption,at}')::timestamptz
          else coalesce(t.created_at, o.created_at)::timestamptz
        end + make_interval(secs => (select $2::double precision) * case
          when t.metadata #>> '{tasker_core,handover}' = 'true' and t.metadata -> 'resumption' is null then 0.1 else 1
        end * power(2, least(10, case
          when t.metadata #>> '{resumption,times}' ~ '^[0-9]{1,4}$' then (t.metadata #>> '{resumption,times}')::integer else 0
        end))) < clock_timestamp()
  order by o.task_id limit (select $3::bigint)
)::text",
        binds: vec![above, seconds, limit],
        access: Access::Read,
    }
}
