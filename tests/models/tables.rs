//! The models have the columns of the engine's database.

use crate::engine;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use tasker_core::models::TABLES;

async fn tables(engine: &mut PgConnection) -> BTreeSet<String> {
    let query =
        "select relname::text from pg_class where relkind in ('r', 'v') and relname like 'tasker\\_%'";
    sqlx::query_scalar(query).fetch_all(engine).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn there_is_a_model_for_each_table_and_view_of_the_engine() {
    let ours = TABLES.iter().map(|table| table.table.to_owned()).collect();
    assert_eq!(tables(&mut engine::connect().await).await, ours);
}

#[tokio::test]
async fn columns_have_the_types_of_the_engines_in_their_order() {
    let mut engine = engine::connect().await;
    for table in TABLES {
        let columns: Vec<(String, String, bool, bool)> = sqlx::query_as(
            "select a.attname::text, format_type(a.atttypid, a.atttypmod), not a.attnotnull, c.relkind = 'v'
             from pg_attribute a join pg_class c on c.oid = a.attrelid
             where c.relname = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum",
        )
        .bind(table.table)
        .fetch_all(&mut engine)
        .await
        .unwrap();
        let theirs: Vec<(&str, &str)> =
            columns.iter().map(|(name, kind, ..)| (name.as_str(), kind.as_str())).collect();
        let ours: Vec<(&str, &str)> =
            table.columns.iter().map(|column| (column.name, column.sql_type)).collect();
        assert_eq!(ours, theirs, "{}", table.table);
        for (column, (name, _, nullable, view)) in table.columns.iter().zip(&columns) {
            // To PostgreSQL every column of a view may be null.
            assert!(*view || column.nullable == *nullable, "{}.{name}", table.table);
            assert_eq!(column.nullable, column.rust_type.starts_with("Option<"), "{}.{name}", table.table);
        }
    }
}
