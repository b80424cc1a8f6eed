-- The engine's tables, their parts, its view and its functions: kind, name, definition. Reads the catalog only.
--
-- Schemas are left out, so that a database that keeps the tables elsewhere compares equal, as are the names of constraints and indexes and
-- the expression of a default that takes the next value of a sequence.
with relation as (
  select c.oid, c.relname::text as name, c.relkind
  from pg_class c
  where c.relkind in ('r', 'p', 'v') and c.relname like 'tasker\_%' and pg_table_is_visible(c.oid)
), attribute as (
  select r.name as relation, r.relkind, a.attname::text as name, a.attnum, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
         case when a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%' then 'next value'
              when a.attgenerated <> '' then 'generated'
              else pg_get_expr(d.adbin, d.adrelid) end as value
  from relation r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
)
select 'table', name, ''
from relation where relkind in ('r', 'p')
union all
select 'column', relation || '.' || name, concat_ws(' ', type, case when attnotnull then 'not null' end, 'default ' || value)
from attribute where relkind in ('r', 'p')
union all
select distinct 'constraint', r.name || ' ' || pg_get_constraintdef(k.oid), ''
from relation r
join pg_constraint k on k.conrelid = r.oid
where k.contype in ('p', 'f') and k.convalidated
union all
select distinct case when i.indisunique then 'unique index' else 'index' end,
       r.name || ' ' || regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX .*? USING ', ''), ''
from relation r
join pg_index i on i.indrelid = r.oid
where i.indisvalid and not i.indisprimary
union all
select 'view', relation, string_agg(name || ' ' || type, ', ' order by attnum)
from attribute where relkind = 'v' group by relation
union all
select 'function', p.oid::regprocedure::text,
       pg_get_function_result(p.oid) || ', body ' || md5(regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', '', 'g'), '\s+', ' ', 'g'))
from pg_proc p
where p.proname ~ '^(get_(step_readiness_status|task_execution_context|system_health_counts|analytics_metrics|slowest_)|calculate_dependency_levels)'
  and pg_function_is_visible(p.oid)
order by 1, 2
