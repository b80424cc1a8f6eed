//! Random chains of scopes: in any order, repeated, and run in every way there is.

use crate::chain::{Scoped, query};
use crate::support::{fill, seed};
use futures_util::TryStreamExt;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Row, Transaction};
use std::collections::BTreeSet;
use std::future::Future;
use tasker_core::models::{Model, Statement, Task, WorkflowStep};
use tasker_core::query::Query;

fn hour() -> impl Strategy<Value = String> {
    (0..100u32).prop_map(|hour| format!("2025-01-{:02}T{:02}:00:00", 1 + hour / 24, hour % 24))
}

fn state() -> impl Strategy<Value = Value> {
    let states = vec![
        "pending",
        "in_progress",
        "complete",
        "error",
        "cancelled",
        "resolved_manually",
        "no such state",
        " ",
    ];
    prop_oneof![1 => Just(Value::Null), 8 => select(states).prop_map(Value::from)]
}

fn task_scope() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec!["payments", "it's", "back\\slash"]).prop_map(|name| json!(["in_namespace", name])),
        select(vec!["settle", "refund", "'; drop table"]).prop_map(|name| json!(["with_task_name", name])),
        select(vec!["1.0.0", "2.0.0"]).prop_map(|version| json!(["with_version", version])),
        state().prop_map(|state| json!(["by_current_state", state])),
        select(vec!["high", "low"]).prop_map(|value| json!(["by_annotation", "triage", "priority", value])),
        hour().prop_map(|since| json!(["created_since", since])),
        hour().prop_map(|since| json!(["completed_since", since])),
        hour().prop_map(|since| json!(["failed_since", since])),
        Just(json!(["active"])),
    ]
}

fn step_scope() -> impl Strategy<Value = Value> {
    let id = 9001..9420i64;
    prop_oneof![
        (9001..9061i64).prop_map(|id| json!(["for_task", id])),
        state().prop_map(|state| json!(["by_current_state", state])),
        select(vec!["completed", "failed", "pending", "ready"]).prop_map(|name| json!([name])),
        hour().prop_map(|since| json!(["completed_since", since])),
        hour().prop_map(|since| json!(["failed_since", since])),
        hour().prop_map(|since| json!(["for_tasks_since", since])),
        (select(vec!["siblings_of", "ancestors_of", "descendants_of"]), id)
            .prop_map(|(name, id)| json!([name, id])),
    ]
}

/// Runs a check for many chains, each with an order for its scopes. Failures shrink.
async fn for_chains<F>(
    scope: impl Strategy<Value = Value> + Send + 'static,
    pool: PgPool,
    check: impl Fn(PgPool, Vec<Value>, Vec<Index>) -> F + Send + 'static,
) where
    F: Future<Output = Result<(), TestCaseError>>,
{
    let handle = tokio::runtime::Handle::current();
    let run = move || {
        let chains = (prop::collection::vec(scope, 0..4), prop::collection::vec(any::<Index>(), 6));
        let config = Config { cases: 120, failure_persistence: None, ..Config::default() };
        TestRunner::new(config)
            .run(&chains, |(chain, order)| handle.block_on(check(pool.clone(), chain, order)))
            .unwrap_or_else(|error| panic!("{error}"));
    };
    tokio::task::spawn_blocking(run).await.unwrap();
}

/// The scopes in another order, some of them twice; every one of them at least once.
fn shuffled(chain: &[Value], order: &[Index]) -> Vec<Value> {
    let mut all: Vec<Value> = chain.to_vec();
    if !chain.is_empty() {
        all.extend(order.iter().take(2).map(|index| index.get(chain).clone()));
    }
    for (place, index) in order.iter().enumerate().take(all.len()) {
        let other = index.index(all.len());
        all.swap(place, other);
    }
    all
}

async fn check<M: Scoped>(pool: PgPool, chain: Vec<Value>, order: Vec<Index>) -> Result<(), TestCaseError>
where
    M::Key: for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres> + Ord,
{
    let mut tx = pool.begin().await.unwrap();
    let found = query::<M>(&chain);
    let keys = sorted(&found, &mut tx).await;
    prop_assert_eq!(
        &sorted(&query::<M>(&shuffled(&chain, &order)), &mut tx).await,
        &keys,
        "in another order"
    );

    let mut common: BTreeSet<M::Key> = sorted(&Query::<M>::new(), &mut tx).await.into_iter().collect();
    for scope in &chain {
        let one: BTreeSet<M::Key> =
            sorted(&query::<M>(std::slice::from_ref(scope)), &mut tx).await.into_iter().collect();
        common = common.intersection(&one).copied().collect();
    }
    prop_assert_eq!(&common.into_iter().collect::<Vec<_>>(), &keys, "what each scope finds by itself");

    prop_assert_eq!(found.count(&mut *tx).await.unwrap(), keys.len() as u64);
    prop_assert_eq!(found.exists(&mut *tx).await.unwrap(), !keys.is_empty());
    prop_assert_eq!(found.first(&mut *tx).await.unwrap().map(|row| row.key()), keys.first().copied());
    let (offset, limit) = (order[0].index(10) as u64, order[1].index(10) as u64);
    let part = found.clone().offset(offset).limit(limit);
    let expected: Vec<M::Key> = keys.iter().copied().skip(offset as usize).take(limit as usize).collect();
    prop_assert_eq!(&part.keys(&mut *tx).await.unwrap(), &expected);
    prop_assert_eq!(part.count(&mut *tx).await.unwrap(), expected.len() as u64);
    prop_assert_eq!(part.exists(&mut *tx).await.unwrap(), !expected.is_empty());
    prop_assert_eq!(part.first(&mut *tx).await.unwrap().map(|row| row.key()), expected.first().copied());

    prop_assert_eq!(&by_number(&found, 7, &mut tx).await, &keys);
    prop_assert_eq!(&by_keyset(&found, 7, &mut tx).await, &keys);
    prop_assert_eq!(&printed(&found, &mut tx).await, &keys);
    let mut streamed: Vec<M::Key> =
        found.stream(&mut tx).unwrap().map_ok(|row| row.key()).try_collect().await.unwrap();
    streamed.sort_unstable();
    prop_assert_eq!(&streamed, &keys);
    Ok(())
}

async fn sorted<M: Model>(query: &Query<M>, tx: &mut Transaction<'static, Postgres>) -> Vec<M::Key>
where
    M::Key: Ord,
{
    let mut keys: Vec<M::Key> = query.all(&mut **tx).await.unwrap().iter().map(Model::key).collect();
    keys.sort_unstable();
    keys
}

async fn by_number<M: Model>(
    query: &Query<M>,
    size: u64,
    tx: &mut Transaction<'static, Postgres>,
) -> Vec<M::Key> {
    let mut keys = Vec::new();
    for number in 1.. {
        let page = query.page(number, size, &mut **tx).await.unwrap();
        assert_eq!(page.total, query.count(&mut **tx).await.unwrap());
        keys.extend(page.rows.iter().map(Model::key));
        if page.rows.is_empty() {
            break;
        }
    }
    keys
}

async fn by_keyset<M: Model>(
    query: &Query<M>,
    size: u64,
    tx: &mut Transaction<'static, Postgres>,
) -> Vec<M::Key> {
    let mut keys: Vec<M::Key> = Vec::new();
    loop {
        let page = query.clone().after(keys.last().copied(), size).all(&mut **tx).await.unwrap();
        keys.extend(page.iter().map(Model::key));
        if page.is_empty() {
            return keys;
        }
    }
}

/// What the text for `psql` finds.
async fn printed<M: Model>(query: &Query<M>, tx: &mut Transaction<'static, Postgres>) -> Vec<M::Key>
where
    M::Key: for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres> + Ord,
{
    let text = query.psql().unwrap();
    assert_eq!(text, Statement::new(&query.select().unwrap()).psql());
    let rows = sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(&mut **tx).await.unwrap();
    let mut keys: Vec<M::Key> = rows.iter().map(|row| row.get(M::KEY.name())).collect();
    keys.sort_unstable();
    keys
}

async fn prepared(pool: &PgPool) {
    fill(&mut pool.acquire().await.unwrap(), seed()).await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn chains_of_task_scopes_mean_the_same_in_any_order_and_in_every_way(pool: PgPool) {
    prepared(&pool).await;
    for_chains(task_scope(), pool, check::<Task>).await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn chains_of_step_scopes_mean_the_same_in_any_order_and_in_every_way(pool: PgPool) {
    prepared(&pool).await;
    for_chains(step_scope(), pool, check::<WorkflowStep>).await;
}
