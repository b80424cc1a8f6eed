//! Reading and writing states.
//!
//! Both owners have the same statements over their own tables.

use super::readiness::{current_transition, open};
use crate::machine::Owner;
use crate::session::{Access, Query, Value};

/// The state of one owner: `to_state` of its most recent transition. No row while there is none.
pub(crate) fn current_state(owner: Owner, id: Value) -> Query {
    macro_rules! text {
        ($transitions:literal, $key:literal) => {
            concat!(
                "select t.to_state from ",
                $transitions,
                " t where t.",
                $key,
                " = (select $1::bigint) and t.most_recent order by t.id limit 1"
            )
        };
    }
    Query {
        name: "current state",
        sql: match owner {
            Owner::Task => text!("tasker_task_transitions", "task_id"),
            Owner::Step => text!("tasker_workflow_step_transitions", "workflow_step_id"),
        },
        binds: vec![id],
        access: Access::Read,
    }
}

/// Is any parent of step `owner.id` unsatisfied? The parents are `$n` where given, else those that the edges say.
macro_rules! waits_for_a_parent {
    ($parents:literal) => {
        concat!(
            "exists (
      select from (
        select e.from_step_id as id from tasker_workflow_step_edges e
        where e.to_step_id = owner.id and (select ",
            $parents,
            "::bigint[]) is null
        union all
        select unnest((select ",
            $parents,
            "::bigint[])::bigint[])
      ) parent
      ",
            current_transition!("p" of "parent.id"),
            "
      where ",
            open!("p.to_state"),
            "
    )"
        )
    };
}

/// Has task `owner.id` a step that is not done?
macro_rules! has_an_open_step {
    () => {
        concat!(
            "exists (
      select from tasker_workflow_steps s
      ",
            $crate::sql::readiness::current_transition!("p" of "s.workflow_step_id"),
            "
      where s.task_id = owner.id and ",
            $crate::sql::readiness::open!("p.to_state"),
            "
    )"
        )
    };
}

/// The claim of task `owner.task_id`: the id of its most recent transition if that is to in progress.
macro_rules! claim_of_task {
    () => {
        "select c.id from tasker_task_transitions c
    where c.task_id = owner.task_id and c.most_recent and c.to_state = 'in_progress'"
    };
}

/// Takes the flag from the most recent transition `t` of each owner in `$owners`, a relation with their ids as `id`, where `$condition` holds.
macro_rules! unflag {
    ($transitions:literal, $key:literal, $at:literal, $owners:literal, $condition:expr, $returning:expr) => {
        concat!(
            "update ",
            $transitions,
            " t set most_recent = false, updated_at = ",
            $at,
            "::timestamp
  from ",
            $owners,
            "
  where t.",
            $key,
            " = ",
            $owners,
            ".id and t.most_recent and ",
            $condition,
            "
  returning ",
            $returning
        )
    };
}

/// Inserts the most recent transition of each owner in `$moved`, a relation with their ids as `id`. What was the most recent one is no longer
/// flagged by then: the relation reads what the UPDATE that takes the flag returns, otherwise the INSERT might run first and hit the unique
/// index on `most_recent`. `sort_key` follows the highest key, not that of the flagged row: rows written by hand may have gone past it.
macro_rules! next_transition {
    ($transitions:literal, $key:literal, $to:literal, $metadata:expr, $at:literal, $moved:expr) => {
        concat!(
            "insert into ",
            $transitions,
            " (to_state, metadata, sort_key, most_recent, ",
            $key,
            ", created_at, updated_at)
  (select ",
            $to,
            ", ",
            $metadata,
            ",
          coalesce((select max(x.sort_key) from ",
            $transitions,
            " x where x.",
            $key,
            " = moved.id), 0) + 10,
          true, moved.id, ",
            $at,
            "::timestamp, ",
            $at,
            "::timestamp
   from ",
            $moved,
            " moved)"
        )
    };
}

pub(crate) use {claim_of_task, has_an_open_step, next_transition, unflag};

/// What decides over a transition of one owner: its state and whether its guard holds.
///
/// `$1` owner, `$2` whether to look at the guard, `$3` a step's parents where the caller knows them. Columns: state, guard, id of the most
/// recent transition, and for a step the claim of its task, null unless that is in progress. No row if the owner is unknown.
pub(crate) fn standing(owner: Owner, id: Value, guarded: bool, parents: Value) -> Query {
    macro_rules! text {
        ($owners:literal, $transitions:literal, $key:literal, $blocked:expr, $task_claim:expr) => {
            concat!(
                "\
with owner as (select o.task_id, o.",
                $key,
                " as id from ",
                $owners,
                " o where o.",
                $key,
                " = (select $1::bigint))
select t.to_state, not ((select $2::boolean) and ",
                $blocked,
                ") as guard_holds, t.id, ",
                $task_claim,
                " as task_claim
from owner left join ",
                $transitions,
                " t on t.",
                $key,
                " = owner.id and t.most_recent"
            )
        };
    }
    let guarded = Value::Bool(guarded);
    let (sql, binds) = match owner {
        Owner::Task => (
            text!("tasker_tasks", "tasker_task_transitions", "task_id", has_an_open_step!(), "null::bigint"),
            vec![id, guarded],
        ),
        Owner::Step => (
            text!(
                "tasker_workflow_steps",
                "tasker_workflow_step_transitions",
                "workflow_step_id",
                waits_for_a_parent!("$3"),
                concat!("(", claim_of_task!(), ")")
            ),
            vec![id, guarded, parents],
        ),
    };
    Query { name: "standing", sql, binds, access: Access::Read }
}

/// The parameters of [`write`], encoded.
pub(crate) struct Write {
    pub(crate) id: Value,
    pub(crate) to: Value,
    pub(crate) from: Value,
    pub(crate) metadata: Value,
    pub(crate) at: Value,
    pub(crate) guarded: Value,
    pub(crate) parents: Value,
    pub(crate) claim: Value,
    pub(crate) task_claim: Value,
}

/// Moves one owner: locks its row, takes the flag from the most recent transition if that is in one of the expected states, and
/// inserts the next one. All or nothing, in one statement.
///
/// `$1` owner, `$2` new state, `$3` expected states, `$4` metadata, `$5` the instant to record, `$6` whether to look at the guard, `$7` the
/// caller's claim; for a step also `$8` its parents where the caller knows them, `$9` the caller's claim of its task. Columns: id and sort
/// key of the new row, previous state (null for the first). No row if nothing was written, which has many reasons: ask [`standing`] for
/// the one.
///
/// * A step is locked before its transitions, in the order in which the engine touches them, so that the two cannot deadlock. A task is only
///   kept from going away, as the engine's foreign key does: a caller may start it in a transaction of its own, and the handlers of its steps,
///   in other sessions, must be able to write to it. Two that move it at once meet at its most recent transition, or as follows.
/// * A first transition has no row to lock. Two racing ones meet in the unique index on `most_recent`, where the second yields to the first
///   (`on conflict … do nothing`) instead of aborting the caller's transaction. A conflict on another constraint is not a lost race, and is
///   the database's error. So that the two do not meet in the unique index on `sort_key` first, one waits for the other: at the row of the
///   step, or, since the row of a task stays free, at an advisory lock for the length of the transaction.
/// * The main verb is INSERT, and its SELECT stands in parentheses: what routes statements by their text takes it for a write.
/// * A claim is the id of the transition to in progress. A step moves only from the caller's very claim, if one is given. A task that is in
///   progress by another claim stays, and so do its steps; a task in another state may be claimed anew by its caller, as the engine does.
pub(crate) fn write(owner: Owner, given: Write) -> Query {
    macro_rules! text {
        ($owners:literal, $transitions:literal, $key:literal, $lock:literal, $state:literal, $blocked:expr, $claimed:expr,
         $claimed_first:expr, $free:expr, $alone:literal) => {
            concat!(
                "\
with owner as materialized (
  select o.task_id, o.",
                $key,
                " as id from ",
                $owners,
                " o where o.",
                $key,
                " = (select $1::bigint) for ",
                $lock,
                "
), free as (
  select owner.id from owner where not ((select $6::boolean) and ",
                $blocked,
                ")",
                $free,
                "
), unflagged as (
  ",
                $crate::sql::transition::unflag!(
                    $transitions,
                    $key,
                    "$5",
                    "free",
                    concat!(
                        $state,
                        " = any ($3::text[]) and ((select $7::bigint) is null or t.id = (select $7::bigint)",
                        $claimed,
                        ")"
                    ),
                    "free.id, t.to_state"
                ),
                "
)
",
                $crate::sql::transition::next_transition!(
                    $transitions,
                    $key,
                    "$2::text",
                    "$4::jsonb",
                    "$5",
                    concat!(
                        "(
    select unflagged.id from unflagged
    union all
    select free.id from free
    where 'pending' = any ($3::text[]) and ((select $7::bigint) is null",
                        $claimed_first,
                        ")
      and case when not exists (select from ",
                        $transitions,
                        " x where x.",
                        $key,
                        " = free.id and x.most_recent) then ",
                        $alone,
                        " end
  )"
                    )
                ),
                "
on conflict (",
                $key,
                ", most_recent) where most_recent do nothing
returning id, sort_key, (select unflagged.to_state from unflagged)"
            )
        };
    }
    let Write { id, to, from, metadata, at, guarded, parents, claim, task_claim } = given;
    let mut binds = vec![id, to, from, metadata, at, guarded, claim];
    let sql = match owner {
        Owner::Task => {
            text!(
                "tasker_tasks",
                "tasker_task_transitions",
                "task_id",
                "key share",
                "t.to_state",
                has_an_open_step!(),
                " or t.to_state <> 'in_progress'",
                " or true",
                "",
                "pg_advisory_xact_lock(hashtextextended('tasker_task_transitions', free.id)) is not null"
            )
        }
        Owner::Step => {
            binds.extend([parents, task_claim]);
            text!(
                "tasker_workflow_steps",
                "tasker_workflow_step_transitions",
                "workflow_step_id",
                "no key update",
                "coalesce(nullif(t.to_state, ''), 'pending')",
                waits_for_a_parent!("$8"),
                "",
                "",
                concat!(
                    "
    and ((select $9::bigint) is null or not exists (",
                    claim_of_task!(),
                    " and c.id <> (select $9::bigint)))"
                ),
                "true"
            )
        }
    };
    Query { name: "transition", sql, binds, access: Access::Write }
}
