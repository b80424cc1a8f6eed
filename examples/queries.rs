//! One query of each kind, on a database with the shared tables. Everything stands in one transaction that is rolled back.
//!
//!     DATABASE_URL=… cargo run --example queries
//!
//! Run it after `bin/setup` with the URL that `bin/postgres url tasker_core_rust` prints; `rake spec:rust` runs it, too.

#![allow(missing_docs)]

use chrono::{NaiveDateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tasker_core::Error;
use tasker_core::models::{
    Model, NamedTask, Statement, Task, WorkflowStep, WorkflowStepEdge, WorkflowStepTransition,
};
use tasker_core::query::{Join, Ordering, Query};
use tasker_core::sea_query::{
    CommonTableExpression, Expr, ExprTrait, Func, JoinType, Order, Query as Sql, UnionType, WindowStatement,
    WithClause,
};
use tasker_core::state::State;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let Ok(url) = std::env::var("DATABASE_URL") else {
        eprintln!("DATABASE_URL is not set: expected the URL of a database with the engine's tables");
        std::process::exit(2)
    };
    let mut connection = PgConnection::connect(&url).await?;
    let mut tx = connection.begin().await?;
    sqlx::raw_sql("select setseed(0.7)").execute(&mut *tx).await?;
    sqlx::raw_sql(include_str!("../tests/queries/world.sql")).execute(&mut *tx).await?;

    scopes(&mut tx).await?;
    conditions(&mut tx).await?;
    json_operators(&mut tx).await?;
    exists(&mut tx).await?;
    pages(&mut tx).await?;
    stream(&mut tx).await?;
    window_function(&mut tx).await?;
    recursive_expression(&mut tx).await?;
    lateral(&mut tx).await?;
    grouping(&mut tx).await?;
    preloading(&mut tx).await?;
    Ok(tx.rollback().await?)
}

fn yesterday() -> NaiveDateTime {
    Utc::now().naive_utc() - TimeDelta::days(1)
}

/// Scopes chain in any order, and nothing is read before the end of the chain.
async fn scopes(tx: &mut PgConnection) -> Result<(), Error> {
    let failed = Query::<Task>::new().in_namespace("payments").by_current_state(State::Error);
    let recent = failed.clone().failed_since(yesterday());
    println!(
        "{} failed, {} of them since yesterday",
        failed.count(&mut *tx).await?,
        recent.count(&mut *tx).await?
    );

    let next = Query::<WorkflowStep>::new().of_tasks(&failed).ready().first(&mut *tx).await?;
    println!("next step: {:?}", next.map(|step| step.key()));
    println!("in psql: {};", failed.psql()?);
    Ok(())
}

/// Conditions of one's own: on columns that know their types, or by any expression of sea-query.
async fn conditions(tx: &mut PgConnection) -> Result<(), Error> {
    let mine = Task::initiator.eq("billing").or(Task::reason.is_null());
    let tasks = Query::<Task>::new()
        .filter(mine)
        .filter(Task::task_id.is_in([9001, 9002, 9003]))
        .filter(Func::char_length(Task::identity_hash.expr()).lt(20))
        .order_by(Task::requested_at.desc());
    println!("tasks {:?}", tasks.keys(&mut *tx).await?);
    Ok(())
}

async fn json_operators(tx: &mut PgConnection) -> Result<(), Error> {
    let orders = Query::<Task>::new()
        .filter(Task::context.contains(json!({ "order": 3 }))) // @>
        .filter(Task::context.has_key("order")) // ?
        .filter(Task::context.text("order").eq("3")) // ->>
        .filter(Task::context.text_at(["order"]).eq("3")); // #>>
    println!("{} tasks for order 3", orders.count(&mut *tx).await?);
    Ok(())
}

/// `EXISTS` and `NOT EXISTS` by an association, and by a subquery of one's own.
async fn exists(tx: &mut PgConnection) -> Result<(), Error> {
    let failed = Query::<WorkflowStep>::new().failed();
    let broken = Query::<Task>::new().where_has(Task::WORKFLOW_STEPS, &failed);
    let empty = Query::<Task>::new().where_has_no(Task::WORKFLOW_STEPS, &Query::new());

    let mut hints = Sql::select();
    hints
        .expr(Expr::val(1))
        .from(WorkflowStepEdge::TABLE)
        .and_where(WorkflowStepEdge::to_step_id.equals(WorkflowStep::workflow_step_id))
        .and_where(WorkflowStepEdge::name.eq("hints"));
    let hinted = Query::<WorkflowStep>::new().filter(Expr::exists(hints));
    println!(
        "{} tasks with a failed step, {} without steps, {} hinted steps",
        broken.count(&mut *tx).await?,
        empty.count(&mut *tx).await?,
        hinted.count(&mut *tx).await?
    );
    Ok(())
}

/// By number with the total, from the last key, and from the last value of another column.
async fn pages(tx: &mut PgConnection) -> Result<(), Error> {
    let page = Query::<Task>::new().order_by(Task::created_at.desc()).page(2, 25, &mut *tx).await?;
    println!("page {} of {}: {} of {} rows", page.number, page.pages(), page.rows.len(), page.total);

    let (mut last, mut seen) = (None, 0);
    loop {
        let page = Query::<Task>::new().active().after(last, 10).all(&mut *tx).await?;
        let Some(task) = page.last() else { break };
        last = Some(task.task_id);
        seen += page.len();
    }
    let newest = Query::<Task>::new().after_in(Task::created_at.desc(), None, 5).all(&mut *tx).await?;
    let last = newest.last().map(|task| (task.created_at, task.task_id));
    let next = Query::<Task>::new().after_in(Task::created_at.desc(), last, 5).all(&mut *tx).await?;
    println!("{seen} active tasks by key; {} newest, then {}", newest.len(), next.len());
    Ok(())
}

/// Row by row, in memory that does not grow.
async fn stream(tx: &mut PgConnection) -> Result<(), Error> {
    let mut steps = Query::<WorkflowStep>::new().for_tasks_since(yesterday()).stream(tx)?;
    let mut attempts = 0;
    while let Some(step) = steps.try_next().await? {
        attempts += step.attempts.unwrap_or(0);
    }
    println!("{attempts} attempts");
    Ok(())
}

/// The latest transition of each step and the time since the one before it.
async fn window_function(tx: &mut PgConnection) -> Result<(), Error> {
    let history = || {
        let mut history = WindowStatement::partition_by(WorkflowStepTransition::workflow_step_id);
        history.order_by(WorkflowStepTransition::sort_key, Order::Asc).to_owned()
    };
    let mut gaps = Query::<WorkflowStepTransition>::new().for_task(9010).select()?;
    gaps.clear_selects()
        .column(WorkflowStepTransition::workflow_step_id)
        .column(WorkflowStepTransition::to_state);
    gaps.expr_window_as(Func::cust("row_number"), history(), "place");
    gaps.expr_window_as(Func::cust("lag").arg(WorkflowStepTransition::to_state.expr()), history(), "before");
    let rows: Vec<(i64, String, i64, Option<String>)> = Statement::new(&gaps).fetch(&mut *tx).await?;
    println!("{} transitions with the state before each", rows.len());
    Ok(())
}

/// How deep below the roots of a task each of its steps is. (`ancestors_of` and `descendants_of` are scopes.)
async fn recursive_expression(tx: &mut PgConnection) -> Result<(), Error> {
    let roots =
        Query::<WorkflowStep>::new().for_task(9010).where_has_no(WorkflowStep::PARENTS, &Query::new());
    let mut levels = roots.select()?;
    levels.clear_selects().column(WorkflowStep::workflow_step_id).expr(Expr::val(0i64));

    let mut below = Sql::select();
    below
        .column(WorkflowStepEdge::to_step_id)
        .expr(Expr::col(("levels", "level")).add(1i64))
        .from("levels")
        .join(
            JoinType::InnerJoin,
            WorkflowStepEdge::TABLE,
            WorkflowStepEdge::from_step_id.expr().equals(("levels", "id")),
        );
    levels.union(UnionType::Distinct, below);

    let levels =
        CommonTableExpression::new().table_name("levels").columns(["id", "level"]).query(levels).to_owned();
    let mut deepest = Sql::select();
    deepest.column("id").expr(Expr::col("level").max()).from("levels").group_by_col("id");
    let with = WithClause::new().recursive(true).cte(levels).to_owned();
    let rows: Vec<(i64, i64)> = Statement::new(&with.query(deepest)).fetch(&mut *tx).await?;
    println!("{} steps, the deepest at level {:?}", rows.len(), rows.iter().map(|row| row.1).max());
    Ok(())
}

/// Each task with its latest completed step, ordered by when that was.
async fn lateral(tx: &mut PgConnection) -> Result<(), Error> {
    let mut latest = Sql::select();
    latest
        .expr_as(WorkflowStepTransition::created_at.expr().max(), "at")
        .from(WorkflowStepTransition::TABLE)
        .inner_join(
            WorkflowStep::TABLE,
            WorkflowStep::workflow_step_id.equals(WorkflowStepTransition::workflow_step_id),
        )
        .and_where(WorkflowStep::task_id.equals(Task::task_id))
        .and_where(WorkflowStepTransition::to_state.eq("complete"));
    let at = || Expr::col(("latest", "at"));
    let tasks = Query::<Task>::new()
        .join(Join::lateral("latest", latest))
        .filter(at().is_not_null())
        .order_by(Ordering::desc(at()))
        .limit(5);
    let rows: Vec<(i64, NaiveDateTime)> = tasks.pluck([Task::task_id.expr(), at()], &mut *tx).await?;
    println!("last completed: {rows:?}");
    Ok(())
}

/// A statement goes on in sea-query: grouped, with an aggregate.
async fn grouping(tx: &mut PgConnection) -> Result<(), Error> {
    let mut by_version = Query::<Task>::new().in_namespace("payments").select()?;
    by_version
        .clear_selects()
        .column(NamedTask::version)
        .expr(Task::task_id.expr().count())
        .group_by_col(NamedTask::version)
        .order_by(NamedTask::version, Order::Asc);
    let counts: Vec<(String, i64)> = Statement::new(&by_version).fetch(&mut *tx).await?;
    println!("tasks by version: {counts:?}");
    Ok(())
}

/// Associated rows of all rows, in one statement an association.
async fn preloading(tx: &mut PgConnection) -> Result<(), Error> {
    let tasks = Query::<Task>::new().in_namespace("payments").limit(10);
    let (tasks, steps) = tasks.all_with(Task::WORKFLOW_STEPS, &mut *tx).await?;
    let histories = Task::TASK_TRANSITIONS.load(&tasks, &mut *tx).await?;
    for task in tasks.iter().take(3) {
        println!(
            "task {}: {} steps, {} transitions",
            task.task_id,
            steps.of(task).len(),
            histories.of(task).len()
        );
    }
    Ok(())
}
