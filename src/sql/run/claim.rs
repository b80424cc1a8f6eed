//! Claims of ready steps.

use super::records::{execution, parents, records, task_record, version};
use super::task_is_claimed;
use crate::session::{Access, Query, Value};
use crate::sql::ready::ready;

/// The parameters of [`look_and_claim`] and [`look`], encoded.
pub(crate) struct Look {
    pub(crate) task: Value,
    pub(crate) task_claim: Value,
    /// Whether the caller wants records.
    pub(crate) records: Value,
    /// The version of the task's row that it has.
    pub(crate) task_version: Value,
    /// Whether failed steps are looked at.
    pub(crate) retries: Value,
    /// The steps to choose from, which are found one by one, whatever the size of the task. All steps where there is none.
    pub(crate) among: Option<Value>,
}

/// What [`look_and_claim`] needs besides.
pub(crate) struct Claim {
    pub(crate) slots: Value,
    pub(crate) metadata: Value,
    pub(crate) at: Value,
    /// Whether to wait for steps that another session has locked.
    pub(crate) waits: bool,
}

/// The steps `s` of task `$1` with their most recent transitions `t`.
macro_rules! all_steps {
    () => {
        "tasker_workflow_steps s
  left join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent"
    };
}

/// The same of the steps in `$among`. `offset 0` keeps the planner from reading the others.
macro_rules! chosen_steps {
    ($among:literal) => {
        concat!(
            "unnest((select ",
            $among,
            "::bigint[])::bigint[]) chosen(id)
  cross join lateral (select s.* from tasker_workflow_steps s where s.workflow_step_id = chosen.id offset 0) s
  left join lateral (
    select t.* from tasker_workflow_step_transitions t where t.workflow_step_id = s.workflow_step_id and t.most_recent offset 0
  ) t on true"
        )
    };
}

/// The relation `look`: the ready steps among `$steps` of task `$1`, those that have failed only if `$retries`, unless claim `$claim` of the task is
/// lost.
macro_rules! find_ready {
    ($steps:expr, $claim:literal, $retries:literal) => {
        concat!(
            "look as materialized (
  select s.workflow_step_id as step, s.named_step_id
  from ",
            $steps,
            "
  cross join (select (select $1::bigint) as task_id) owner
  where s.task_id = (select $1::bigint)
    and ",
            ready!(),
            "
    and ",
            task_is_claimed!($claim),
            "
    and ((select ",
            $retries,
            "::boolean) or t.to_state is distinct from 'error')
)"
        )
    };
}

/// An array of the ready steps, by id, or of their names.
macro_rules! ready_steps {
    () => {
        "(select array_agg(look.step order by look.step)::text from look)"
    };
}
macro_rules! ready_names {
    () => {
        "(
  select array_agg(n.name order by look.step)::text
  from look join tasker_named_steps n on n.named_step_id = look.named_step_id
)"
    };
}

/// What is sent with the first of the claimed steps only.
macro_rules! first {
    ($expression:expr) => {
        concat!(
            "case when workflow_step_id = (select min(slice.step) from slice) and to_state = 'in_progress' then ",
            $expression,
            " end"
        )
    };
}

/// The relation `slice`: the first `$2` steps of `look`, locked.
macro_rules! slice {
    ($skip:expr) => {
        concat!(
            "recorded as materialized (
  select t.id, s.workflow_step_id as step, t.to_state as was, s as record, ",
                version!("s"),
                " as version
  from look
  join tasker_workflow_steps s on s.workflow_step_id = look.step
  join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id
  where t.most_recent and t.to_state in ('pending', 'error')
    and not s.processed and not s.in_process and s.retryable and coalesce(s.attempts, 0) < coalesce(s.retry_limit, 3)
  order by s.workflow_step_id limit (select $2::integer) for no key update of s, t",
                $skip,
                "
), fresh as materialized (
  select null::bigint as id, s.workflow_step_id as step, 'pending' as was, s as record, ",
                version!("s"),
                " as version
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
  select chosen.*
  from (select * from recorded union all select * from fresh) chosen
  order by chosen.step limit (select $2::integer)
)"
        )
    };
}

/// Moves the steps of `slice` to in progress, at `$4`, where `$gate`, a join, lets them; what follows the INSERT is not in it.
macro_rules! claim {
    ($gate:literal) => {
        concat!(
            "unflagged as (
  update tasker_workflow_step_transitions t set most_recent = false, updated_at = $4::timestamp
  from slice",
            $gate,
            "
  where t.id = slice.id and t.most_recent
  returning slice.step, slice.was
), moved as (
  select unflagged.step, 'pending' as to_state, 10 as later from unflagged where unflagged.was = 'error'
  union all
  select unflagged.step, 'in_progress', case when unflagged.was = 'error' then 20 else 10 end from unflagged
  union all
  select slice.step, 'in_progress', 10 from slice",
            $gate,
            " where slice.id is null
)
insert into tasker_workflow_step_transitions
  (to_state, metadata, sort_key, most_recent, workflow_step_id, created_at, updated_at)
(select moved.to_state, case moved.to_state when 'in_progress' then $3::jsonb else '{}'::jsonb end,
        coalesce((
          select max(x.sort_key) from tasker_workflow_step_transitions x where x.workflow_step_id = moved.step
        ), 0) + moved.later,
        moved.to_state = 'in_progress', moved.step, $4::timestamp, $4::timestamp
 from moved order by moved.step, moved.later)"
        )
    };
}

/// The first six columns of a claim: the state, and where that is in progress the packed [execution] and the [records], null otherwise; and with
/// the first of the steps, null in the other rows, the [task's record](task_record), an array of all ready steps, the claimed ones included, and
/// where records are wanted one of their names.
macro_rules! claimed {
    () => {
        concat!(
            "to_state, ",
            execution!("slice", "$6"),
            ", ",
            records!("slice", "$6", parents!()),
            ", ",
            first!(task_record!("(select $1::bigint)", "$7", "$6")),
            ", ",
            first!(ready_steps!()),
            ", ",
            first!(concat!("case when (select $6::boolean) then ", ready_names!(), " end"))
        )
    };
}

/// Claims the first `$2` ready steps of task `$1`, in the order of their ids.
///
/// `$3` metadata of the claims; `$4` the instant to record; `$5` the caller's claim of the task; `$6` whether the caller wants records; `$7` the
/// version of the task's row that it has; `$8` whether failed steps are claimed; `$9` the ids to choose from, if they are given.
///
/// A row for each transition that was written, in the order of the steps, with the columns of [claimed]. No row where nothing was claimed.
///
/// * A failed step whose wait is over becomes pending and then in progress, as the machine demands: two transitions of one instant.
/// * What was read as ready is read again under the locks: steps that another session has claimed or changed since do not count towards the
///   `$2`. Steps that another session has locked are skipped, unless `waits`.
/// * A first transition that another session has inserted since makes ours yield (`on conflict … do nothing`).
pub(crate) fn look_and_claim(look: Look, claim: Claim) -> Query {
    macro_rules! text {
        ($steps:expr, $skip:literal) => {
            concat!(
                "\
with ",
                find_ready!($steps, "$5", "$8"),
                ", ",
                slice!($skip),
                ", ",
                claim!(""),
                "
on conflict (workflow_step_id, most_recent) where most_recent do nothing
returning ",
                claimed!()
            )
        };
    }
    let skips = !claim.waits;
    let sql = match (&look.among, skips) {
        (None, true) => text!(all_steps!(), " skip locked"),
        (None, false) => text!(all_steps!(), ""),
        (Some(_), true) => text!(chosen_steps!("$9"), " skip locked"),
        (Some(_), false) => text!(chosen_steps!("$9"), ""),
    };
    let mut binds = vec![
        look.task,
        claim.slots,
        claim.metadata,
        claim.at,
        look.task_claim,
        look.records,
        look.task_version,
        look.retries,
    ];
    binds.extend(look.among);
    Query { name: "look and claim", sql, binds, access: Access::Write }
}

/// The ready steps of task `$1` for a caller that claims each on its own. `$2` whether it wants records; `$3` the version of the task's row that
/// it has; `$4` its claim of the task; `$5` whether it wants failed steps; `$6` the ids to choose from, if they are given. One row: arrays of the steps, by id, and of their names,
/// and the [task's record](task_record).
pub(crate) fn look(look: Look) -> Query {
    macro_rules! text {
        ($steps:expr) => {
            concat!(
                "with ",
                find_ready!($steps, "$4", "$5"),
                "\nselect ",
                ready_steps!(),
                ", ",
                ready_names!(),
                ", ",
                task_record!("(select $1::bigint)", "$3", "$2")
            )
        };
    }
    let sql = match &look.among {
        None => text!(all_steps!()),
        Some(_) => text!(chosen_steps!("$6")),
    };
    let mut binds = vec![look.task, look.records, look.task_version, look.task_claim, look.retries];
    binds.extend(look.among);
    Query { name: "look", sql, binds, access: Access::Read }
}

pub(super) use {all_steps, claim, claimed, find_ready, first, ready_names, ready_steps, slice};
