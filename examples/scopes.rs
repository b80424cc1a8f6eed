//! Answers chains of scopes that are given as JSON: `spec/queries/scopes_spec.rb` compares with what ActiveRecord returns on the same database.
//!
//!     echo '[{"model": "Task", "scopes": [["in_namespace", "payments"], ["active"]]}]' | cargo run --example scopes
//!
//! `DATABASE_URL` names the database. On standard output stands one answer for each chain: the sorted keys, their count, whether there are
//! any, and the first.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../tests/queries/chain.rs"]
mod chain;

use serde_json::Value;
use sqlx::{Connection, PgConnection};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| panic!("DATABASE_URL is not set"));
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let chains: Vec<Value> = serde_json::from_reader(std::io::stdin()).unwrap();
    let mut answers = Vec::with_capacity(chains.len());
    for chain in &chains {
        let answer = chain::answer(chain, &mut connection).await;
        answers.push(answer.unwrap_or_else(|error| panic!("{chain}: {error}")));
    }
    println!("{}", Value::from(answers));
}
