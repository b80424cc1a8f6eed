//! Prints the JSON Schema of configuration files: `cargo run --features config --example config_schema > docs/config.schema.json`.

use tasker_core::config::Loader;

fn main() {
    println!("{:#}", Loader::new().json_schema());
}
