//! The same operation through both sessions: sqlx directly, and a host that answers a coroutine's questions.

use crate::support::hosted::host;
use crate::support::seed::{self, history, request};
use crate::support::templates::{define_all, diamond};
use crate::support::world::{Plan, World};
use sqlx::{Connection as _, PgPool};
use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::machine::Owner;
use tasker_core::operations::context::{task_execution_context, task_execution_contexts};
use tasker_core::operations::execution::finish;
use tasker_core::operations::levels::dependency_levels;
use tasker_core::operations::readiness::{step_readiness, step_readiness_of_tasks, viable_steps};
use tasker_core::operations::sequence::{Template, create_steps, established_steps};
use tasker_core::operations::statistics::{completion_statistics, system_load};
use tasker_core::operations::task_snapshot::{KnownVersions, task_snapshot};
use tasker_core::operations::transition::{
    Claims, Subject, allowed_transitions, check, current_state, transition,
};
use tasker_core::session::{Access, Query, Value};
use tasker_core::state::State;
use tasker_core::store::Connection;
use tasker_core::time::Timestamp;
use tasker_core::{Error, Session};

/// Runs an operation through both sessions and fails if the values differ.
macro_rules! assert_both {
    ($connection:expr, |$session:ident| $operation:expr) => {{
        let direct = {
            let mut connection = Connection(&mut *$connection);
            let $session = &mut connection;
            $operation.await.unwrap()
        };
        let coroutine = Coroutine::start(move |mut hosted| async move {
            let $session = &mut hosted;
            $operation.await
        });
        let hosted = host(&mut *$connection, coroutine).await.unwrap();
        assert_eq!(direct, hosted);
        direct
    }};
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn questions_get_the_same_value(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 1_000, densities: &[1.0] }).await;
    let tasks: Vec<(TaskId, Vec<i64>)> =
        world.tasks.iter().map(|t| (TaskId(t.id), t.steps.clone())).collect();
    let tx = &mut *world.tx;
    for (task, steps) in &tasks {
        let task = *task;
        let some: &'static [StepId] = steps.iter().step_by(2).copied().map(StepId).collect::<Vec<_>>().leak();
        let rows = assert_both!(tx, |session| step_readiness(session, task, None));
        assert_eq!(rows.len(), steps.len());
        assert_both!(tx, |session| step_readiness(session, task, Some(some)));
        assert_both!(tx, |session| viable_steps(session, task, some));
        assert_both!(tx, |session| dependency_levels(session, task));
        assert!(assert_both!(tx, |session| task_execution_context(session, task)).is_some());
    }
    let all: &'static [TaskId] = tasks.iter().map(|task| task.0).collect::<Vec<_>>().leak();
    let rows = assert_both!(tx, |session| step_readiness_of_tasks(session, all));
    assert!(rows.len() >= 1_000);
    assert_eq!(assert_both!(tx, |session| task_execution_contexts(session, all)).len(), all.len());
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn questions_about_states_get_the_same_value(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 300, densities: &[1.0] }).await;
    let task = |task: &crate::support::world::Task| Subject { owner: Owner::Task, id: task.id };
    let step = |&id: &i64| Subject { owner: Owner::Step, id };
    let mut subjects: Vec<Subject> = world.tasks.iter().map(task).collect();
    subjects.extend(world.step_ids().iter().take(60).map(step));
    for subject in subjects {
        let tx = &mut *world.tx;
        assert_both!(tx, |session| current_state(session, subject));
        assert_both!(tx, |session| allowed_transitions(session, subject, None));
        for to in State::ALL {
            let asked: &'static State = Box::leak(Box::new(to.clone()));
            let permitted =
                assert_both!(tx, |session| check(session, subject, asked, None, Claims::default()));

            let wanted = request(subject, to);
            let mut direct = tx.begin().await.unwrap();
            let ours = transition(&mut Connection(&mut direct), &wanted).await.unwrap();
            let ours = (ours.map(|row| (row.sort_key, row.from)), history(&mut direct, subject).await);
            direct.rollback().await.unwrap();

            let mut hosted = tx.begin().await.unwrap();
            let coroutine =
                Coroutine::start(|mut session| async move { transition(&mut session, &wanted).await });
            let theirs = host(&mut hosted, coroutine).await.unwrap();
            assert_eq!(theirs.clone().map(|row| row.from), permitted);
            let theirs = (theirs.map(|row| (row.sort_key, row.from)), history(&mut hosted, subject).await);
            hosted.rollback().await.unwrap();
            assert_eq!(ours, theirs);
        }
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn questions_about_whole_tasks_and_counts_get_the_same_value(pool: PgPool) {
    let mut world = World::create(&pool, &Plan { steps: 300, densities: &[1.0] }).await;
    let tasks: Vec<TaskId> = world.tasks.iter().map(|task| TaskId(task.id)).collect();
    let tx = &mut *world.tx;
    let known: &'static KnownVersions = Box::leak(Box::default());
    for task in tasks {
        assert!(assert_both!(tx, |session| task_snapshot(session, task, None, known)).is_some());
        assert_both!(tx, |session| completion_statistics(session, task));
    }
    assert!(assert_both!(tx, |session| system_load(session)).steps >= 300);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn steps_are_created_found_and_finished_through_either(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let tasks = [seed::task(&mut connection).await, seed::task(&mut connection).await];
    define_all(&mut connection, &diamond()).await;
    let task = TaskId(tasks[0].id);
    let coroutine = Coroutine::start(move |mut session| async move {
        create_steps(&mut session, task, &diamond(), "{}", seed::AT).await
    });
    let hosted = host(&mut connection, coroutine).await.unwrap().unwrap().steps;
    let session = &mut Connection(&mut connection);
    let direct =
        create_steps(session, TaskId(tasks[1].id), &diamond(), "{}", seed::AT).await.unwrap().unwrap().steps;
    assert_eq!((hosted.len(), direct.len()), (4, 4));
    let templates: &'static [Template] = diamond().leak();
    let established = assert_both!(connection, |session| established_steps(session, task, templates));
    assert_eq!(established.map(|found| found.steps), Some(hosted.clone()));

    let [first, second] = [hosted[2], direct[2]].map(|id| Subject { owner: Owner::Step, id: id.0 });
    let mut rows = vec![];
    for step in [first, second] {
        seed::record(&mut connection, step, "in_progress").await;
        let attempt = seed::attempt(step);
        let recorded = if step == first {
            let coroutine =
                Coroutine::start(move |mut session| async move { finish(&mut session, &attempt).await });
            host(&mut connection, coroutine).await.unwrap()
        } else {
            finish(&mut Connection(&mut connection), &attempt).await.unwrap()
        };
        let mut row = seed::step_row(&mut connection, step).await;
        row.as_object_mut()
            .unwrap()
            .retain(|column, _| !["workflow_step_id", "task_id"].contains(&column.as_str()));
        rows.push((recorded.unwrap().sort_key, row, history(&mut connection, step).await));
    }
    assert_eq!(rows[0], rows[1]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_conversation_that_is_dropped_leaves_nothing(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let task = seed::task(&mut connection).await;
    let step = seed::step(&mut connection, task).await;
    let wanted = request(step, State::Cancelled);
    let mut coroutine =
        Coroutine::start(move |mut session| async move { transition(&mut session, &wanted).await });
    let CoroutineState::Ask(question) = coroutine.resume(None).unwrap() else {
        panic!("a transition needs a statement")
    };
    assert_eq!(question.access, Access::Write);
    drop(coroutine);
    assert_eq!(history(&mut connection, step).await, [], "asked, never run");
    let mut tx = connection.begin().await.unwrap();
    Connection(&mut tx).rows(question).await.unwrap();
    assert_eq!(history(&mut tx, step).await.len(), 1, "run, never answered");
    tx.rollback().await.unwrap();
    assert_eq!(history(&mut connection, step).await, []);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_kind_of_value_goes_there_and_back(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let sql =
        "select $1::text, $2::boolean, $3::bigint, $4::text, 7::smallint, 8, 'v'::varchar(3), null::text[]";
    let binds = vec![Value::Null, Value::Bool(true), Value::Int(-9), Value::text("it's \"so\"")];
    let query = Query { name: "values", sql, binds, access: Access::Read };
    let rows = Connection(&mut connection).rows(query).await.unwrap();
    let row = rows.first("values").unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(row.optional_text(0).unwrap(), None);
    assert!(row.bool(1).unwrap());
    assert_eq!((row.int(2).unwrap(), row.int(4).unwrap(), row.int(5).unwrap()), (-9, 7, 8));
    assert_eq!((row.text(3).unwrap(), row.text(6).unwrap()), ("it's \"so\"", "v"));
    assert_eq!(row.optional_text(7).unwrap(), None);
}

/// A statement is prepared once, whatever it is run with first.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_parameter_may_be_null_at_one_time_and_a_value_at_another(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let sql = "select $1::boolean, $2::bigint, $3::timestamp::text, $4::bigint[]::text";
    let nulls = [Value::Null, Value::Null, Value::Null, Value::Null];
    let day = || Value::text("2000-01-01 00:00:00");
    let values = |yes| [Value::Bool(yes), Value::Int(i64::MIN), day(), Value::text("{1,2}")];
    for binds in [nulls.clone(), values(true), nulls, values(false)] {
        let query = Query { name: "values", sql, binds: binds.to_vec(), access: Access::Read };
        let rows = Connection(&mut connection).rows(query).await.unwrap();
        assert_eq!(rows, vec![binds.to_vec()].into());
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_column_of_another_type_is_named(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let query = Query { name: "prices", sql: "select 1, 2.5::numeric", binds: vec![], access: Access::Read };
    let error = Connection(&mut connection).rows(query).await.unwrap_err();
    let expected = "unexpected answer to prices: column 1 of row 0 should be a boolean, an integer or a text, \
                    got a value of type NUMERIC";
    assert_eq!(error.to_string(), expected);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn arrays_as_postgresql_writes_them_are_read(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let ascii = (1..128u8).map(|byte| Some(char::from(byte).to_string()));
    let pairs = (1..128u8).map(|byte| Some(format!("{}\\\"{{}},", char::from(byte))));
    let words =
        ["", "NULL", "null", "nUlL", " a", "a ", "größer ✓", "\u{a0}"].map(|word| Some(word.to_owned()));
    let texts: Vec<Option<String>> = ascii.chain(pairs).chain(words).chain([None]).collect();
    let written: String =
        sqlx::query_scalar("select $1::text[]::text").bind(&texts).fetch_one(&mut *connection).await.unwrap();
    let query = Query {
        name: "texts",
        sql: "select $1::text",
        binds: vec![Value::text(written)],
        access: Access::Read,
    };
    let rows = Connection(&mut connection).rows(query).await.unwrap();
    assert_eq!(rows.first("texts").unwrap().text_array(0).unwrap(), texts);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_database_without_the_tables_is_an_error(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("drop table tasker_workflow_step_edges").execute(&mut *tx).await.unwrap();
    let error = step_readiness(&mut Connection(&mut tx), TaskId(1), None).await.unwrap_err();
    assert!(matches!(error, Error::Database(_)));
    let words = "error returned from database: relation \"tasker_workflow_step_edges\" does not exist";
    assert!(error.to_string().starts_with(words), "{error}");
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_instant_that_is_written_is_read_as_the_same(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let ends = [-210_866_803_200_000_000, 8_210_000_000_000_000_000];
    for micros in [0, -1, -62_135_596_800_000_001, 253_402_300_800_000_000].into_iter().chain(ends) {
        let read: i64 =
            sqlx::query_scalar("select (extract(epoch from $1::text::timestamp) * 1000000)::bigint")
                .bind(Timestamp(micros).to_sql())
                .fetch_one(&mut *connection)
                .await
                .unwrap();
        assert_eq!(Timestamp(read), Timestamp(micros));
    }
}
