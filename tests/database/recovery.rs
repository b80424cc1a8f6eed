//! Claims of workers that hold their lock and of workers that do not, and pending tasks without a job.

use crate::support::seed::{definitions, record, steps, task};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool};
use tasker_core::ids::{TaskId, WorkerKey};
use tasker_core::machine::Owner;
use tasker_core::operations::recovery::{
    Claims, claims, claims_of_dead_worker, jobless_tasks, unlocked_workers,
};
use tasker_core::operations::transition::Subject;
use tasker_core::store::Connection;
use tasker_core::time::Micros;

const WORKERS: [WorkerKey; 4] =
    [WorkerKey(i64::MIN), WorkerKey(-1), WorkerKey(0x1_0000_0000), WorkerKey(i64::MAX)];
const PATIENCE: Micros = Micros(60_000_000);

/// Moves a task or step to in progress, with a worker's key as the host writes it.
async fn claim(connection: &mut PgConnection, subject: Subject, worker: &str) {
    record(connection, subject, "in_progress").await;
    let (table, key) = match subject.owner {
        Owner::Task => ("tasker_task_transitions", "task_id"),
        Owner::Step => ("tasker_workflow_step_transitions", "workflow_step_id"),
    };
    let mark = format!(
        "update {table} set metadata = jsonb_build_object('tasker_core', jsonb_build_object('worker', $2::text))
         where most_recent and {key} = $1"
    );
    let update = sqlx::query(sqlx::AssertSqlSafe(mark)).bind(subject.id).bind(worker);
    update.execute(connection).await.unwrap();
}

async fn hold(connection: &mut PgConnection, worker: WorkerKey) {
    sqlx::query("select pg_advisory_lock($1)").bind(worker.0).execute(connection).await.unwrap();
}

async fn release(connection: &mut PgConnection) {
    sqlx::query("select pg_advisory_unlock_all()").execute(connection).await.unwrap();
}

async fn unlocked(connection: &mut PgConnection, own: Option<WorkerKey>) -> Vec<WorkerKey> {
    unlocked_workers(&mut Connection(connection), own).await.unwrap().unwrap()
}

async fn connected(pool: PgPoolOptions, options: PgConnectOptions) -> PgPool {
    let pool = pool.max_connections(3).connect_with(options).await.unwrap();
    definitions(&mut pool.acquire().await.unwrap()).await;
    pool
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn workers_with_claims_and_without_their_lock_are_found(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let pool = connected(pool, options).await;
    let (mut holder, mut db) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    for worker in WORKERS {
        let claimed = task(&mut db).await;
        claim(&mut db, claimed, &worker.to_string()).await;
        let step = steps(&mut db, claimed, 1).await[0];
        claim(&mut db, step, &worker.to_string()).await;
    }
    assert_eq!(unlocked(&mut db, None).await, WORKERS);
    assert_eq!(unlocked(&mut db, Some(WORKERS[1])).await, [WORKERS[0], WORKERS[2], WORKERS[3]]);
    for worker in WORKERS {
        hold(&mut holder, worker).await;
    }
    assert_eq!(unlocked(&mut db, None).await, []);
    release(&mut holder).await;
    assert_eq!(unlocked(&mut db, None).await, WORKERS);
    drop((holder, db));
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn locks_of_other_kinds_and_databases_do_not_count(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = connected(pool, options.clone()).await;
    let mut db = pool.acquire().await.unwrap();
    let claimed = task(&mut db).await;
    claim(&mut db, claimed, "4294967298").await; // 1 and 2 in its halves
    sqlx::query("select pg_advisory_lock(1, 2), pg_advisory_lock_shared(4294967298)")
        .execute(&mut *db)
        .await
        .unwrap();
    let mut elsewhere = PgConnection::connect_with(&options.database("postgres")).await.unwrap();
    hold(&mut elsewhere, WorkerKey(4_294_967_298)).await;
    assert_eq!(unlocked(&mut db, None).await, [WorkerKey(4_294_967_298)]);
    elsewhere.close().await.unwrap();
    drop(db);
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn claims_without_a_key_or_with_a_key_that_is_none_are_left_out(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let pool = connected(pool, options).await;
    let mut db = pool.acquire().await.unwrap();
    let plain = task(&mut db).await;
    record(&mut db, plain, "in_progress").await;
    for odd in ["", "seven", "99999999999999999999999", "1.5", "{7}", "a,b\"c"] {
        let odd_task = task(&mut db).await;
        claim(&mut db, odd_task, odd).await;
    }
    let ended = task(&mut db).await;
    claim(&mut db, ended, "7").await;
    record(&mut db, ended, "complete").await;
    assert_eq!(unlocked(&mut db, None).await, []);
    drop(db);
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn claims_of_a_worker_are_its_own_open_ones(pool: PgPoolOptions, options: PgConnectOptions) {
    let pool = connected(pool, options).await;
    let mut db = pool.acquire().await.unwrap();
    let (mine, shared, unmarked, others) =
        (task(&mut db).await, task(&mut db).await, task(&mut db).await, task(&mut db).await);
    for (subject, worker) in [(mine, "7"), (shared, "7"), (unmarked, "7"), (others, "8")] {
        claim(&mut db, subject, worker).await;
    }
    let steps_of = [
        steps(&mut db, mine, 2).await,
        steps(&mut db, shared, 2).await,
        steps(&mut db, unmarked, 1).await,
        steps(&mut db, others, 1).await,
    ];
    claim(&mut db, steps_of[0][0], "7").await;
    claim(&mut db, steps_of[0][1], "7").await;
    record(&mut db, steps_of[0][1], "complete").await;
    claim(&mut db, steps_of[1][0], "7").await;
    claim(&mut db, steps_of[1][1], "8").await;
    record(&mut db, steps_of[2][0], "in_progress").await;
    claim(&mut db, steps_of[3][0], "7").await;

    let found = claims(&mut Connection(&mut db), WorkerKey(7)).await.unwrap();
    let of_steps: Vec<_> = found.steps.iter().map(|claim| (claim.step.0, claim.task.0)).collect();
    assert_eq!(
        of_steps,
        [(steps_of[0][0].id, mine.id), (steps_of[1][0].id, shared.id), (steps_of[3][0].id, others.id)]
    );
    let of_tasks: Vec<_> = found.tasks.iter().map(|claim| (claim.task.0, claim.shared)).collect();
    assert_eq!(of_tasks, [(mine.id, false), (shared.id, true), (unmarked.id, true)]);
    for (table, tokens) in [
        (
            "tasker_workflow_step_transitions",
            found.steps.iter().map(|claim| claim.token.0).collect::<Vec<_>>(),
        ),
        ("tasker_task_transitions", found.tasks.iter().map(|claim| claim.token.0).collect()),
    ] {
        let select = format!(
            "select count(*) from {table} where id = any($1) and most_recent and to_state = 'in_progress'"
        );
        let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(select)).bind(&tokens);
        assert_eq!(count.fetch_one(&mut *db).await.unwrap(), 3, "{table}: {tokens:?}");
    }
    assert_eq!(claims(&mut Connection(&mut db), WorkerKey(9)).await.unwrap(), Claims::default());
    drop(db);
    pool.close().await;
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn claims_of_a_worker_that_lives_are_refused_and_two_sweeps_exclude_each_other(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let pool = connected(pool, options).await;
    let (mut first, mut second) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    let claimed = task(&mut first).await;
    claim(&mut first, claimed, "7").await;
    let mut holder = pool.acquire().await.unwrap();
    hold(&mut holder, WorkerKey(7)).await;
    let mut tx = first.begin().await.unwrap();
    assert_eq!(claims_of_dead_worker(&mut Connection(&mut tx), WorkerKey(7)).await.unwrap(), None);
    tx.rollback().await.unwrap();
    release(&mut holder).await;

    let mut tx = first.begin().await.unwrap();
    let found = claims_of_dead_worker(&mut Connection(&mut tx), WorkerKey(7)).await.unwrap();
    assert_eq!(found.unwrap().tasks.len(), 1);
    let mut other = second.begin().await.unwrap();
    assert_eq!(claims_of_dead_worker(&mut Connection(&mut other), WorkerKey(7)).await.unwrap(), None);
    other.rollback().await.unwrap();
    tx.commit().await.unwrap();
    let found = claims_of_dead_worker(&mut Connection(&mut second), WorkerKey(7)).await.unwrap();
    assert!(found.is_some());
    drop((holder, first, second));
    pool.close().await;
}

/// Notes a job on a pending task, as the host does.
async fn note(connection: &mut PgConnection, subject: Subject, seconds: i32, times: Option<i32>) {
    let update = "update tasker_task_transitions set metadata = jsonb_build_object('resumption', jsonb_build_object(
        'at', to_char(now() + make_interval(secs => $2), 'YYYY-MM-DD\"T\"HH24:MI:SS.USTZH:TZM'), 'times', $3::int))
        where most_recent and task_id = $1";
    sqlx::query(update).bind(subject.id).bind(seconds).bind(times).execute(connection).await.unwrap();
}

async fn age(connection: &mut PgConnection, subject: Subject, seconds: i32) {
    for update in [
        "update tasker_tasks set created_at = localtimestamp - make_interval(secs => $2) where task_id = $1",
        "update tasker_task_transitions set created_at = localtimestamp - make_interval(secs => $2) where task_id = $1",
    ] {
        sqlx::query(update).bind(subject.id).bind(seconds).execute(&mut *connection).await.unwrap();
    }
}

/// A task's state, its age, its noted job (seconds from now, how many were noted before), its step's state, and whether it is to be found.
type Case = (Option<&'static str>, i32, Option<(i32, Option<i32>)>, Option<&'static str>, bool);

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn pending_tasks_without_a_job_are_found_if_they_can_go_on(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let pool = connected(pool, options).await;
    let mut db = pool.acquire().await.unwrap();
    let cases: &[Case] = &[
        (None, 61, None, None, true),
        (None, 20, None, None, false),
        (Some("pending"), 61, None, None, true),
        (Some("pending"), 20, None, None, false),
        (Some("pending"), 9_000, Some((-20, None)), None, false),
        (Some("pending"), 9_000, Some((-70, None)), None, true),
        (Some("pending"), 9_000, Some((-70, Some(1))), None, false),
        (Some("pending"), 9_000, Some((-130, Some(1))), None, true),
        (Some("pending"), 9_000, Some((600, None)), None, false),
        (Some("pending"), 61, None, Some("complete"), true),
        (Some("pending"), 61, None, Some("in_progress"), false),
        (Some("pending"), 61, None, Some("cancelled"), false),
        (Some("in_progress"), 9_000, None, None, false),
        (Some("complete"), 9_000, None, Some("complete"), false),
        (Some("error"), 9_000, None, None, false),
    ];
    let mut expected = Vec::new();
    for (state, seconds, job, step, found) in cases {
        let subject = task(&mut db).await;
        let its_step = steps(&mut db, subject, 1).await[0];
        if let Some(state) = state {
            record(&mut db, subject, state).await;
        }
        age(&mut db, subject, *seconds).await;
        if let Some((at, times)) = job {
            note(&mut db, subject, *at, *times).await;
        }
        if let Some(step) = step {
            record(&mut db, its_step, step).await;
        }
        expected.extend(found.then_some(TaskId(subject.id)));
    }
    let odd = task(&mut db).await;
    steps(&mut db, odd, 1).await;
    record(&mut db, odd, "pending").await;
    age(&mut db, odd, 61).await;
    let malformed = r#"update tasker_task_transitions set metadata = '{"resumption": {"at": "soon", "times": "x"}}' where task_id = $1"#;
    sqlx::query(malformed).bind(odd.id).execute(&mut *db).await.unwrap();
    expected.push(TaskId(odd.id));
    assert_eq!(jobless_tasks(&mut Connection(&mut db), PATIENCE).await.unwrap(), expected);
    drop(db);
    pool.close().await;
}
