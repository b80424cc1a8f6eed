//! What may run next, and the graphs that tell.

use super::readiness::{attempt_line, done, done_between, failed_at_line, last_step};
use super::records::micros;
use crate::session::{Access, Query, Value};

/// Waits step `s` for a step that is not done?
///
/// `offset 0` keeps the planner from making a join of it: it would then read every edge there is wherever tasks are large on average.
macro_rules! waits {
    () => {
        concat!(
            "(exists (
      select ",
            $crate::sql::readiness::open_parents!(of "s.workflow_step_id"),
            "
      offset 0
    ))"
        )
    };
}

/// Steps `s` with their most recent transitions `t`, packed: one text of one row a step, each of id, task, state, when it failed, processed,
/// in process, retryable, attempts, retry limit, requested backoff, last attempt; instants in seconds.
///
/// For few steps it is not the rows that cost but each expression and each aggregate that is made ready for them: rows as text need one
/// aggregate, no casts and no arithmetic. `offset 0` stands for "look them up one by one".
macro_rules! packed_steps {
    () => {
        concat!(
            "string_agg(row(
           s.workflow_step_id, s.task_id, t.to_state, ",
            failed_at_line!(),
            ", ",
            attempt_line!(),
            "
         )::text, '')
  from tasker_workflow_steps s
  left join lateral (
    select t.to_state, t.created_at from tasker_workflow_step_transitions t
    where t.workflow_step_id = s.workflow_step_id and t.most_recent offset 0
  ) t on true"
        )
    };
}

/// The question of [`open_steps`], with another condition.
macro_rules! open_steps {
    ($condition:literal) => {
        concat!(
            "select ",
            micros!("localtimestamp"),
            ", ",
            packed_steps!(),
            "
  where s.task_id = any ((select $1::bigint[])::bigint[])",
            $condition,
            "
    and s.processed = false and not ",
            waits!(),
        )
    };
}

/// The steps of tasks `$1` that no handler has ended well and that wait for nothing. One row: now, then these steps, in any order.
pub(crate) fn open_steps(task_ids: Value) -> Query {
    Query { name: "open steps", sql: open_steps!(""), binds: vec![task_ids], access: Access::Read }
}

/// The same for those from `$2` to `$3`.
pub(crate) fn open_steps_between(task_ids: Value, first: Value, last: Value) -> Query {
    Query {
        name: "open steps between",
        sql: open_steps!("\n    and s.workflow_step_id between (select $2::bigint) and (select $3::bigint)"),
        binds: vec![task_ids, first, last],
        access: Access::Read,
    }
}

/// The same for those in `$2`.
///
/// Whether a step is among them is found by its hash: each step would be compared with each of an array that the planner does not see. That
/// there might be none keeps the planner from making a join of it.
pub(crate) fn open_steps_among(task_ids: Value, step_ids: Value) -> Query {
    Query {
        name: "open steps among",
        sql: open_steps!(
            "
    and ((select $2::bigint[]) is null or s.workflow_step_id in (select unnest((select $2::bigint[]))))"
        ),
        binds: vec![task_ids, step_ids],
        access: Access::Read,
    }
}

/// What has become of steps that are tracked. Parameters are encoded; of `first`, `last` and `places` there is one for each span of ids.
pub(crate) struct Updates {
    /// Steps that waited for nothing when last seen.
    pub(crate) candidates: Value,
    /// The tasks that are tracked.
    pub(crate) task_ids: Value,
    /// Where to begin to look for steps that are done.
    pub(crate) first: Value,
    /// Where to end.
    pub(crate) last: Value,
    /// For which of the tasks, counted from 1.
    pub(crate) places: Value,
}

/// One row: now; those of `$1` that indeed wait for nothing, as in [`open_steps`]; an array of a row for each of the tasks `$2`, of its place in
/// the order given, counted from 1, and its last step (null if there is none); and one of a row for each step that is done in a span from
/// `$3` to `$4`, whosesoever it is, of the place `$5` of the task and the step.
///
/// Everything it reads is found by ids: what it costs follows from the steps under way and those left, not from all that are done. Most
/// parents are among the steps that are read as done anyway. They are found there by their hash, and all others one by one. That the planner
/// cannot know how many there are keeps it at the hash.
pub(crate) fn news(given: Updates) -> Query {
    Query {
        name: "news of steps",
        sql: concat!(
            "with done as materialized (
  select open.place, t.workflow_step_id as id
  from ",
            done_between!(
                "open":
                "unnest((select $3::bigint[])::bigint[], (select $4::bigint[])::bigint[], (select $5::bigint[])::bigint[])
            open (first, last, place)"
            ),
            "
)
select ",
            micros!("localtimestamp"),
            ", step.*, task.*, (select array_agg(array[done.place, done.id])::text from done)
from (
  select ",
            packed_steps!(),
            "
  where s.workflow_step_id = any ((select $1::bigint[])::bigint[]) and not exists (
    select from tasker_workflow_step_edges e
    where e.to_step_id = s.workflow_step_id
      and e.from_step_id not in (select unnest(array(select done.id from done)))
      and not exists (
        select from tasker_workflow_step_transitions p
        where p.workflow_step_id = e.from_step_id and p.most_recent and ",
            done!("p.to_state"),
            "
        offset 0
      )
    offset 0
  )
) step, (
  select array_agg(array[followed.place, (
           ",
            last_step!(of "followed.id"),
            "
         )])::text
  from unnest((select $2::bigint[])::bigint[]) with ordinality followed (id, place)
) task"
        ),
        binds: vec![given.candidates, given.task_ids, given.first, given.last, given.places],
        access: Access::Read,
    }
}

/// The steps that are done in spans from `$1` to `$2` of at most 512 ids, whosesoever they are: one array.
pub(crate) fn done_among(first: Value, last: Value) -> Query {
    Query {
        name: "done steps",
        sql: concat!(
            "\
select array_agg(t.workflow_step_id)::text
from ",
            done_between!(
                "span": "unnest((select $1::bigint[])::bigint[], (select $2::bigint[])::bigint[]) span (first, last)"
            )
        ),
        binds: vec![first, last],
        access: Access::Read,
    }
}

/// May step `s` with its most recent transition `t` be run now? ([`crate::readiness::is_ready`] in SQL.)
///
/// `tests/queries/ready.rs` compares the two on random tasks. From 5 attempts on a wait is 30 s, and a power of 2 with an exponent far below
/// zero would be out of range.
macro_rules! ready {
    () => {
        concat!(
            "(t.to_state is null or t.to_state in ('pending', 'error'))
    and not s.processed and not s.in_process and s.retryable
    and coalesce(s.attempts, 0) < coalesce(s.retry_limit, 3)
    and (s.backoff_request_seconds is null or s.last_attempted_at is null
         or s.last_attempted_at + s.backoff_request_seconds * interval '1 second' <= localtimestamp)
    and (t.to_state is distinct from 'error'
         or t.created_at + least(power(2, least(greatest(coalesce(s.attempts, 1), -60), 5)), 30) * interval '1 second'
            <= localtimestamp)
    and not ",
            $crate::sql::ready::waits!()
        )
    };
}

pub(crate) use {ready, waits};

/// May a step of a query over `tasker_workflow_steps` be run now? A condition, for queries that filter, count and page by it.
#[cfg(feature = "models")]
pub(crate) const IS_READY: &str = concat!(
    "exists (
  select from tasker_workflow_steps s
  ",
    super::readiness::current_transition!("t" of "s.workflow_step_id"),
    "
  where s.workflow_step_id = tasker_workflow_steps.workflow_step_id
    and ",
    ready!(),
    "
)"
);

/// The columns that make the version of task `$1`'s graph.
///
/// `hashint8extended` is what PostgreSQL places rows in hash partitions by, so that it stays what it is from version to version.
macro_rules! version {
    () => {
        "(
  select count(*) as steps, coalesce(bit_xor(hashint8extended(s.workflow_step_id, 0)), 0) as steps_checksum
  from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) step, (
  select count(*) as edges, coalesce(bit_xor(hashint8extended(e.to_step_id, e.from_step_id) # e.id), 0) as edges_checksum
  from tasker_workflow_steps s
  cross join lateral (
    select x.id, x.from_step_id, x.to_step_id from tasker_workflow_step_edges x where x.to_step_id = s.workflow_step_id offset 0
  ) e
  where s.task_id = (select $1::bigint)
) edge"
    };
}

/// The version of a task's graph: four integers.
pub(crate) fn version(task_id: Value) -> Query {
    Query {
        name: "graph version",
        sql: concat!(
            "select step.steps, step.steps_checksum, edge.edges, edge.edges_checksum from ",
            version!()
        ),
        binds: vec![task_id],
        access: Access::Read,
    }
}

/// A task's graph with its version: the columns of [`version`], then arrays of its steps, of the from-steps and to-steps of the edges that
/// end at them, and of its steps that are done.
pub(crate) fn known_graph(task_id: Value) -> Query {
    Query {
        name: "known graph",
        sql: concat!(
            "select step.steps, step.steps_checksum, edge.edges, edge.edges_checksum, own.*, given.*, done.* from ",
            version!(),
            ", (
  select array_agg(s.workflow_step_id order by s.workflow_step_id)::text
  from tasker_workflow_steps s where s.task_id = (select $1::bigint)
) own, (
  select array_agg(e.from_step_id)::text, array_agg(e.to_step_id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = (select $1::bigint)
) given, (
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
  where s.task_id = (select $1::bigint) and ",
            done!("t.to_state"),
            "
) done"
        ),
        binds: vec![task_id],
        access: Access::Read,
    }
}
