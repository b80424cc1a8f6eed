//! What may run next in a small task that is tracked.

use super::readiness::{attempt_line, failed_at_line};
use super::records::micros;
use crate::session::{Access, Query, Value};

/// What is asked about a task that is tracked. Parameters are encoded.
pub(crate) struct Small {
    /// The task.
    pub(crate) task_id: Value,
    /// Its steps that waited for nothing when last seen.
    pub(crate) candidates: Value,
    /// Where to begin to look for transitions.
    pub(crate) first: Value,
    /// Its last step as far as is known, where to end.
    pub(crate) last: Value,
}

/// One row: now, and one text of rows. Those of nine fields are steps out of `$2`, and those from `$4` on: id, processed, in process,
/// retryable, attempts, retry limit, requested backoff, last attempt (in seconds), and an array of what each waits for. Those of three are the
/// most recent transitions from `$3` to `$4`, whosesoever they are: step, state, when it failed (in seconds).
///
/// For a handful of steps, what costs is to make each look-up, join and aggregate ready. So there are few, all steps of the task are gone
/// through, and whatever stands between two ids is brought: that is for few steps and ids that are close.
pub(crate) fn news(given: Small) -> Query {
    Query {
        name: "news of a small task",
        sql: concat!(
            "select ",
            micros!("localtimestamp"),
            ", string_agg(told.line, '')
from (
  select row(
           s.workflow_step_id, ",
            attempt_line!(),
            ",
           array(select e.from_step_id from tasker_workflow_step_edges e where e.to_step_id = s.workflow_step_id)
         )::text as line
  from tasker_workflow_steps s
  where s.task_id = (select $1::bigint)
    and (s.workflow_step_id = any ((select $2::bigint[])::bigint[]) or s.workflow_step_id >= (select $4::bigint))
  union all
  select row(t.workflow_step_id, t.to_state, ",
            failed_at_line!(),
            ")::text
  from tasker_workflow_step_transitions t
  where t.most_recent and t.workflow_step_id between (select $3::bigint) and (select $4::bigint)
) told"
        ),
        binds: vec![given.task_id, given.candidates, given.first, given.last],
        access: Access::Read,
    }
}
