//! Whole rows, for hosts that make records of them.
//!
//! A row is an array of JSON: the columns of its table in the table's order, instants in microseconds, and what is JSON itself as text.

/// The version of row `$row`.
macro_rules! version {
    ($row:literal) => {
        concat!($row, ".xmin::text || ", $row, ".ctid::text")
    };
}

/// Step `s`, its state, its version, and its row.
macro_rules! step_record {
    ($state:literal, $version:expr) => {
        concat!(
            "json_build_array(s.workflow_step_id, ",
            $state,
            ", ",
            $version,
            ", s.workflow_step_id, s.task_id, s.named_step_id, s.retryable, s.retry_limit, s.in_process, s.processed, ",
            $crate::sql::records::micros!("s.processed_at"),
            ", s.attempts, ",
            $crate::sql::records::micros!("s.last_attempted_at"),
            ", s.backoff_request_seconds, s.inputs::text, s.results::text, ",
            $crate::sql::records::micros!("s.created_at"),
            ", ",
            $crate::sql::records::micros!("s.updated_at"),
            ", s.skippable)"
        )
    };
}

/// The row of task `$task` behind its version, as text; null if the version is `$known`, or if `$wanted` is false.
macro_rules! task_record {
    ($task:expr, $known:literal, $wanted:literal) => {
        concat!(
            "(
  select json_build_array(o.xmin::text || o.ctid::text, o.task_id, o.named_task_id, o.complete, ",
            $crate::sql::records::micros!("o.requested_at"),
            ", o.initiator, o.source_system, o.reason, o.bypass_steps::text, o.tags::text, o.context::text, o.identity_hash, ",
            $crate::sql::records::micros!("o.created_at"),
            ", ",
            $crate::sql::records::micros!("o.updated_at"),
            ")::text
  from tasker_tasks o
  where (select ",
            $wanted,
            "::boolean) and o.task_id = ",
            $task,
            " and o.xmin::text || o.ctid::text is distinct from (select ",
            $known,
            "::text)
)"
        )
    };
}

/// The execution of the step whose claim was inserted, packed: step, claim, name, inputs, results, attempts, retry limit, and the state that it was
/// in; inputs and results are null where records are wanted, which have them. `$claimed` has of each claimed `step` its `record`, as it is under
/// its lock, and the state that it `was` in.
macro_rules! execution {
    ($claimed:literal, $wanted:literal) => {
        concat!(
            "case when to_state = 'in_progress' then (
  select json_build_array(s.workflow_step_id, tasker_workflow_step_transitions.id, n.name,
                          case when not (select ",
            $wanted,
            "::boolean) then s.inputs::text end, case when not (select ",
            $wanted,
            "::boolean) then s.results::text end, s.attempts, s.retry_limit, ",
            $claimed,
            ".was)::text
  from ",
            $claimed,
            " cross join lateral (select (",
            $claimed,
            ".record).*) s join tasker_named_steps n on n.named_step_id = s.named_step_id
  where ",
            $claimed,
            ".step = tasker_workflow_step_transitions.workflow_step_id
) end"
        )
    };
}

/// The records of the step whose claim was inserted and of its parents, in this order, a parent for each edge, by the edges' ids; null if
/// `$wanted` is false. `$claimed` has the `version` of each `step` besides. `$parent` are the steps `s` at the other ends of edges `e`, with their
/// `version` and their state as `to_state`.
macro_rules! records {
    ($claimed:literal, $wanted:literal, $parent:expr) => {
        concat!(
            "case when to_state = 'in_progress' and (select ",
            $wanted,
            "::boolean) then (
  select json_agg(r.cells order by r.edge nulls first)::text
  from (
    select null::bigint as edge, ",
            $crate::sql::run::records::step_record!(
                "tasker_workflow_step_transitions.to_state",
                concat!($claimed, ".version")
            ),
            " as cells
    from ",
            $claimed,
            " cross join lateral (select (",
            $claimed,
            ".record).*) s
    where ",
            $claimed,
            ".step = tasker_workflow_step_transitions.workflow_step_id
    union all
    select e.id, ",
            $crate::sql::run::records::step_record!("s.to_state", "s.version"),
            "
    from tasker_workflow_step_edges e
    cross join lateral (",
            $parent,
            ") s
    where e.to_step_id = tasker_workflow_step_transitions.workflow_step_id
  ) r
) end"
        )
    };
}

/// The steps at the other ends of edges `e`, as they are in the snapshot.
macro_rules! parents {
    () => {
        concat!(
            "select x.*, ",
            $crate::sql::run::records::version!("x"),
            " as version, p.to_state
      from tasker_workflow_steps x
      left join tasker_workflow_step_transitions p on p.workflow_step_id = x.workflow_step_id and p.most_recent
      where x.workflow_step_id = e.from_step_id"
        )
    };
}

pub(super) use {execution, parents, records, step_record, task_record, version};
