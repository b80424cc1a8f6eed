//! Scopes of transitions, of tasks and of steps alike.

use super::StateFilter;
use crate::error::Error;
use crate::models::{Db, Model, Statement, TaskTransition, WorkflowStep, WorkflowStepTransition};
use crate::query::{Join, Query};
use chrono::NaiveDateTime;
use sea_query::{CommonTableExpression, Expr, ExprTrait, Query as Sql, WithClause};
use serde_json::Value;
use std::collections::BTreeMap;

/// What transitions amount to.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::models::TaskTransition;
/// use tasker_core::query::Query;
/// use tasker_core::scopes::TransitionStatistics;
///
/// let none: TransitionStatistics = Query::<TaskTransition>::new().filter(TaskTransition::task_id.eq(-1)).statistics(&mut *tx).await?;
/// assert_eq!((none.total_transitions, none.average_time_between_transitions), (0, None));
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TransitionStatistics {
    /// All of them.
    pub total_transitions: u64,
    /// How many lead to each state.
    pub states: BTreeMap<String, u64>,
    /// Those of the last 24 hours.
    pub recent_activity: u64,
    /// Those that try a failed step again; `None` for tasks.
    pub retry_attempts: Option<u64>,
    /// The average of `execution_duration` in the metadata, where that is a number; in the unit in which it was written.
    pub average_execution_time: Option<f64>,
    /// Seconds from one to the next in the order of their creation; `None` for fewer than two.
    pub average_time_between_transitions: Option<f64>,
}

/// A transition of a step to `pending` that comes after one to `error`.
const IS_RETRY: &str = "tasker_workflow_step_transitions.to_state = 'pending' and exists (
  select from tasker_workflow_step_transitions earlier
  where earlier.workflow_step_id = tasker_workflow_step_transitions.workflow_step_id
    and earlier.to_state = 'error' and earlier.sort_key < tasker_workflow_step_transitions.sort_key
)";

const AGGREGATES: [&str; 4] = [
    "count(*)",
    "(select coalesce(jsonb_object_agg(to_state, number), '{}')
      from (select to_state, count(*) as number from counted group by to_state) states)",
    "count(*) filter (where created_at between (now() at time zone 'utc') - interval '24 hours' and now() at time zone 'utc')",
    "(extract(epoch from max(created_at) - min(created_at)) / nullif(count(*) - 1, 0))::double precision",
];

const AVERAGE_DURATION: &str = "(avg((metadata ->> 'execution_duration')::numeric)
   filter (where jsonb_typeof(metadata -> 'execution_duration') = 'number'))::double precision";

type Aggregates = (i64, sqlx::types::Json<BTreeMap<String, u64>>, i64, Option<f64>, i64, Option<f64>);

async fn statistics<'c, M: Model>(
    query: &Query<M>,
    is_retry: Option<&'static str>,
    db: impl Db<'c>,
) -> Result<TransitionStatistics, Error> {
    let mut counted = query.select()?;
    counted.expr_as(Expr::cust(is_retry.unwrap_or("false")), "is_retry");
    let mut aggregates = Sql::select();
    aggregates.exprs(AGGREGATES.map(Expr::cust)).expr(Expr::cust("count(*) filter (where is_retry)"));
    aggregates.expr(Expr::cust(AVERAGE_DURATION)).from("counted");
    let with = WithClause::new()
        .cte(CommonTableExpression::new().table_name("counted").query(counted).to_owned())
        .to_owned();

    let rows: Vec<Aggregates> = Statement::new(&with.query(aggregates)).fetch(db).await?;
    let (total, states, recent, between, retries, duration) =
        rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
    let number = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(TransitionStatistics {
        total_transitions: number(total),
        states: states.0,
        recent_activity: number(recent),
        retry_attempts: is_retry.map(|_| number(retries)),
        average_execution_time: is_retry.and(duration),
        average_time_between_transitions: between,
    })
}

macro_rules! transition_scopes {
    ($model:ident, $is_retry:expr) => {
        impl Query<$model> {
            /// The latest in the history first.
            ///
            /// ```
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query};")]
            ///
            #[doc = concat!("let sql = Query::<", stringify!($model), ">::new().recent().psql()?;")]
            /// assert!(sql.contains(r#""sort_key" DESC"#));
            /// # Ok::<(), tasker_core::Error>(())
            /// ```
            #[must_use]
            pub fn recent(self) -> Self {
                self.order_by($model::sort_key.desc())
            }

            /// Transitions to a state; with `None` all.
            ///
            /// ```
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query, state::State};")]
            ///
            #[doc = concat!("let sql = Query::<", stringify!($model), ">::new().to_state(State::Error).psql()?;")]
            /// assert!(sql.ends_with(r#""to_state" = 'error'"#));
            /// # Ok::<(), tasker_core::Error>(())
            /// ```
            #[must_use]
            pub fn to_state(self, state: impl StateFilter<$model>) -> Self {
                match state.state() {
                    Some(state) => self.filter($model::to_state.eq(state.as_str())),
                    None => self,
                }
            }

            /// Transitions whose metadata have a key.
            ///
            /// ```
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query};")]
            ///
            #[doc = concat!("let sql = Query::<", stringify!($model), ">::new().with_metadata_key(\"actor\").psql()?;")]
            /// assert!(sql.ends_with("? 'actor'"));
            /// # Ok::<(), tasker_core::Error>(())
            /// ```
            #[must_use]
            pub fn with_metadata_key(self, key: &str) -> Self {
                self.filter($model::metadata.has_key(key))
            }

            /// Transitions whose metadata have this value under a key: a text, a number, or whatever JSON there is.
            ///
            /// ```
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query};")]
            ///
            #[doc = concat!("let sql = Query::<", stringify!($model), ">::new().with_metadata_value(\"actor\", \"Ada\").psql()?;")]
            /// assert!(sql.ends_with(r#"-> 'actor') = '"Ada"'"#));
            /// # Ok::<(), tasker_core::Error>(())
            /// ```
            #[must_use]
            pub fn with_metadata_value(self, key: &str, value: impl Into<Value>) -> Self {
                let value: Value = value.into();
                self.filter(ExprTrait::eq($model::metadata.get(key), Expr::val(value)))
            }

            /// Transitions from one instant to another, both included, in UTC.
            ///
            /// ```
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query};")]
            ///
            /// let noon = chrono::DateTime::from_timestamp(1_750_000_000, 0).unwrap().naive_utc();
            #[doc = concat!("let sql = Query::<", stringify!($model), ">::new().in_time_range(noon, noon).psql()?;")]
            /// assert!(sql.contains("created_at"));
            /// # Ok::<(), tasker_core::Error>(())
            /// ```
            #[must_use]
            pub fn in_time_range(self, start: NaiveDateTime, end: NaiveDateTime) -> Self {
                self.filter($model::created_at.gte(start)).filter($model::created_at.lte(end))
            }

            /// The latest transition to a state, if there is one. One statement.
            ///
            /// # Errors
            ///
            /// [`Error::Database`].
            ///
            /// ```
            /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
            /// # doctest::in_transaction(async |tx| {
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query, state::State};")]
            ///
            #[doc = concat!("let latest = Query::<", stringify!($model), ">::new().most_recent_to_state(State::Error, &mut *tx).await?;")]
            /// # let _ = latest;
            /// # Ok(()) });
            /// ```
            pub fn most_recent_to_state<'c>(
                &self,
                state: impl StateFilter<$model>,
                db: impl Db<'c>,
            ) -> impl Future<Output = Result<Option<$model>, Error>> + Send {
let latest = self.clone().to_state(state).recent();
                async move { latest.first(db).await }
}

            /// What the transitions amount to. One statement.
            ///
            /// # Errors
            ///
            /// [`Error::Database`].
            ///
            /// ```
            /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
            /// # doctest::in_transaction(async |tx| {
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query};")]
            ///
            #[doc = concat!("let statistics = Query::<", stringify!($model), ">::new().statistics(&mut *tx).await?;")]
            /// println!("{} transitions, {:?}", statistics.total_transitions, statistics.states);
            /// # Ok(()) });
            /// ```
            pub fn statistics<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<TransitionStatistics, Error>> + Send {
async move {
                statistics(self, $is_retry, db).await
            }
}
        }
    };
}

transition_scopes!(TaskTransition, None);
transition_scopes!(WorkflowStepTransition, Some(IS_RETRY));

impl Query<WorkflowStepTransition> {
    /// Transitions of the steps of a task.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepTransition, query::Query};
    ///
    /// assert_eq!(Query::<WorkflowStepTransition>::new().for_task(-1).all(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn for_task(self, task_id: i64) -> Self {
        let on = WorkflowStepTransition::workflow_step_id.equals(WorkflowStep::workflow_step_id);
        self.join(Join::inner(WorkflowStep::TABLE, on)).filter(WorkflowStep::task_id.eq(task_id))
    }

    /// Transitions to `pending` of steps that have failed before.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepTransition, query::Query};
    ///
    /// println!("{} retries", Query::<WorkflowStepTransition>::new().retry_transitions().count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn retry_transitions(self) -> Self {
        self.filter(Expr::cust(IS_RETRY))
    }

    /// Transitions whose metadata say that they belong to this attempt, counted from 1.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepTransition, query::Query};
    ///
    /// println!("{} second attempts", Query::<WorkflowStepTransition>::new().for_attempt(2).count(&mut *tx).await?);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn for_attempt(self, attempt: i64) -> Self {
        self.with_metadata_value("attempt_number", attempt)
    }
}
