//! The list of what the crate expects is the catalog of the engine's own database.

use crate::support::engine;
use tasker_core::schema::check;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema/expected.tsv");
const CATALOG: &str = include_str!("../../src/schema/catalog.sql");

/// Lines that this version of PostgreSQL writes for the engine's database.
async fn catalog() -> Vec<String> {
    let mut engine = engine::connect().await;
    let rows: Vec<(String, String, String)> = sqlx::query_as(CATALOG).fetch_all(&mut engine).await.unwrap();
    let mut lines: Vec<String> =
        rows.iter().map(|(kind, name, definition)| format!("{kind}\t{name}\t{definition}")).collect();
    lines.sort();
    lines
}

/// With `TASKER_CORE_WRITE_EXPECTED=1` the file is written instead of compared.
#[tokio::test]
async fn what_is_expected_is_what_the_engine_has_made() {
    let catalog = catalog().await;
    if std::env::var_os("TASKER_CORE_WRITE_EXPECTED").is_some() {
        std::fs::write(FILE, catalog.join("\n") + "\n").unwrap();
    }
    let expected = std::fs::read_to_string(FILE).unwrap();
    let expected: Vec<&str> = expected.lines().collect();
    assert_eq!(expected, catalog, "TASKER_CORE_WRITE_EXPECTED=1 writes the file anew");
    let of_kind = |kind: &str| expected.iter().filter(|line| line.starts_with(&format!("{kind}\t"))).count();
    assert_eq!((of_kind("table"), of_kind("view"), of_kind("function")), (13, 1, 9));
    assert!(of_kind("column") > 90 && of_kind("unique index") >= 10 && of_kind("index") > 50);
}

#[tokio::test]
async fn the_engines_database_has_no_difference() {
    let mut engine = engine::connect().await;
    assert_eq!(check(&mut engine).await.unwrap(), []);
}
