-- unlocked workers: reads
-- Parameters: $1 text
select pg_is_in_recovery(), array(
  select claim.worker from (
    select t.metadata #>> '{tasker_core,worker}' as worker from tasker_task_transitions t where t.most_recent and t.to_state = 'in_progress'
    union
    select t.metadata #>> '{tasker_core,worker}' from tasker_workflow_step_transitions t where t.most_recent and t.to_state = 'in_progress'
  ) claim
  where claim.worker is distinct from (select $1::text) and claim.worker not in (
    select ((l.classid::bigint << 32) | l.objid::bigint)::text from pg_locks l
    where l.locktype = 'advisory' and l.objsubid = 1 and l.granted and l.mode = 'ExclusiveLock'
      and l.database = (select d.oid from pg_database d where d.datname = current_database())
  )
  order by claim.worker
)::text;
