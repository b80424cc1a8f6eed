//! Reading a task with everything that is decided about it at once.

use super::facts::micros;
use crate::session::{Access, Query, Value};

/// The parameters of [`task`], encoded.
pub(crate) struct Survey {
    pub(crate) task_id: Value,
    pub(crate) chosen: Value,
    pub(crate) known_task: Value,
    pub(crate) known_steps: Value,
    pub(crate) known_versions: Value,
}

/// Task `$1` with its steps (all of them, or those in `$2` and their parents) and the edges that end at them; one row, none if there is no
/// such task.
///
/// `$3` is the version of the task's row that the caller has, `$4` and `$5` the ids and versions of steps' rows; what it has is not sent
/// again. A version is a row's `xmin` and `ctid`, which every update of the row changes, whoever makes it and whatever it sets.
///
/// Columns: those of [`super::facts::tasks_with_steps`] (0 to 18); then arrays of one element an edge: its from-step (19); of one element a
/// step: versions (20); the last completion (21); the task's version (22), whether its row follows (23) and the row (24 to 34); and arrays of
/// one element for each step whose row is sent: ids, skippable, processed at, inputs, results, created at, updated at (35 to 41).
pub(crate) fn task(given: Survey) -> Query {
    Query {
        name: "task survey",
        sql: concat!(
            "\
with task as materialized (
  select t.*, t.xmin::text || t.ctid::text as version from tasker_tasks t where t.task_id = (select $1::bigint)
), step as materialized (
  select s.*, s.xmin::text || s.ctid::text as version, n.name, t.to_state, t.created_at as moved_at
  from tasker_workflow_steps s
  join tasker_named_steps n on n.named_step_id = s.named_step_id
  left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  where s.task_id = (select $1::bigint)
    and ((select $2::bigint[]) is null or s.workflow_step_id = any ((select $2::bigint[])::bigint[])
         or s.workflow_step_id in (
           select e.from_step_id from tasker_workflow_step_edges e
           where e.to_step_id = any ((select $2::bigint[])::bigint[])))
)
select ", micros!("localtimestamp"), ", steps.*, edges.*, owner.*, edge_from.*, versions.*,
       sent.version is not null,
       sent.complete, ", micros!("sent.requested_at"), ", sent.initiator, sent.source_system, sent.reason,
       sent.bypass_steps::text, sent.tags::text, sent.context::text, sent.identity_hash,
       ", micros!("sent.created_at"), ", ", micros!("sent.updated_at"), ", fresh.*
from task left join task sent on sent.version is distinct from (select $3::text), (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text,
         array_agg(s.task_id order by s.workflow_step_id)::text,
         array_agg(s.named_step_id order by s.workflow_step_id)::text,
         array_agg(s.name order by s.workflow_step_id)::text,
         array_agg(s.to_state order by s.workflow_step_id)::text,
         array_agg(case when s.to_state = 'error' then ", micros!("s.moved_at"), " end
                   order by s.workflow_step_id)::text,
         array_agg(s.processed order by s.workflow_step_id)::text,
         array_agg(s.in_process order by s.workflow_step_id)::text,
         array_agg(s.retryable order by s.workflow_step_id)::text,
         array_agg(s.attempts order by s.workflow_step_id)::text,
         array_agg(s.retry_limit order by s.workflow_step_id)::text,
         array_agg(s.backoff_request_seconds order by s.workflow_step_id)::text,
         array_agg(", micros!("s.last_attempted_at"), " order by s.workflow_step_id)::text
  from step s
) steps, (
  select array_agg(e.to_step_id order by e.id)::text,
         array_agg(t.to_state is not null and t.to_state in ('complete', 'resolved_manually') order by e.id)::text
  from step s
  join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  left join tasker_workflow_step_transitions t on t.workflow_step_id = e.from_step_id and t.most_recent
) edges, (
  select array_agg(k.task_id)::text, array_agg(k.named_task_id)::text, array_agg(c.to_state)::text
  from task k left join tasker_task_transitions c on c.task_id = k.task_id and c.most_recent
) owner, (
  select array_agg(e.from_step_id order by e.id)::text
  from step s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
) edge_from, (
  select array_agg(s.version order by s.workflow_step_id)::text,
         ", micros!("max(s.processed_at) filter (where s.to_state in ('complete', 'resolved_manually'))"), ",
         (select version from task)
  from step s
) versions, (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text,
         array_agg(s.skippable order by s.workflow_step_id)::text,
         array_agg(", micros!("s.processed_at"), " order by s.workflow_step_id)::text,
         array_agg(s.inputs::text order by s.workflow_step_id)::text,
         array_agg(s.results::text order by s.workflow_step_id)::text,
         array_agg(", micros!("s.created_at"), " order by s.workflow_step_id)::text,
         array_agg(", micros!("s.updated_at"), " order by s.workflow_step_id)::text
  from step s
  left join unnest((select $4::bigint[])::bigint[], (select $5::text[])::text[]) known (id, version)
    on known.id = s.workflow_step_id
  where known.version is distinct from s.version
) fresh"
        ),
        binds: vec![given.task_id, given.chosen, given.known_task, given.known_steps, given.known_versions],
        access: Access::Read,
    }
}
