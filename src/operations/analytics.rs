//! What has been done in the whole system.

use super::ask;
use crate::error::Error;
use crate::metrics::{Activity, Period};
use crate::session::{Row, Session, Value};
use crate::sql;
use crate::time::Timestamp;

/// What has been done in the whole system since an instant on the clock of the columns, or within the last hour.
///
/// One statement, O(tasks, steps and transitions) of the period, and of all most recent transitions. With [`crate::metrics::Rates`] equal
/// to the engine's `get_analytics_metrics_v01`.
///
/// # Errors
///
/// Those of the session, and [`Error::Decode`] for an answer that does not fit.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::operations::analytics::activity;
///
/// let activity = activity(&mut *tx, None).await?;
/// assert!(activity.period.completed_steps <= activity.period.steps);
/// # Ok(()) });
/// ```
pub async fn activity<S: Session>(session: &mut S, since: Option<Timestamp>) -> Result<Activity, Error> {
    let since = since.map_or(Value::Null, |since| Value::text(since.to_sql()));
    Ok(ask(session, sql::analytics::activity(since), decode).await?.unwrap_or_default())
}

fn decode(row: Row<'_>) -> Result<Activity, Error> {
    Ok(Activity {
        active_tasks: row.int(0)?,
        namespaces: row.int(1)?,
        task_types: row.int(2)?,
        recently_completed: row.int(3)?,
        recently_failed: row.int(4)?,
        period: Period {
            tasks: row.int(5)?,
            completed_tasks: row.int(6)?,
            failed_tasks: row.int(7)?,
            steps: row.int(8)?,
            completed_steps: row.int(9)?,
            since_task: sum(row, 10)?,
            since_step: sum(row, 11)?,
        },
        since: row.text(12)?.into(),
        now: row.text(13)?.into(),
    })
}

/// A sum may be larger than a bigint.
fn sum(row: Row<'_>, column: usize) -> Result<i128, Error> {
    row.text(column)?.parse().map_err(|_| row.unexpected(column, "a sum as text"))
}
