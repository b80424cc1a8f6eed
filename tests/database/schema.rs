//! Our migrations make the tables that the engine's migrations make.

use crate::support::engine;
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeSet;

/// Columns in their order, with type, nullability, default, identity and collation.
const COLUMNS: &str = "
  select format('%s %s: %s %s, %s, default %s, identity %s, generated %s, collation %s',
                c.relname, row_number() over (partition by c.oid order by a.attnum), a.attname,
                format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' else 'null' end,
                pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation::regcollation)
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relkind = 'r' and c.relname like 'tasker\\_%'";

/// Whether a column may be null is compared with the columns; newer servers list it here too.
const CONSTRAINTS: &str = "
  select format('%s %s: %s%s', conrelid::regclass, conname, pg_get_constraintdef(oid),
                case when convalidated then '' else ' not valid' end)
  from pg_constraint where conrelid::regclass::text like 'tasker\\_%' and contype <> 'n'";

const INDEXES: &str = "
  select format('%s%s', pg_get_indexdef(indexrelid), case when indisvalid then '' else ' not valid' end)
  from pg_index where indrelid::regclass::text like 'tasker\\_%'";

const SEQUENCES: &str = "
  select format('%s: %s from %s by %s in %s..%s, cache %s, cycle %s, owned by %s.%s',
                s.seqrelid::regclass, format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
                s.seqcache, s.seqcycle, d.refobjid::regclass, a.attname)
  from pg_sequence s
  left join pg_depend d on d.objid = s.seqrelid and d.classid = 'pg_class'::regclass and d.deptype = 'a'
  left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where s.seqrelid::regclass::text like 'tasker\\_%'";

const TRIGGERS: &str = "
  select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal and tgrelid::regclass::text like 'tasker\\_%'";

async fn catalog(connection: &mut PgConnection, query: &'static str) -> BTreeSet<String> {
    sqlx::query_scalar(query).fetch_all(connection).await.unwrap().into_iter().collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn our_tables_are_the_engines(pool: PgPool) {
    let (mut ours, mut theirs) = (pool.acquire().await.unwrap(), engine::connect().await);
    for (what, query, least) in [
        ("columns", COLUMNS, 100),
        ("constraints", CONSTRAINTS, 26),
        ("indexes", INDEXES, 80),
        ("sequences", SEQUENCES, 13),
        ("triggers", TRIGGERS, 0),
    ] {
        let (ours, theirs) = (catalog(&mut ours, query).await, catalog(&mut theirs, query).await);
        let missing: Vec<&String> = theirs.difference(&ours).collect();
        let extra: Vec<&String> = ours.difference(&theirs).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{what} missing: {missing:#?}\n{what} too many: {extra:#?}"
        );
        assert!(ours.len() >= least, "expected at least {least} {what}, got {}", ours.len());
        println!("{} {what} compared", ours.len());
    }
}
