//! Which rows are sent again.

use crate::support::seed::{self, record};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::operations::task_snapshot::{KnownVersions, TaskSnapshot, task_snapshot};
use tasker_core::operations::transition::Subject;
use tasker_core::store::Connection;

/// A caller that caches rows.
struct Keeper {
    task: Subject,
    known: KnownVersions,
}

impl Keeper {
    async fn look(&mut self, connection: &mut PgConnection) -> TaskSnapshot {
        let session = &mut Connection(connection);
        let found = task_snapshot(session, TaskId(self.task.id), None, &self.known).await.unwrap().unwrap();
        self.known.task = Some(found.task_version.clone());
        let versions = found.steps.iter().map(|step| (step.facts.id, step.version.clone()));
        self.known.steps = versions.collect();
        found
    }

    /// Whether the task's row is sent, and which steps' rows are.
    async fn sent(&mut self, connection: &mut PgConnection) -> (bool, Vec<i64>) {
        let found = self.look(connection).await;
        let sent = found.steps.iter().filter(|step| step.details.is_some());
        (found.task_details.is_some(), sent.map(|step| step.facts.id.0).collect())
    }
}

/// A task with four steps, whose rows are known.
async fn known(connection: &mut PgConnection) -> (Keeper, Vec<Subject>) {
    seed::definitions(connection).await;
    let task = seed::task(connection).await;
    let steps = seed::steps(connection, task, 4).await;
    let mut keeper = Keeper { task, known: KnownVersions::default() };
    let all = steps.iter().map(|step| step.id).collect();
    assert_eq!(keeper.sent(connection).await, (true, all), "at first everything is sent");
    assert_eq!(keeper.sent(connection).await, (false, vec![]), "nothing has changed");
    (keeper, steps)
}

async fn run(connection: &mut PgConnection, statement: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(statement.into())).execute(connection).await.unwrap();
}

fn set(assignment: &str, step: Subject) -> String {
    format!("update tasker_workflow_steps set {assignment} where workflow_step_id = {}", step.id)
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn rows_that_were_updated_are_sent_once(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (mut keeper, steps) = known(&mut connection).await;
    run(&mut connection, set("attempts = 1", steps[1])).await;
    run(&mut connection, set("results = '{\"a\": 1}'", steps[3])).await;
    let found = keeper.look(&mut connection).await;
    let results: Vec<_> =
        found.steps.iter().filter_map(|step| step.details.as_ref()).map(|row| &row.results).collect();
    assert_eq!(results, [&None, &Some("{\"a\": 1}".into())]);
    assert_eq!(found.steps[1].facts.attempts, Some(1));
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![]));

    run(&mut connection, set("attempts = attempts", steps[0])).await;
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![steps[0].id]), "no new value, a new version");
    run(&mut connection, "update tasker_tasks set complete = complete").await;
    assert_eq!(keeper.sent(&mut connection).await, (true, vec![]));
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![]));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn versions_within_a_transaction_differ(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (mut keeper, steps) = known(&mut connection).await;
    let mut tx = connection.begin().await.unwrap();
    for attempts in 1..=3 {
        run(&mut tx, set(&format!("attempts = {attempts}"), steps[2])).await;
        run(&mut tx, "update tasker_tasks set reason = 'the same'").await;
        assert_eq!(keeper.sent(&mut tx).await, (true, vec![steps[2].id]), "update {attempts}");
        assert_eq!(keeper.sent(&mut tx).await, (false, vec![]));
    }
    tx.commit().await.unwrap();
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![]), "these versions were committed");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_is_undone_is_not_sent(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (mut keeper, steps) = known(&mut connection).await;
    let mut tx = connection.begin().await.unwrap();
    run(&mut tx, set("attempts = 7", steps[2])).await;
    run(&mut tx, "update tasker_tasks set complete = true").await;
    tx.rollback().await.unwrap();
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![]));

    let mut tx = connection.begin().await.unwrap();
    run(&mut tx, format!("savepoint here; {}", set("attempts = 7", steps[2]))).await;
    assert_eq!(keeper.look(&mut tx).await.steps[2].facts.attempts, Some(7));
    run(&mut tx, "rollback to savepoint here").await;
    let found = keeper.look(&mut tx).await;
    let again: Vec<bool> = found.steps.iter().map(|step| step.details.is_some()).collect();
    assert_eq!(again, [false, false, true, false], "who has seen what was undone is sent what is there");
    assert_eq!(found.steps[2].facts.attempts, None);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_others_do_is_sent_when_they_commit(pool: PgPool) {
    let (mut ours, mut theirs) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    let (mut keeper, steps) = known(&mut ours).await;
    let mut tx = theirs.begin().await.unwrap();
    run(&mut tx, set("attempts = 1", steps[0])).await;
    assert_eq!(keeper.sent(&mut ours).await, (false, vec![]));
    tx.commit().await.unwrap();
    assert_eq!(keeper.sent(&mut ours).await, (false, vec![steps[0].id]));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn locks_are_no_changes(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (mut keeper, steps) = known(&mut connection).await;
    for strength in ["key share", "share", "no key update", "update"] {
        let mut tx = connection.begin().await.unwrap();
        run(&mut tx, format!("select from tasker_workflow_steps for {strength}")).await;
        run(&mut tx, format!("select from tasker_tasks for {strength}")).await;
        assert_eq!(keeper.sent(&mut tx).await, (false, vec![]), "locked for {strength}");
        tx.commit().await.unwrap();
        assert_eq!(keeper.sent(&mut connection).await, (false, vec![]), "was locked for {strength}");
    }
    // Foreign keys lock what they point at.
    record(&mut connection, steps[0], "in_progress").await;
    record(&mut connection, keeper.task, "in_progress").await;
    seed::edge(&mut connection, steps[0], steps[1]).await;
    let found = keeper.look(&mut connection).await;
    assert!(found.task_details.is_none() && found.steps.iter().all(|step| step.details.is_none()));
    assert_eq!((found.steps[0].state().as_str(), found.state().as_str()), ("in_progress", "in_progress"));
    assert_eq!(found.edges.len(), 1, "edges and states are always sent");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn steps_that_come_and_go(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (mut keeper, steps) = known(&mut connection).await;
    let new = seed::steps(&mut connection, keeper.task, 2).await;
    let new: Vec<i64> = new.iter().map(|step| step.id).collect();
    assert_eq!(keeper.sent(&mut connection).await, (false, new));
    let gone = format!("delete from tasker_workflow_steps where workflow_step_id = {}", steps[1].id);
    run(&mut connection, gone).await;
    let found = keeper.look(&mut connection).await;
    assert_eq!((found.steps.len(), found.steps.iter().any(|step| step.details.is_some())), (5, false));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_version_counts_for_its_own_row_only(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (mut keeper, steps) = known(&mut connection).await;
    let strangers = [(-1, "1(0,1)"), (i64::MAX, ""), (0, "NULL"), (4_711, "two \"words\", {and} a \\")];
    let strangers = strangers.map(|(id, version)| (StepId(id), version.into()));
    keeper.known.steps.extend(strangers);
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![]), "others are nothing to this task");

    let [first, second] = [0, 1].map(|step| keeper.known.steps[step].1.clone());
    keeper.known.steps[0].1 = second.clone();
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![steps[0].id]), "the version of another step");
    keeper.known.task = Some(first.clone());
    assert_eq!(keeper.sent(&mut connection).await, (true, vec![]), "the version of a step");
    let third = (StepId(steps[2].id), keeper.known.steps[2].1.clone());
    keeper.known = KnownVersions { steps: vec![third], ..KnownVersions::default() };
    assert_eq!(
        keeper.sent(&mut connection).await,
        (true, vec![steps[0].id, steps[1].id, steps[3].id]),
        "what is not named is not known"
    );
    keeper.known.steps.extend([(StepId(steps[0].id), first), (StepId(steps[0].id), second)]);
    assert_eq!(keeper.sent(&mut connection).await, (false, vec![]), "one of two versions is the row's");
}

/// The steps of a look at `chosen` ones, and whether the row of each was sent.
async fn looked(connection: &mut PgConnection, keeper: &Keeper, chosen: &[i64]) -> Vec<(i64, bool)> {
    let chosen: Vec<StepId> = chosen.iter().copied().map(StepId).collect();
    let session = &mut Connection(connection);
    let found =
        task_snapshot(session, TaskId(keeper.task.id), Some(&chosen), &keeper.known).await.unwrap().unwrap();
    found.steps.iter().map(|step| (step.facts.id.0, step.details.is_some())).collect()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn changed_steps_are_sent_with_the_chosen_ones(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let (mut keeper, steps) = known(&mut connection).await;
    let [first, second, third, fourth] = [0, 1, 2, 3].map(|step: usize| steps[step].id);
    seed::edge(&mut connection, steps[0], steps[1]).await;
    run(&mut connection, set("inputs = '{}'", steps[3])).await;
    assert_eq!(
        looked(&mut connection, &keeper, &[second]).await,
        [(first, false), (second, false)],
        "not asked for"
    );

    keeper.known.all_steps = true;
    assert_eq!(
        looked(&mut connection, &keeper, &[second]).await,
        [(first, false), (second, false), (fourth, true)],
        "the chosen step, its parent, and the one that was updated"
    );
    assert_eq!(
        looked(&mut connection, &keeper, &[fourth]).await,
        [(fourth, true)],
        "chosen and changed, but once"
    );
    keeper.known.steps.retain(|(step, _)| step.0 != third);
    let new = seed::step(&mut connection, keeper.task).await;
    assert_eq!(
        looked(&mut connection, &keeper, &[]).await,
        [(third, true), (fourth, true), (new.id, true)],
        "steps without a known version are sent"
    );
    let stranger = seed::task(&mut connection).await;
    seed::step(&mut connection, stranger).await;
    assert_eq!(looked(&mut connection, &keeper, &[]).await.len(), 3, "steps of other tasks are not");
}
