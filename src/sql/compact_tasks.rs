//! What may run next in several small tasks that are tracked.

use super::readiness::{attempt_line, done, failed_at_line, last_step};
use super::records::micros;
use crate::session::{Access, Query, Value};

/// What is asked about tasks that are tracked. Parameters are encoded; of the last three there is one for each task.
pub(crate) struct Several {
    /// Steps that waited for nothing when last seen.
    pub(crate) candidates: Value,
    /// The tasks.
    pub(crate) task_ids: Value,
    /// Where to begin to look for the transitions of each.
    pub(crate) first: Value,
    /// The last step of each as far as is known, where to end.
    pub(crate) last: Value,
}

/// One row: now; those of `$1`, one text of a row each (id, processed, in process, retryable, attempts, retry limit, requested backoff, last
/// attempt in seconds); two arrays of the edges that end at them (to, from); the steps between `$3` and `$4` that are done, whosesoever they
/// are, as an array; the others of these that have a transition, one text of a row each (id, state, when it failed in seconds); and the places
/// of those of `$2`, counted from 1, whose last step is not the one in `$4`.
///
/// No range has more than 256 ids, and a step has one most recent transition, so the limit cuts nothing off; it gives the planner the estimate how little
/// there is. Nothing is joined: to look up a parent for each edge would cost more than all the rest.
pub(crate) fn news(given: Several) -> Query {
    Query {
        name: "news of small tasks",
        sql: concat!(
            "select ",
            micros!("localtimestamp"),
            ", step.*, edge.*, standing.*, outdated.*
from (
  select string_agg(row(
           s.workflow_step_id, ",
            attempt_line!(),
            "
         )::text, '')
  from tasker_workflow_steps s where s.workflow_step_id = any ((select $1::bigint[])::bigint[])
) step, (
  select array_agg(e.to_step_id)::text, array_agg(e.from_step_id)::text
  from tasker_workflow_step_edges e where e.to_step_id = any ((select $1::bigint[])::bigint[])
) edge, (
  select array_agg(t.workflow_step_id) filter (where t.done)::text,
         string_agg(row(
           t.workflow_step_id, t.to_state, ",
            failed_at_line!(),
            "
         )::text, '') filter (where not t.done)
  from unnest((select $3::bigint[])::bigint[], (select $4::bigint[])::bigint[]) range (first, last)
  cross join lateral (
    select t.workflow_step_id, t.to_state, t.created_at, ",
            done!("t.to_state"),
            " as done
    from tasker_workflow_step_transitions t
    where t.most_recent and t.workflow_step_id between range.first and range.last
    limit 256
  ) t
) standing, (
  select array_agg(followed.place)::text
  from unnest((select $2::bigint[])::bigint[], (select $4::bigint[])::bigint[]) with ordinality followed (id, last, place)
  where followed.last is distinct from (
    ",
            last_step!(of "followed.id"),
            "
  )
) outdated"
        ),
        binds: vec![given.candidates, given.task_ids, given.first, given.last],
        access: Access::Read,
    }
}
