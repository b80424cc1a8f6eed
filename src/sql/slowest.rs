//! What has taken longest.

use super::records::micros;
use crate::session::{Access, Query, Value};

/// Conditions on a named task `d` and its namespace `n`: parameters three to five, of which null is anything.
macro_rules! chosen {
    () => {
        "((select $3::text) is null or n.name = (select $3::text))
    and ((select $4::text) is null or d.name = (select $4::text))
    and ((select $5::text) is null or d.version = (select $5::text))"
    };
}

/// The instant `$1`, or a day ago.
macro_rules! since {
    () => {
        "(select coalesce((select $1::timestamp)::timestamptz, now() - interval '24 hours')::timestamp)"
    };
}

/// The complete steps made since `$1` that took longest, the longest first, `$2` of them; of namespace `$3`, named task `$4`, version `$5`.
///
/// One row of arrays: step, task, names of the step, the task and the namespace, version, microseconds from making to completion,
/// attempts, made at, complete at, may be retried.
pub(crate) fn steps(binds: Vec<Value>) -> Query {
    Query {
        name: "slowest steps",
        sql: concat!(
            "\
select array_agg(step_id order by place)::text as steps, array_agg(task_id order by place)::text as tasks,
       array_agg(step_name order by place)::text as step_names, array_agg(task_name order by place)::text as task_names,
       array_agg(namespace order by place)::text as namespaces, array_agg(version order by place)::text as versions,
       array_agg((extract(epoch from duration) * 1000000)::bigint order by place)::text as durations,
       array_agg(attempts order by place)::text as attempts,
       array_agg(", micros!("made_at"), " order by place)::text as made_at,
       array_agg(", micros!("complete_at"), " order by place)::text as complete_at,
       array_agg(retryable order by place)::text as retryable
from (
  select row_number() over (order by t.created_at - s.created_at desc, s.workflow_step_id) as place,
         s.workflow_step_id as step_id, s.task_id, w.name as step_name, d.name as task_name, n.name as namespace, d.version,
         t.created_at - s.created_at as duration, s.attempts, s.created_at as made_at, t.created_at as complete_at, s.retryable
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
  join tasker_named_steps w on w.named_step_id = s.named_step_id
  join tasker_tasks k on k.task_id = s.task_id
  join tasker_named_tasks d on d.named_task_id = k.named_task_id
  join tasker_task_namespaces n on n.task_namespace_id = d.task_namespace_id
  where s.created_at > ", since!(), "
    and t.most_recent and t.to_state = 'complete' and t.created_at > s.created_at
    and ", chosen!(), "
  order by place
  limit (select $2::bigint)
) step"
        ),
        binds,
        access: Access::Read,
    }
}

/// The tasks made since `$1` whose last ended step ended latest after their making, like [`steps`].
///
/// One row of arrays: task, names of the task and the namespace, version, microseconds from its making to the end of that step, number of
/// steps, complete ones, those in error, made at, that step's end, initiator, source system.
pub(crate) fn tasks(binds: Vec<Value>) -> Query {
    Query {
        name: "slowest tasks",
        sql: concat!(
            "\
select array_agg(task_id order by place)::text as tasks, array_agg(task_name order by place)::text as task_names,
       array_agg(namespace order by place)::text as namespaces, array_agg(version order by place)::text as versions,
       array_agg((extract(epoch from ended_at - made_at) * 1000000)::bigint order by place)::text as durations,
       array_agg(steps order by place)::text as steps, array_agg(complete order by place)::text as complete,
       array_agg(failed order by place)::text as failed,
       array_agg(", micros!("made_at"), " order by place)::text as made_at,
       array_agg(", micros!("ended_at"), " order by place)::text as ended_at,
       array_agg(initiator order by place)::text as initiators, array_agg(source_system order by place)::text as source_systems
from (
  select row_number() over (order by e.ended_at - k.created_at desc, k.task_id) as place,
         k.task_id, d.name as task_name, n.name as namespace, d.version, k.created_at as made_at, e.ended_at,
         e.steps, e.complete, e.failed, k.initiator, k.source_system
  from tasker_tasks k
  join tasker_named_tasks d on d.named_task_id = k.named_task_id
  join tasker_task_namespaces n on n.task_namespace_id = d.task_namespace_id
  cross join lateral (
    select max(t.created_at) filter (where t.to_state in ('complete', 'error')) as ended_at, count(*) as steps,
           count(*) filter (where t.to_state = 'complete') as complete,
           count(*) filter (where t.to_state = 'error') as failed
    from tasker_workflow_steps s
    left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
    where s.task_id = k.task_id
  ) e
  where k.created_at > ", since!(), "
    and e.ended_at is not null
    and ", chosen!(), "
  order by place
  limit (select $2::bigint)
) task"
        ),
        binds,
        access: Access::Read,
    }
}
