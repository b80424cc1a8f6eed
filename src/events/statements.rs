//! Statements of the feed and the bridge.

/// `$1` to `$3`: the last id, the first and the last ids of gaps, in the table of task transitions; `$4` to `$6`: the same of step transitions;
/// `$7`: how many of each at most. One statement, so that both tables are read at one moment.
/// Of one instant, the start of a task precedes the claims that it makes, and its end follows the ends of its steps.
pub(super) const READ: &str = "
with task_ids as (
  select id from (
    (select id from tasker_task_transitions where id > $1 order by id limit $7)
    union all
    select missing.id from unnest($2::bigint[], $3::bigint[]) as gap (first, last)
      cross join lateral (select id from tasker_task_transitions where id between gap.first and gap.last order by id limit $7) missing
  ) found order by id limit $7
), step_ids as (
  select id from (
    (select id from tasker_workflow_step_transitions where id > $4 order by id limit $7)
    union all
    select missing.id from unnest($5::bigint[], $6::bigint[]) as gap (first, last)
      cross join lateral (select id from tasker_workflow_step_transitions where id between gap.first and gap.last order by id limit $7) missing
  ) found order by id limit $7
), moved as (
  select false is_step, m.id, m.to_state, m.from_state, m.created_at, false is_first, m.task_id, null::bigint step_id, null step_name,
    null::timestamp last_attempted_at, null::timestamp processed_at, null::int attempts, null::int retry_limit, null::jsonb inputs,
    null::jsonb results, null::text[] parents
  from task_ids join tasker_task_transitions m using (id)
  union all
  select true, m.id, m.to_state, m.from_state, m.created_at, m.metadata ->> 'initialized_by' is not distinct from 'state_machine', s.task_id,
    s.workflow_step_id, n.name, s.last_attempted_at, s.processed_at, s.attempts, s.retry_limit, s.inputs, s.results,
    case when m.to_state = 'in_progress' then array(
      select pn.name::text from tasker_workflow_step_edges e
        join tasker_workflow_steps p on p.workflow_step_id = e.from_step_id
        join tasker_named_steps pn on pn.named_step_id = p.named_step_id
      where e.to_step_id = s.workflow_step_id order by e.from_step_id, e.id
    ) end
  from step_ids join tasker_workflow_step_transitions m using (id)
    join tasker_workflow_steps s on s.workflow_step_id = m.workflow_step_id
    join tasker_named_steps n on n.named_step_id = s.named_step_id
)
select m.*, d.name task_name, d.version task_version, ns.name namespace, case when not m.is_step then t.context end context
from moved m
  join tasker_tasks t on t.task_id = m.task_id
  join tasker_named_tasks d on d.named_task_id = t.named_task_id
  join tasker_task_namespaces ns on ns.task_namespace_id = d.task_namespace_id
order by m.created_at, case when m.is_step then 1 when m.to_state = 'in_progress' then 0 else 2 end, m.id";

/// The transactions of other sessions that may have drawn ids of the two tables.
pub(super) const WRITERS: &str = "
select l.relation = 'tasker_workflow_step_transitions'::regclass::oid is_step, l.virtualtransaction writer
from pg_locks l
where l.locktype = 'relation' and l.database = (select oid from pg_database where datname = current_database())
  and l.relation in ('tasker_task_transitions'::regclass::oid, 'tasker_workflow_step_transitions'::regclass::oid)
  and l.mode = 'RowExclusiveLock' and l.granted and l.pid is distinct from pg_backend_pid()";

/// Whether this is a standby, and the caches of the two sequences.
pub(super) const CHECK: &str = "
select pg_is_in_recovery() is_standby, t.name, coalesce(s.seqcache, 1) cache
from unnest(array['tasker_task_transitions', 'tasker_workflow_step_transitions']) t (name)
  left join pg_sequence s on s.seqrelid = pg_get_serial_sequence(t.name, 'id')::regclass";

/// The last ids of both tables, `$1` of them at most.
pub(super) const LAST: &str = "
(select false is_step, id from tasker_task_transitions order by id desc limit $1)
union all
(select true, id from tasker_workflow_step_transitions order by id desc limit $1)
order by 1, 2";
