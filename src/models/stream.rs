//! Rows one by one.

use crate::error::Error;
use futures_core::Stream;
use futures_core::stream::BoxStream;
use sqlx::postgres::PgRow;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The rows of a statement, one at a time, as the server sends them. The connection is borrowed until this is dropped.
///
/// Beside [`RowStream::try_next`] it is a [`Stream`], for the combinators of `futures`.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::models::{RowStream, Task};
/// use tasker_core::query::Query;
///
/// let mut tasks: RowStream<'_, Task> = Query::<Task>::new().stream(&mut *tx)?;
/// while let Some(task) = tasks.try_next().await? {
///     println!("{}", task.task_id);
/// }
/// # Ok(()) });
/// ```
pub struct RowStream<'c, R> {
    rows: BoxStream<'c, Result<PgRow, sqlx::Error>>,
    read: fn(&PgRow) -> Result<R, sqlx::Error>,
}

impl<'c, R> RowStream<'c, R> {
    pub(crate) fn new(
        rows: BoxStream<'c, Result<PgRow, sqlx::Error>>,
        read: fn(&PgRow) -> Result<R, sqlx::Error>,
    ) -> Self {
        RowStream { rows, read }
    }

    /// The next row, or `None` after the last.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, NamedTask, Statement};
    ///
    /// let mut rows = Statement::new(&NamedTask::select()).stream::<NamedTask>(&mut *tx)?;
    /// while let Some(named_task) = rows.try_next().await? {
    ///     println!("{}", named_task.name);
    /// }
    /// # Ok(()) });
    /// ```
    pub async fn try_next(&mut self) -> Result<Option<R>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }
}

impl<R> Stream for RowStream<'_, R> {
    type Item = Result<R, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read = self.read;
        self.rows.as_mut().poll_next(context).map(|row| row.map(|row| Ok(read(&row?)?)))
    }
}

impl<R> fmt::Debug for RowStream<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").finish_non_exhaustive()
    }
}
