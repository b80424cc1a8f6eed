//! A notification for each commit that records transitions, of any process.

use crate::error::Error;
use sqlx::{PgConnection, raw_sql};

/// The channel. Its notifications have no payload: they say that there is something to read, and PostgreSQL sends equal ones of one transaction
/// once.
pub const CHANNEL: &str = "tasker_core_transitions";

/// The trigger fires once a statement, not once a row, so that the gem does not take it for a row trigger of the application. A statement that
/// recorded nothing, such as a search for work that found none, sends no notification.
const INSTALL: &str = "
create or replace function tasker_core_notify_transitions() returns trigger language plpgsql as $$
begin
  if exists (select from recorded) then
    perform pg_notify('tasker_core_transitions', '');
  end if;
  return null;
end $$;
create or replace trigger tasker_core_notify_transitions after insert on tasker_task_transitions
  referencing new table as recorded for each statement execute function tasker_core_notify_transitions();
create or replace trigger tasker_core_notify_transitions after insert on tasker_workflow_step_transitions
  referencing new table as recorded for each statement execute function tasker_core_notify_transitions();";

const REMOVE: &str = "
drop trigger if exists tasker_core_notify_transitions on tasker_task_transitions;
drop trigger if exists tasker_core_notify_transitions on tasker_workflow_step_transitions;
drop function if exists tasker_core_notify_transitions();";

pub(super) const IS_INSTALLED: &str = "
select count(*) = 2 from pg_trigger where tgname = 'tasker_core_notify_transitions' and tgenabled in ('O', 'A')
  and tgrelid in ('tasker_task_transitions'::regclass, 'tasker_workflow_step_transitions'::regclass)";

/// Has PostgreSQL notify [`CHANNEL`] of each commit that records transitions, by processes in Rust and Rails alike: a trigger a table, and their
/// function. Installing them again changes nothing. The role has to own the tables.
///
/// PostgreSQL lets transactions that notify commit one after the other. Without the triggers a [`Bridge`](super::Bridge) polls.
///
/// # Errors
///
/// [`Error::Database`]; within a transaction nothing is installed then.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::events::{CHANNEL, install_notifications, notifications_installed, remove_notifications};
///
/// install_notifications(&mut *tx).await?;
/// assert!(notifications_installed(&mut *tx).await?);
/// sqlx::raw_sql(sqlx::AssertSqlSafe(format!("listen {CHANNEL}"))).execute(&mut *tx).await?;
/// remove_notifications(&mut *tx).await?;
/// assert!(!notifications_installed(&mut *tx).await?);
/// # Ok(()) });
/// ```
pub async fn install_notifications(connection: &mut PgConnection) -> Result<(), Error> {
    raw_sql(INSTALL).execute(connection).await?;
    Ok(())
}

/// Drops the triggers and their function, where they are there.
///
/// # Errors
///
/// [`Error::Database`].
pub async fn remove_notifications(connection: &mut PgConnection) -> Result<(), Error> {
    raw_sql(REMOVE).execute(connection).await?;
    Ok(())
}

/// Whether both triggers are there and enabled.
///
/// # Errors
///
/// [`Error::Database`].
pub async fn notifications_installed(connection: &mut PgConnection) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(IS_INSTALLED).fetch_one(connection).await?)
}
