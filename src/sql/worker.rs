//! Statements of workers: finding and starting tasks.

use super::readiness::{current_transition, open};
use super::ready::ready;
use super::transition::next_transition;
use crate::session::{Access, Query, Value};

/// The parameters of [`start_tasks`], encoded. Of `namespaces`, `names` and `versions` there is one for each kind of task; of `kinds` and
/// `steps` one for each step that the worker executes, the kind's place counted from 1 and the step's name.
pub(crate) struct StartTasks {
    pub(crate) namespaces: Value,
    pub(crate) names: Value,
    pub(crate) versions: Value,
    pub(crate) kinds: Value,
    pub(crate) steps: Value,
    /// Tasks to look at, null for all of these kinds.
    pub(crate) among: Value,
    /// Tasks to pass by.
    pub(crate) except: Value,
    /// Tasks with greater ids only.
    pub(crate) above: Value,
    pub(crate) limit: Value,
    pub(crate) metadata: Value,
    pub(crate) at: Value,
}

/// The named tasks of the kinds, and the named steps that the worker executes in each.
macro_rules! served {
    () => {
        "\
kind as materialized (
  select n.named_task_id, k.place
  from unnest((select $1::text[]), (select $2::text[]), (select $3::text[])) with ordinality k(namespace, name, version, place)
  join tasker_task_namespaces g on g.name = k.namespace
  join tasker_named_tasks n on n.task_namespace_id = g.task_namespace_id and n.name = k.name and n.version = k.version
), executed as materialized (
  select kind.named_task_id, n.named_step_id
  from unnest((select $4::bigint[]), (select $5::text[])) x(place, name)
  join kind on kind.place = x.place
  join tasker_named_steps n on n.name = x.name
)"
    };
}

/// The most pending tasks that one statement looks at.
macro_rules! window {
    () => {
        "10000"
    };
}
pub(crate) const WINDOW: usize = 10_000;

/// Pending tasks `o` of the kinds above `$8`, with their most recent transition `t`, in the order of their ids. A task that was recovered
/// again and again waits: it may be what its workers die of.
macro_rules! pending {
    () => {
        concat!(
            "\
  select o.task_id, o.named_task_id, t.id as transition
  from tasker_tasks o
  left join tasker_task_transitions t on t.task_id = o.task_id and t.most_recent
  where o.complete is not true and (t.to_state is null or t.to_state = 'pending')
    and o.named_task_id in (select kind.named_task_id from kind)
    and o.task_id > (select $8::bigint)
    and ((select $6::bigint[]) is null or o.task_id in (select unnest((select $6::bigint[]))))
    and o.task_id not in (select unnest((select $7::bigint[])))
    and case
          when t.metadata #>> '{tasker_core,recoveries}' ~ '^[0-9]{1,4}$'
          then (t.metadata #>> '{tasker_core,recoveries}')::integer < 2
            or t.created_at + make_interval(secs => least(power(2, least((t.metadata #>> '{tasker_core,recoveries}')::integer, 16)), 300))
               <= localtimestamp
          else true
        end
  order by o.task_id limit ",
            window!()
        )
    };
}

/// Can the worker go on with pending task `p`: is a step ready that it executes, or does nothing but the task's own end remain?
///
/// The end remains where no step is in progress or ready and either all are done or one has failed for good.
///
/// Thousands of tasks may wait, so each condition stops at the first step that decides it, and what reads only the row of a step stands before what
/// reads others. `is true` keeps the planner from making a join of the steps that are executed: they are found by their hash, before anybody looks for
/// what a step waits for.
macro_rules! can_go_on {
    () => {
        concat!(
            "(exists (
      select from tasker_workflow_steps s
      ",
            current_transition!("t" of "s.workflow_step_id"),
            "
      where s.task_id = p.task_id
        and ((p.named_task_id, s.named_step_id) in (select x.named_task_id, x.named_step_id from executed x)) is true
        and ",
            ready!(),
            "
      offset 0
    ) or not exists (
      select from tasker_workflow_steps s
      ",
            current_transition!("t" of "s.workflow_step_id"),
            "
      where s.task_id = p.task_id and ",
            open!("t.to_state"),
            "
      offset 0
    ) and exists (select from tasker_workflow_steps s where s.task_id = p.task_id offset 0)
    or exists (
      select from tasker_workflow_steps s
      join tasker_workflow_step_transitions t on t.workflow_step_id = s.workflow_step_id and t.most_recent
      where s.task_id = p.task_id and coalesce(s.attempts, 0) >= coalesce(s.retry_limit, 3) and t.to_state = 'error'
      offset 0
    ) and not exists (
      select from tasker_workflow_steps s
      ",
            current_transition!("t" of "s.workflow_step_id"),
            "
      where s.task_id = p.task_id and (t.to_state = 'in_progress' or ",
            ready!(),
            ")
      offset 0
    ))"
        )
    };
}

/// Starts at most `$9` pending tasks with which the worker can go on, the oldest first. Tasks that another session starts at this moment are
/// passed by.
///
/// Subqueries in the order of ids have the planner check one task after the other until there are enough, instead of all of them before a sort.
///
/// A row for each: the task, the claim, then arrays as in [`super::run::start`] of its steps, of the from-steps and to-steps of the edges that end at
/// them, of its steps that are done, and of those that the worker executes.
pub(crate) fn start_tasks(given: StartTasks) -> Query {
    Query {
        name: "start tasks",
        sql: concat!(
            "\
with ",
            served!(),
            ", waiting as materialized (
",
            pending!(),
            "
), recorded as materialized (
  select t.id, t.task_id
  from (select * from waiting order by task_id offset 0) p
  join tasker_task_transitions t on t.id = p.transition
  where t.most_recent and t.to_state = 'pending' and ",
            can_go_on!(),
            "
  order by p.task_id limit (select $9::bigint) for no key update of t skip locked
), fresh as materialized (
  select f.task_id
  from (
    select p.task_id
    from (select * from waiting where transition is null order by task_id offset 0) p
    where ",
            can_go_on!(),
            "
    order by p.task_id limit (select 4 * $9::bigint)
  ) f
  where pg_try_advisory_xact_lock(hashtextextended('tasker_task_transitions', f.task_id))
  limit (select $9::bigint)
), chosen as materialized (
  select c.id, c.task_id
  from (select recorded.id, recorded.task_id from recorded union all select null, fresh.task_id from fresh) c
  order by c.task_id limit (select $9::bigint)
), unflagged as (
  update tasker_task_transitions t set most_recent = false, updated_at = $11::timestamp
  from chosen
  where t.id = chosen.id and t.most_recent
  returning t.task_id as id
)
",
            next_transition!(
                "tasker_task_transitions",
                "task_id",
                "'in_progress'",
                "$10::jsonb || jsonb_build_object('initialization_completed', true, 'step_dependencies_established',
            (select count(*) from tasker_workflow_steps s where s.task_id = moved.id))",
                "$11",
                "(
    select unflagged.id from unflagged
    union all
    select chosen.task_id from chosen where chosen.id is null
  )"
            ),
            "
on conflict (task_id, most_recent) where most_recent do nothing
returning task_id, id, (
  select array_agg(s.workflow_step_id)::text from tasker_workflow_steps s
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(e.from_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(e.to_step_id order by e.id)::text
  from tasker_workflow_steps s join tasker_workflow_step_edges e on e.to_step_id = s.workflow_step_id
  where s.task_id = tasker_task_transitions.task_id
), (
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_workflow_step_transitions p on p.workflow_step_id = s.workflow_step_id and p.most_recent
  where s.task_id = tasker_task_transitions.task_id and p.to_state in ('complete', 'resolved_manually')
), (
  select array_agg(s.workflow_step_id)::text
  from tasker_workflow_steps s
  join tasker_tasks o on o.task_id = s.task_id
  join executed x on x.named_task_id = o.named_task_id and x.named_step_id = s.named_step_id
  where s.task_id = tasker_task_transitions.task_id
), (
  select kind.place from tasker_tasks o join kind on kind.named_task_id = o.named_task_id
  where o.task_id = tasker_task_transitions.task_id
)"
        ),
        binds: vec![
            given.namespaces,
            given.names,
            given.versions,
            given.kinds,
            given.steps,
            given.among,
            given.except,
            given.above,
            given.limit,
            given.metadata,
            given.at,
        ],
        access: Access::Write,
    }
}

/// The last of the tasks that [`start_tasks`] looks at, and their number. Columns: id, number; no parameters but those.
pub(crate) fn window_of_pending(given: StartTasks) -> Query {
    Query {
        name: "window of pending tasks",
        sql: concat!("with ", served!(), " select max(p.task_id), count(*) from (", pending!(), ") p"),
        binds: vec![
            given.namespaces,
            given.names,
            given.versions,
            given.kinds,
            given.steps,
            given.among,
            given.except,
            given.above,
        ],
        access: Access::Read,
    }
}

/// Notifies the sessions that listen to `$1` of the texts `$2`, each once.
pub(crate) fn notify(channel: &'static str, payloads: Value) -> Query {
    Query {
        name: "notify",
        sql: "select count(pg_notify((select $1::text), p)) from unnest((select $2::text[])) p",
        binds: vec![Value::text(channel), payloads],
        access: Access::Write,
    }
}

/// The context of task `$1`, as JSON text.
pub(crate) fn task_context(task: Value) -> Query {
    Query {
        name: "context of a task",
        sql: "select o.context::text from tasker_tasks o where o.task_id = (select $1::bigint)",
        binds: vec![task],
        access: Access::Read,
    }
}
