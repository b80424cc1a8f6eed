//! The task snapshot of `create_steps`, without another statement.

use crate::support::seed::{self, AT};
use crate::support::templates::{define_all, diamond, template};
use crate::support::world::NAMES;
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::TaskId;
use tasker_core::operations::sequence::{Created, Template, create_steps};
use tasker_core::operations::task_snapshot::{KnownVersions, TaskSnapshot, task_snapshot};
use tasker_core::store::Connection;

const INPUTS: &str = r#"{"b": [1, null], "a": "it's", "b": 1.50, "c": "\u00e4\"\\"}"#;

/// A snapshot without the versions of rows.
fn unversioned(mut snapshot: TaskSnapshot) -> TaskSnapshot {
    snapshot.task_version = "".into();
    for step in &mut snapshot.steps {
        step.version = "".into();
    }
    snapshot
}

async fn create(connection: &mut PgConnection, task: TaskId, templates: &[Template]) -> Created {
    let session = &mut Connection(connection);
    create_steps(session, task, templates, INPUTS, AT).await.unwrap().unwrap()
}

/// Every kind of template: in all orders, with names that are hard to quote, with and without parents.
fn templates() -> Vec<Vec<Template>> {
    let mut unusual = diamond();
    unusual[0] = Template { retryable: false, retry_limit: 0, skippable: true, ..unusual[0].clone() };
    unusual[2] = Template { retry_limit: i32::MAX, ..unusual[2].clone() };
    let named = |(index, &name): (usize, &&str)| template(name, &NAMES[index.saturating_sub(2)..index]);
    let name = |index: usize| format!("step {}", index * 7 % 60);
    let of = |index: usize| {
        let parents: Vec<String> =
            [1, 2, 5, 13].iter().filter_map(|back| index.checked_sub(*back)).map(name).collect();
        template(&name(index), &parents.iter().map(String::as_str).collect::<Vec<_>>())
    };
    vec![
        vec![template("alone", &[])],
        unusual,
        NAMES.iter().enumerate().map(named).collect(),
        (0..60).rev().map(of).collect(),
    ]
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn it_equals_the_next_task_snapshot(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let (mut ready, mut waiting) = (0, 0);
    for templates in templates() {
        let task = TaskId(seed::task(&mut tx).await.id);
        define_all(&mut tx, &templates).await;
        let created = create(&mut tx, task, &templates).await;
        let found = task_snapshot(&mut Connection(&mut tx), task, None, &KnownVersions::default())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(created.snapshot(), unversioned(found));
        assert_eq!(created.steps.len(), templates.len());
        ready += created.snapshot().ready().count();
        waiting += created.snapshot().statistics().pending() as usize;
    }
    assert!(ready > 0 && waiting > ready, "{ready} of {waiting} steps are ready");
}

/// The task need not be new: its row and its state are returned as they are.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_task_may_have_a_history(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    define_all(&mut tx, &diamond()).await;
    for (state, requested_at) in
        [("in_progress", "infinity"), ("cancelled", "-infinity"), ("error", "2025-01-02")]
    {
        let subject = seed::task(&mut tx).await;
        seed::record(&mut tx, subject, "pending").await;
        seed::record(&mut tx, subject, state).await;
        sqlx::query(
            r#"update tasker_tasks set initiator = 'some "one"', source_system = 'NULL', reason = '', bypass_steps = '["a"]',
                 tags = '{"x": [1]}', context = '{"order": 7}', complete = true, requested_at = $2::text::timestamp
               where task_id = $1"#,
        )
        .bind(subject.id)
        .bind(requested_at)
        .execute(&mut *tx)
        .await
        .unwrap();
        let task = TaskId(subject.id);
        let created = create(&mut tx, task, &diamond()).await;
        let found = task_snapshot(&mut Connection(&mut tx), task, None, &KnownVersions::default())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(created.snapshot(), unversioned(found), "{state}");
        assert_eq!(created.snapshot().state().as_str(), state);
    }
}

/// The next task snapshot returns the rows again, because the first one has no versions.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn rows_are_sent_again(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    define_all(&mut tx, &diamond()).await;
    let task = TaskId(seed::task(&mut tx).await.id);
    let created = create(&mut tx, task, &diamond()).await.snapshot();
    let known = KnownVersions {
        task: Some(created.task_version),
        steps: created.steps.into_iter().map(|step| (step.facts.id, step.version)).collect(),
        ..KnownVersions::default()
    };
    let found = task_snapshot(&mut Connection(&mut tx), task, None, &known).await.unwrap().unwrap();
    assert!(found.task_details.is_some());
    assert!(found.steps.iter().all(|step| step.details.is_some() && !step.version.is_empty()));
}
