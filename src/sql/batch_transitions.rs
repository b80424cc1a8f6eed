//! Moving many steps at once.

use super::readiness::{current_transition, done, open_parents};
use super::transition::{claim_of_task, next_transition, unflag};
use crate::session::{Access, Query, Value};

/// The parameters of [`moves`], encoded: arrays of one element a move, and the instant to record.
pub(crate) struct Moves {
    pub(crate) steps: Value,
    pub(crate) to: Value,
    pub(crate) from: Value,
    pub(crate) guarded: Value,
    pub(crate) metadata: Value,
    pub(crate) processed: Value,
    pub(crate) in_process: Value,
    pub(crate) processed_at: Value,
    pub(crate) attempts: Value,
    pub(crate) last_attempted_at: Value,
    pub(crate) changes_results: Value,
    pub(crate) results: Value,
    pub(crate) at: Value,
    pub(crate) claims: Value,
    pub(crate) task_claims: Value,
}

/// Has `owner` a parent that neither was done before nor is done by this statement?
macro_rules! waits {
    () => {
        concat!(
            "exists (
    select ",
            open_parents!(of "owner.id"),
            "
      and e.from_step_id not in (select ended.id from ended where ",
            done!("ended.to_state"),
            ")
    offset 0
  )"
        )
    };
}

/// Takes the flag from the steps of `$moves` that are in a state, and by a claim, from which they may move.
macro_rules! leave {
    ($moves:literal, $more:literal) => {
        unflag!(
            "tasker_workflow_step_transitions",
            "workflow_step_id",
            "$13",
            $moves,
            concat!(
                "coalesce(nullif(t.to_state, ''), 'pending') = any (",
                $moves,
                ".from_states)
    and (",
                $moves,
                ".claim is null or t.id = ",
                $moves,
                ".claim)",
                $more
            ),
            concat!($moves, ".*, t.to_state as was")
        )
    };
}

/// Inserts the transitions of `$moves`.
macro_rules! enter {
    ($moves:literal) => {
        next_transition!(
            "tasker_workflow_step_transitions",
            "workflow_step_id",
            "moved.to_state",
            "moved.metadata::jsonb",
            "$13",
            $moves
        )
    };
}

/// Makes the moves that are possible: each as [`super::transition::write`] does it, all in one statement. No step may stand there twice.
///
/// Parameters in the order of [`Moves`]; `from` are array literals, and a move whose attempts are null leaves the row of its step alone.
/// One row: the steps that had a recorded state and those states, then of each transition its step, its id and its sort key. A move
/// that is not among these was not made.
///
/// * Steps are locked in ascending order, each before its transitions, so that batches and single transitions cannot deadlock.
/// * Moves under a guard come after the others, so that a step may begin in the statement in which its last parent ends.
/// * No two of the named rows are joined with each other: the planner expects few, and many would be compared one by one.
pub(crate) fn moves(given: Moves) -> Query {
    Query {
        name: "moves of steps",
        sql: concat!(
            "\
with owner as materialized (
  select w.id, w.to_state, w.from_states::text[] as from_states, w.guarded, w.metadata, w.processed, w.in_process,
         w.processed_at, w.attempts, w.last_attempted_at, w.changes_results, w.results, w.claim, w.task_claim, s.task_id
  from unnest(
    (select $1::bigint[]), (select $2::text[]), (select $3::text[]), (select $4::boolean[]), (select $5::text[]),
    (select $6::boolean[]), (select $7::boolean[]), (select $8::timestamp[]), (select $9::integer[]),
    (select $10::timestamp[]), (select $11::boolean[]), (select $12::text[]), (select $14::bigint[]), (select $15::bigint[])
  ) w (id, to_state, from_states, guarded, metadata, processed, in_process, processed_at, attempts, last_attempted_at,
       changes_results, results, claim, task_claim)
  join tasker_workflow_steps s on s.workflow_step_id = w.id
  order by s.workflow_step_id for no key update of s
), ended as (
  ",
            leave!("owner", " and not owner.guarded"),
            "
), free as materialized (
  select owner.* from owner where owner.guarded and not ",
            waits!(),
            "
    and (owner.task_claim is null or not exists (",
            claim_of_task!(),
            " and c.id <> owner.task_claim offset 0))
), begun as (
  ",
            leave!("free", ""),
            "
), fresh as materialized (
  select f.* from (select owner.* from owner where not owner.guarded union all select free.* from free) f
  where 'pending' = any (f.from_states) and f.claim is null and not exists (
    select from tasker_workflow_step_transitions x where x.workflow_step_id = f.id and x.most_recent offset 0
  )
), next as (
  ",
            enter!("(select * from ended union all select * from begun)"),
            "
  returning workflow_step_id, id, sort_key
), first as (
  ",
            enter!("fresh"),
            "
  on conflict (workflow_step_id, most_recent) where most_recent do nothing
  returning workflow_step_id, id, sort_key
), kept as (
  update tasker_workflow_steps s
  set processed = coalesce(m.processed, s.processed), in_process = coalesce(m.in_process, s.in_process),
      processed_at = coalesce(m.processed_at, s.processed_at), attempts = m.attempts,
      last_attempted_at = m.last_attempted_at,
      results = case when m.changes_results then m.results::jsonb else s.results end, updated_at = $13::timestamp
  from (
    select * from ended union all select * from begun union all
    select fresh.*, null from fresh where fresh.id in (select first.workflow_step_id from first)
  ) m
  where s.workflow_step_id = m.id and m.attempts is not null
)
select moved.*, inserted.*
from (
  select array_agg(m.id)::text, array_agg(m.was)::text
  from (select ended.id, ended.was from ended union all select begun.id, begun.was from begun) m
) moved, (
  select array_agg(i.workflow_step_id)::text, array_agg(i.id)::text, array_agg(i.sort_key)::text
  from (select * from next union all select * from first) i
) inserted"
        ),
        binds: vec![
            given.steps,
            given.to,
            given.from,
            given.guarded,
            given.metadata,
            given.processed,
            given.in_process,
            given.processed_at,
            given.attempts,
            given.last_attempted_at,
            given.changes_results,
            given.results,
            given.at,
            given.claims,
            given.task_claims,
        ],
        access: Access::Write,
    }
}

/// Where steps stand: arrays of those of `$1` that there are, their recorded states, whether nothing keeps them waiting, the ids of their most
/// recent transitions, and the claims of their tasks.
pub(crate) fn standings(steps: Value) -> Query {
    Query {
        name: "standings of steps",
        sql: concat!(
            "\
select array_agg(owner.workflow_step_id)::text, array_agg(t.to_state)::text, array_agg(not exists (
         select ",
            open_parents!(of "owner.workflow_step_id"),
            "
       ))::text, array_agg(t.id)::text, array_agg((",
            claim_of_task!(),
            "))::text
from unnest((select $1::bigint[])) asked (id)
join tasker_workflow_steps owner on owner.workflow_step_id = asked.id
",
            current_transition!("t" of "owner.workflow_step_id")
        ),
        binds: vec![steps],
        access: Access::Read,
    }
}
