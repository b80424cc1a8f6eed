//! Prints the tables that the crate's models read and write, as JSON: what `rake docs:schema` puts beside the engine's models.

use serde_json::{Value, json};
use tasker_core::models::{ColumnInfo, TABLES};

fn column(column: &ColumnInfo) -> Value {
    json!({
        "name": column.name,
        "sql_type": column.sql_type,
        "nullable": column.nullable,
        "rust_type": column.rust_type,
    })
}

fn main() {
    for table in TABLES {
        let columns: Vec<Value> = table.columns.iter().map(column).collect();
        let line =
            json!({ "model": table.model, "table": table.table, "key": table.key, "columns": columns });
        println!("{line}");
    }
}
