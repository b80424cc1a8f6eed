//! `finish`

use crate::support::seed::{
    self, AT, SEEDED_AT, Transition, attempt, history, json_instant, record, record_at, step_row,
};
use crate::support::templates::{define_elsewhere, template};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, PgPool};
use tasker_core::ids::StepId;
use tasker_core::operations::execution::{Attempt, Changes, Ending, finish};
use tasker_core::operations::sequence::Template;
use tasker_core::operations::transition::{Recorded, Subject};
use tasker_core::state::State;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;

async fn run(connection: &mut PgConnection, attempt: &Attempt) -> Option<Recorded> {
    finish(&mut Connection(connection), attempt).await.unwrap()
}

/// A step that a worker has, with no column at its default.
async fn step_in_progress(connection: &mut PgConnection, task: Subject) -> Subject {
    let step = seed::step(connection, task).await;
    sqlx::query(
        "update tasker_workflow_steps
         set retryable = false, retry_limit = 7, in_process = true, processed = false, attempts = 1, skippable = true,
             processed_at = '2001-02-03 04:05:06.000007', last_attempted_at = '2002-02-03 04:05:06.000007',
             backoff_request_seconds = 30, inputs = '{\"a\": 1}', results = '{\"before\": true}',
             created_at = '2003-02-03 04:05:06.000007', updated_at = '2004-02-03 04:05:06.000007'
         where workflow_step_id = $1",
    )
    .bind(step.id)
    .execute(&mut *connection)
    .await
    .unwrap();
    record(connection, step, "in_progress").await;
    step
}

/// The row with some columns changed.
fn with(mut row: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("an object") };
    row.as_object_mut().unwrap().extend(changes);
    row
}

fn transition(
    to: &str,
    sort_key: i32,
    most_recent: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
) -> Transition {
    Transition {
        to_state: to.into(),
        from_state: None,
        metadata: "{}".into(),
        sort_key,
        most_recent,
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn either_ending_writes_its_columns_and_its_transition(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for (ending, word) in [(Ending::Complete, "complete"), (Ending::Error, "error")] {
        let tasks = [seed::task(&mut tx).await, seed::task(&mut tx).await];
        let (step, bystander) =
            (step_in_progress(&mut tx, tasks[0]).await, step_in_progress(&mut tx, tasks[1]).await);
        let (before, beside) = (step_row(&mut tx, step).await, step_row(&mut tx, bystander).await);
        let recorded = run(&mut tx, &Attempt { ending, ..attempt(step) }).await.unwrap();
        assert_eq!((recorded.sort_key, recorded.from), (20, State::InProgress));

        let changes = json!({
            "processed": true, "in_process": false, "attempts": 2, "results": {"rows": 3},
            "last_attempted_at": json_instant(Timestamp(AT.0 + 1)),
            "processed_at": json_instant(Timestamp(AT.0 + 2)),
            "updated_at": json_instant(AT),
        });
        assert_eq!(step_row(&mut tx, step).await, with(before, changes), "{word}");
        let rows = [transition("in_progress", 10, false, SEEDED_AT, AT), transition(word, 20, true, AT, AT)];
        assert_eq!(history(&mut tx, step).await, rows);
        let id =
            "select id from tasker_workflow_step_transitions where workflow_step_id = $1 and most_recent";
        let id: i64 = sqlx::query_scalar(id).bind(step.id).fetch_one(&mut *tx).await.unwrap();
        assert_eq!(recorded.id.0, id);

        assert_eq!(step_row(&mut tx, bystander).await, beside, "another step");
        assert_eq!(
            history(&mut tx, bystander).await,
            [transition("in_progress", 10, true, SEEDED_AT, SEEDED_AT)]
        );
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_does_not_change_stays_as_it_is(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let always = json!({
        "attempts": 2, "last_attempted_at": json_instant(Timestamp(AT.0 + 1)), "updated_at": json_instant(AT),
    });
    let at = Timestamp(AT.0 + 9);
    for (changes, columns) in [
        (Changes::default(), json!({})),
        (Changes { processed: Some(true), ..Changes::default() }, json!({"processed": true})),
        (Changes { processed: Some(false), ..Changes::default() }, json!({"processed": false})),
        (Changes { in_process: Some(false), ..Changes::default() }, json!({"in_process": false})),
        (Changes { in_process: Some(true), ..Changes::default() }, json!({"in_process": true})),
        (Changes { processed_at: Some(at), ..Changes::default() }, json!({"processed_at": json_instant(at)})),
        (Changes { results: Some(None), ..Changes::default() }, json!({"results": null})),
        (Changes { results: Some(Some("null".into())), ..Changes::default() }, json!({"results": null})),
        (
            Changes { results: Some(Some(r#"["it's", "\\\"", 1.50, null]"#.into())), ..Changes::default() },
            json!({"results": ["it's", "\\\"", 1.50, null]}),
        ),
    ] {
        let task = seed::task(&mut tx).await;
        let step = step_in_progress(&mut tx, task).await;
        let before = step_row(&mut tx, step).await;
        let attempt = Attempt { ending: Ending::Error, changes, ..attempt(step) };
        run(&mut tx, &attempt).await.unwrap();
        let expected = with(with(before, always.clone()), columns);
        assert_eq!(step_row(&mut tx, step).await, expected, "{:?}", attempt.changes);
    }
}

/// To JSON, both are null; to SQL they are not.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn results_are_null_or_the_word_null(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for (results, expected) in [(None, None), (Some("null"), Some("null"))] {
        let task = seed::task(&mut tx).await;
        let step = step_in_progress(&mut tx, task).await;
        let changes = Changes { results: Some(results.map(Into::into)), ..Changes::default() };
        run(&mut tx, &Attempt { changes, ..attempt(step) }).await.unwrap();
        let select = "select results::text from tasker_workflow_steps where workflow_step_id = $1";
        let found: Option<String> =
            sqlx::query_scalar(select).bind(step.id).fetch_one(&mut *tx).await.unwrap();
        assert_eq!(found.as_deref(), expected);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_infinite_instant_is_kept(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for (instant, word) in [(i64::MAX, "infinity"), (i64::MIN, "-infinity")] {
        let task = seed::task(&mut tx).await;
        let step = step_in_progress(&mut tx, task).await;
        let changes = Changes { processed_at: Some(Timestamp(instant)), ..Changes::default() };
        run(&mut tx, &Attempt { last_attempted_at: Timestamp(instant), changes, ..attempt(step) })
            .await
            .unwrap();
        let row = step_row(&mut tx, step).await;
        assert_eq!((&row["last_attempted_at"], &row["processed_at"]), (&json!(word), &json!(word)));
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_sort_key_follows_the_highest_of_the_history(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let step = seed::step(&mut tx, task).await;
    for (key, state, flagged) in [(0, "pending", false), (3, "in_progress", true), (77, "error", false)] {
        record_at(&mut tx, step, state, key, flagged).await;
    }
    assert_eq!(run(&mut tx, &attempt(step)).await.unwrap().sort_key, 87);
    let flagged: Vec<(i32, bool)> =
        history(&mut tx, step).await.iter().map(|row| (row.sort_key, row.most_recent)).collect();
    assert_eq!(flagged, [(0, false), (3, false), (77, false), (87, true)]);
}

/// Tries to finish a step, and fails if that writes anything.
async fn assert_refused(connection: &mut PgConnection, step: Subject, why: &str) {
    let before = (step_row(connection, step).await, history(connection, step).await);
    for ending in [Ending::Complete, Ending::Error] {
        assert_eq!(run(connection, &Attempt { ending, ..attempt(step) }).await, None, "{why}");
    }
    assert_eq!((step_row(connection, step).await, history(connection, step).await), before, "{why}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_that_is_not_in_progress_is_left_alone(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let step = seed::step(&mut tx, task).await;
    assert_refused(&mut tx, step, "no history").await;
    record_at(&mut tx, step, "in_progress", 40, false).await;
    assert_refused(&mut tx, step, "in progress once, without the flag").await;
    for state in ["pending", "complete", "error", "cancelled", "resolved_manually", "", "In_progress"] {
        record(&mut tx, step, state).await;
        assert_refused(&mut tx, step, state).await;
    }
    record(&mut tx, step, "in_progress").await;
    run(&mut tx, &attempt(step)).await.unwrap();
    assert_refused(&mut tx, step, "finished already").await;
    let unknown = Subject { id: 4_711, ..step };
    assert_eq!(run(&mut tx, &attempt(unknown)).await, None, "an unknown step");
}

/// The engine's validations of a step that is saved.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_step_whose_name_another_one_of_the_task_bears_is_left_alone(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let (task, other) = (seed::task(&mut connection).await, seed::task(&mut connection).await);
    let step = step_in_progress(&mut connection, task).await;
    let twin = step_in_progress(&mut connection, other).await;

    let mut tx = connection.begin().await.unwrap();
    seed::step(&mut tx, task).await;
    assert_refused(&mut tx, step, "the same definition").await;
    run(&mut tx, &attempt(twin)).await.expect("in another task it does not matter");
    tx.rollback().await.unwrap();

    let named =
        define_elsewhere(&mut connection, &Template { system: "other".into(), ..template("step", &[]) })
            .await;
    let distinct = define_elsewhere(&mut connection, &template("Step", &[])).await;
    let beside = seed::step(&mut connection, task).await;
    let rename = "update tasker_workflow_steps set named_step_id = $1 where workflow_step_id = $2";
    sqlx::query(rename).bind(named).bind(beside.id).execute(&mut *connection).await.unwrap();
    assert_refused(&mut connection, step, "the same name in another system").await;
    sqlx::query(rename).bind(distinct).bind(beside.id).execute(&mut *connection).await.unwrap();
    run(&mut connection, &attempt(step)).await.expect("the names differ");
}

/// Those up to a step that is known are not gone through again.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_later_step_of_the_same_name_is_noticed_where_the_names_of_all_earlier_ones_are_known(
    pool: PgPool,
) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let task = seed::task(&mut tx).await;
    let step = step_in_progress(&mut tx, task).await;
    let twin = seed::step(&mut tx, task).await;
    for known in [None, Some(step.id), Some(twin.id - 1), Some(i64::MIN)] {
        let attempt = Attempt { distinct_to: known.map(StepId), ..attempt(step) };
        assert_eq!(run(&mut tx, &attempt).await, None, "{known:?}");
    }
    let attempt = Attempt { distinct_to: Some(StepId(twin.id)), ..attempt(step) };
    run(&mut tx, &attempt).await.expect("an end without a claim is accepted");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn results_that_are_no_json_are_the_databases_error(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let task = seed::task(&mut connection).await;
    let step = step_in_progress(&mut connection, task).await;
    let changes = Changes { results: Some(Some("{".into())), ..Changes::default() };
    let error =
        finish(&mut Connection(&mut connection), &Attempt { changes, ..attempt(step) }).await.unwrap_err();
    assert!(error.to_string().contains("invalid input syntax for type json"), "{error}");
    assert_eq!(history(&mut connection, step).await.len(), 1);
}
