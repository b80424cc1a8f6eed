//! Sessions that run statements of runs at the same time.

use crate::support::seed;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use std::num::NonZeroU32;
use std::sync::Arc;
use tasker_core::factories::{Pattern, workflow};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::run::{
    Options, Outcome, Reply, Request, StartRefusal, StepEnded, StepExecution, StepResult, WorkflowRun,
};
use tasker_core::run::{finish_again, finish_steps, run_workflow};
use tasker_core::session::{Query, Rows, Session};
use tasker_core::time::Timestamp;
use tasker_core::transitions::Transitions;
use tokio::sync::Barrier;

const AT: Timestamp = seed::AT;

/// Of eight sessions one gets the task, whether it has a transition already or not.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn of_many_runs_one_starts(pool: PgPool) {
    for pending_row in [false, true] {
        let made = workflow(Pattern::Diamond).create(&mut pool.acquire().await.unwrap()).await.unwrap();
        if pending_row {
            let mut connection = pool.acquire().await.unwrap();
            seed::record(&mut connection, made.task.subject(), "pending").await;
        }
        let runs = (0..8).map(|_| {
            let (pool, task) = (pool.clone(), made.task);
            tokio::spawn(async move {
                let mut connection = pool.acquire().await.unwrap();
                run_workflow(&mut *connection, task, Options::default(), async |_| Ok(json!({})))
                    .await
                    .unwrap()
            })
        });
        let mut complete = 0;
        for run in runs.collect::<Vec<_>>() {
            match run.await.unwrap() {
                Outcome::Complete => complete += 1,
                Outcome::Refused(StartRefusal::NotPending(_) | StartRefusal::AlreadyComplete) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(complete, 1);
        let mut connection = pool.acquire().await.unwrap();
        assert_complete_once(&mut connection, made.task).await;
    }
}

/// Each step was claimed and completed once, after all of its parents.
async fn assert_complete_once(connection: &mut PgConnection, task: TaskId) {
    let wrong: Vec<(i64, i64, i64)> = sqlx::query_as(
        "select s.workflow_step_id, count(*) filter (where t.to_state = 'in_progress'), count(*) filter (where t.to_state = 'complete')
         from tasker_workflow_steps s left join tasker_workflow_step_transitions t using (workflow_step_id)
         where s.task_id = $1 group by 1
         having count(*) filter (where t.to_state = 'in_progress') <> 1 or count(*) filter (where t.to_state = 'complete') <> 1
             or count(*) filter (where t.most_recent) <> 1",
    )
    .bind(task.0)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    assert_eq!(wrong, [], "step, claims, completions");
    let early: Vec<(i64, i64)> = sqlx::query_as(
        "select e.from_step_id, e.to_step_id from tasker_workflow_step_edges e
         join tasker_workflow_steps s on s.workflow_step_id = e.to_step_id
         join tasker_workflow_step_transitions p on p.workflow_step_id = e.from_step_id and p.to_state = 'complete'
         join tasker_workflow_step_transitions c on c.workflow_step_id = e.to_step_id and c.to_state = 'in_progress'
         where s.task_id = $1 and c.id < p.id",
    )
    .bind(task.0)
    .fetch_all(connection)
    .await
    .unwrap();
    assert_eq!(early, [], "steps that began before a parent had ended");
}

/// Runs the statements of one of several workers at one task, past the claim of the task, which would leave all of it to one of them: the
/// statements of a start and of an end of the task are left out.
async fn work(
    connection: &mut PgConnection,
    task: TaskId,
    edges: &[(StepId, StepId)],
    seed: u64,
    barrier: Arc<Barrier>,
) {
    let mut random = StdRng::seed_from_u64(seed);
    barrier.wait().await;
    while left(connection, task).await > 0 {
        let slots = NonZeroU32::new(random.random_range(1..=3)).unwrap();
        let mut claimed = claim(connection, task, slots).await;
        while let Some(mut execution) = claimed.pop() {
            let children: Vec<StepId> =
                edges.iter().filter(|(from, _)| *from == execution.step).map(|(_, to)| *to).collect();
            execution.successor = children.choose(&mut random).copied();
            let result = StepResult::Complete { results: None };
            let ends = finish_steps(connection, &[(execution, result)], AT).await.unwrap();
            let [end] = &ends[..] else { panic!("one end, got {ends:?}") };
            let StepEnded::Complete { successor } = &end.ended else { panic!("{end:?}") };
            claimed.extend(successor.iter().map(|next| (**next).clone()));
        }
    }
}

/// Looks once, as a run does after its start.
async fn claim(connection: &mut PgConnection, task: TaskId, slots: NonZeroU32) -> Vec<StepExecution> {
    let mut run = WorkflowRun::start(task, Options { slots, claims_with_start: false, ..Options::default() });
    let _start = run.next(Reply::Continue, AT).unwrap();
    let claim: i64 =
        sqlx::query_scalar("select id from tasker_task_transitions where task_id = $1 and most_recent")
            .bind(task.0)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    let started = vec![vec![claim.into_value(), null(), null(), null(), null()]];
    let Request::Query(look) = run.next(Reply::Rows(started.into()), AT).unwrap() else { panic!("a look") };
    let rows = connection.rows(look).await.unwrap();
    match run.next(Reply::Rows(rows), AT).unwrap() {
        Request::Execute(claimed) => claimed,
        _ => Vec::new(),
    }
}

trait IntoValue {
    fn into_value(self) -> tasker_core::session::Value;
}

impl IntoValue for i64 {
    fn into_value(self) -> tasker_core::session::Value {
        tasker_core::session::Value::Int(self)
    }
}

fn null() -> tasker_core::session::Value {
    tasker_core::session::Value::Null
}

async fn left(connection: &mut PgConnection, task: TaskId) -> i64 {
    let select = "select count(*) from tasker_workflow_steps where task_id = $1 and not processed";
    sqlx::query_scalar(select).bind(task.0).fetch_one(connection).await.unwrap()
}

/// Four workers at random graphs of 14 steps: no step is claimed twice, none begins early, none is left, and no worker waits for another for ever.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn workers_at_one_task_neither_claim_twice_nor_leave_a_step(pool: PgPool) {
    let seed: u64 = std::env::var("TASKER_CORE_SEED").map_or(7, |seed| seed.parse().unwrap());
    for round in 0..12 {
        let pattern = Pattern::Random { steps: 14, density: 0.15 };
        let made = workflow(pattern)
            .seed(seed.wrapping_add(round))
            .create(&mut pool.acquire().await.unwrap())
            .await
            .unwrap();
        let edges: Vec<(StepId, StepId)> = made.edges().collect();
        let mut connection = pool.acquire().await.unwrap();
        seed::record(&mut connection, made.task.subject(), "in_progress").await;
        let barrier = Arc::new(Barrier::new(4));
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let (pool, edges, task, barrier) =
                    (pool.clone(), edges.clone(), made.task, Arc::clone(&barrier));
                tokio::spawn(async move {
                    let mut connection = pool.acquire().await.unwrap();
                    work(&mut connection, task, &edges, seed ^ round ^ (worker << 8), barrier).await;
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        assert_complete_once(&mut connection, made.task).await;
    }
}

/// Ends of a chain of which each answer is lost at first: once before the statement, then after it.
#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn ends_whose_answers_are_lost_are_written_once(pool: PgPool) {
    struct Losing<'c>(&'c mut PgConnection, u32);
    impl Session for Losing<'_> {
        async fn rows(&mut self, query: Query) -> Result<Rows, tasker_core::Error> {
            self.1 += 1;
            let lost = || Err(tasker_core::Error::OutOfTurn { expected: "an answer", got: "none" });
            match self.1 {
                1 => lost(),
                2 => {
                    self.0.rows(query).await.unwrap();
                    lost()
                }
                _ => self.0.rows(query).await,
            }
        }
    }
    let mut connection = pool.acquire().await.unwrap();
    let made = workflow(Pattern::Linear(4)).create(&mut connection).await.unwrap();
    let mut run = WorkflowRun::start(made.task, Options::default());
    let mut reply = Reply::Continue;
    let outcome = loop {
        reply = match run.next(reply, AT).unwrap() {
            Request::Query(query) => Reply::Rows(connection.rows(query).await.unwrap()),
            Request::Execute(steps) => {
                let result = StepResult::Complete { results: Some("7".into()) };
                let session = &mut Losing(&mut connection, 0);
                assert!(finish_steps(session, &[(steps[0].clone(), result.clone())], AT).await.is_err());
                let mut end = finish_again(session, &steps[0], &result, AT).await;
                assert!(end.is_err());
                end = finish_again(session, &steps[0], &result, AT).await;
                Reply::Ended(vec![end.unwrap()])
            }
            Request::Done(outcome) => break outcome,
            other => panic!("{other:?}"),
        };
    };
    assert_eq!((outcome, run.waves()), (Outcome::Complete, 4));
    assert_complete_once(&mut connection, made.task).await;
}
