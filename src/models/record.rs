//! Rows that can be written.

use super::checks::Checks;
use super::db::Db;
use super::model::{Key, Model};
use super::statement::Statement;
use crate::error::Error;
use crate::time::Micros;
use chrono::{DateTime, NaiveDateTime};
use sea_query::{Condition, Expr, LockType, OnConflict, Query, Value};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

/// A row of a table, which can be changed and deleted.
///
/// ```
/// use tasker_core::models::{Model, Record, TaskNamespace};
///
/// /// The columns that are written, with their values.
/// fn columns<R: Record>(record: &R) -> Vec<(&'static str, tasker_core::sea_query::Value)> {
///     R::COLUMNS.iter().map(|column| column.name).zip(record.values()).collect()
/// }
/// /// Finds what the record may not be created beside.
/// fn twin(namespace: &TaskNamespace) -> tasker_core::sea_query::Expr {
///     namespace.same()
/// }
/// # let _ = (columns::<TaskNamespace>, twin);
/// ```
pub trait Record: Model {
    /// The columns of a unique index by which the table itself refuses a second row like this one; none where only the model
    /// does.
    const UNIQUE: &'static [&'static str];

    /// The values of all columns, in the order of [`Model::COLUMNS`].
    fn values(&self) -> Vec<Value>;

    #[doc(hidden)]
    fn touch(&mut self, now: NaiveDateTime);

    #[doc(hidden)]
    fn updated_at(&self) -> NaiveDateTime;

    /// What Rails sets before it validates.
    #[doc(hidden)]
    fn normalize(&mut self) {}

    /// The validations that ActiveRecord makes. `new` is whether the row does not exist yet.
    fn validate(&self, new: bool, checks: &mut Checks);

    /// The condition that finds the row which this one may not be made beside: what makes it the same record for
    /// [`New::find_or_create`].
    fn same(&self) -> Expr;

    /// The last check before a row is inserted, after it was found valid.
    #[doc(hidden)]
    fn before_create(
        &self,
        _connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }

    /// Deletes the row, with what depends on it, on an open connection.
    #[doc(hidden)]
    fn destroy(&self, connection: &mut PgConnection) -> impl Future<Output = Result<(), Error>> + Send {
        let mut delete = Query::delete();
        delete.from_table(Self::TABLE).and_where(Self::KEY.eq(self.key()));
        async move { Statement::new(&delete).run(connection).await }
    }

    /// Locks what is locked while the table itself does not refuse a second row. It holds until the transaction ends.
    #[doc(hidden)]
    fn serialize(&self, _connection: &mut PgConnection) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }

    /// Changes the row and the record: validates, then writes the columns that differ, and `updated_at`. At most two statements, none where
    /// nothing differs.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::NotFound`] where the row is gone, [`Error::Database`]. The record is then as it was.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{New, NewTaskNamespace, Record};
    ///
    /// let mut namespace = NewTaskNamespace::new("payments").find_or_create(&mut *tx).await?;
    /// namespace.update(|namespace| namespace.description = Some("Payouts and refunds".into()), &mut *tx).await?;
    ///
    /// let blank = namespace.update(|namespace| namespace.name.clear(), &mut *tx).await.unwrap_err();
    /// assert_eq!(blank.to_string(), "TaskNamespace is invalid: Name can't be blank");
    /// assert_eq!(namespace.name, "payments");
    /// # Ok(()) });
    /// ```
    fn update<'c>(
        &mut self,
        change: impl FnOnce(&mut Self) + Send,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        let mut changed = self.clone();
        change(&mut changed);
        changed.normalize();
        async move {
            let before = self.values();
            if before == changed.values() {
                return Ok(());
            }
            let mut connection = db.acquire().await?;
            let mut checks = Checks::new();
            changed.validate(false, &mut checks);
            checks.run(Self::NAME, &mut connection).await?;
            if self.updated_at() == changed.updated_at() {
                changed.touch(now());
            }
            let mut update = Query::update();
            update.table(Self::TABLE).and_where(Self::KEY.eq(self.key()));
            for ((column, old), new) in Self::COLUMNS.iter().zip(before).zip(changed.values()) {
                if old != new {
                    update.value(column.name, expression(column.sql_type, new));
                }
            }
            update.returning(Query::returning().columns(Self::COLUMNS.iter().map(|column| column.name)));
            let row = Statement::new(&update).row(&mut connection).await?;
            let row = row.ok_or(Error::NotFound {
                model: Self::NAME,
                key: Self::KEY.name(),
                value: self.key().into(),
            })?;
            *self = Self::decode(&row, 0)?;
            Ok(())
        }
    }

    /// The other rows of the table.
    #[doc(hidden)]
    fn others(&self, new: bool) -> Condition {
        Condition::all().add_option((!new).then(|| Self::KEY.ne(self.key())))
    }

    /// Deletes the row and, as Rails does, the rows that belong to it. One statement, whatever their number; a row that is gone already is no error.
    ///
    /// # Errors
    ///
    /// [`Error::Database`], as where rows remain that Rails would not delete either: a named task whose tasks exist.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, New, NewTaskNamespace, Record, TaskNamespace};
    ///
    /// let namespace = NewTaskNamespace::new("short-lived").create(&mut *tx).await?;
    /// let key = namespace.key();
    /// namespace.delete(&mut *tx).await?;
    /// assert!(TaskNamespace::find(key, &mut *tx).await.is_err());
    /// # Ok(()) });
    /// ```
    fn delete<'c>(self, db: impl Db<'c>) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            self.destroy(&mut connection).await
        }
    }
}

/// A row that does not exist yet.
///
/// Its `new` asks for what has no default; the other fields are set by name: `NewTaskNamespace { description: …, ..NewTaskNamespace::new("payments") }`.
pub trait New: Sized + Send {
    /// What it becomes.
    type Record: Record;

    /// The record as it will be, without a key.
    #[doc(hidden)]
    fn draft(self, now: NaiveDateTime) -> Self::Record;

    /// Validates, then inserts. At most two statements.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`]; [`Error::Database`], as where another session has inserted the same since it was validated.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{New, NewTaskNamespace};
    ///
    /// let namespace = NewTaskNamespace::new("only once").create(&mut *tx).await?;
    /// assert_eq!(namespace.description, None);
    ///
    /// let taken = NewTaskNamespace::new("only once").create(&mut *tx).await.unwrap_err();
    /// assert_eq!(taken.to_string(), "TaskNamespace is invalid: Name has already been taken");
    /// # Ok(()) });
    /// ```
    fn create<'c>(self, db: impl Db<'c>) -> impl Future<Output = Result<Self::Record, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            let mut draft = self.draft(now());
            draft.normalize();
            create(&draft, None, &mut connection).await
        }
    }

    /// The row that is the same already, as it is, or a new one. A caller's transaction goes on whatever other sessions do: one
    /// that inserts the same row at the same time is waited for, and its row is returned. One statement where the row exists,
    /// otherwise up to four.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{New, NewTaskNamespace};
    ///
    /// let first = NewTaskNamespace::new("payments").find_or_create(&mut *tx).await?;
    /// let again = NewTaskNamespace::new("payments").find_or_create(&mut *tx).await?;
    /// assert_eq!(first, again);
    /// # Ok(()) });
    /// ```
    fn find_or_create<'c>(self, db: impl Db<'c>) -> impl Future<Output = Result<Self::Record, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            let mut draft = self.draft(now());
            draft.normalize();
            if let Some(found) = find_same(&draft, &mut connection).await? {
                return Ok(found);
            }
            if Self::Record::UNIQUE.is_empty() {
                return insert_locked(&draft, &mut connection).await;
            }
            if let Err(refused) = validate(&draft, &mut connection).await {
                // The rows that it collides with may have come since.
                return find_same(&draft, &mut connection).await?.ok_or(refused);
            }
            match Statement::new(&insert::<Self::Record>(draft.values(), true)).row(&mut connection).await? {
                Some(row) => Ok(Self::Record::decode(&row, 0)?),
                None => Ok(find_same(&draft, &mut connection).await?.ok_or(sqlx::Error::RowNotFound)?),
            }
        }
    }
}

/// Validates and inserts. One column may be given as text, where its value would lose something.
pub(crate) async fn create<R: Record>(
    draft: &R,
    instead: Option<(&'static str, Option<String>)>,
    connection: &mut PgConnection,
) -> Result<R, Error> {
    validate(draft, connection).await?;
    let mut values = draft.values();
    if let Some((name, text)) = instead
        && let Some(place) = R::COLUMNS.iter().position(|column| column.name == name)
    {
        values[place] = text.into();
    }
    let row = Statement::new(&insert::<R>(values, false)).row(connection).await?;
    Ok(R::decode(&row.ok_or(sqlx::Error::RowNotFound)?, 0)?)
}

async fn insert_locked<R: Record>(draft: &R, connection: &mut PgConnection) -> Result<R, Error> {
    let mut transaction = connection.begin().await?;
    draft.serialize(&mut transaction).await?;
    let made = match find_same(draft, &mut transaction).await? {
        Some(found) => found,
        None => create(draft, None, &mut transaction).await?,
    };
    transaction.commit().await?;
    Ok(made)
}

async fn find_same<R: Record>(draft: &R, connection: &mut PgConnection) -> Result<Option<R>, Error> {
    R::find_by(draft.same(), connection).await
}

async fn validate<R: Record>(draft: &R, connection: &mut PgConnection) -> Result<(), Error> {
    let mut checks = Checks::new();
    draft.validate(true, &mut checks);
    checks.run(R::NAME, connection).await?;
    draft.before_create(connection).await
}

/// Runs a statement that deletes a row together with what depends on it; `$1` is the key. Foreign keys are checked at its end.
pub(super) async fn delete_with(
    key: impl Key,
    connection: &mut PgConnection,
    statement: &'static str,
) -> Result<(), Error> {
    sqlx::query(statement).bind::<i64>(key.into()).execute(connection).await?;
    Ok(())
}

/// Locks a row until the transaction ends; other rows may still refer to it.
pub(super) async fn lock<M: Model>(key: i64, connection: &mut PgConnection) -> Result<(), Error> {
    let mut select = Query::select();
    select.expr(Expr::val(1)).from(M::TABLE).and_where(M::key_is(key)).lock(LockType::NoKeyUpdate);
    Statement::new(&select).run(connection).await
}

fn insert<R: Record>(values: Vec<Value>, unless_there: bool) -> sea_query::InsertStatement {
    let written = R::COLUMNS
        .iter()
        .zip(values)
        .filter(|(column, _)| column.name != R::KEY.name())
        .map(|(column, value)| (column.name, expression(column.sql_type, value)));
    let (names, expressions): (Vec<_>, Vec<_>) = written.unzip();
    let mut insert = Query::insert();
    insert.into_table(R::TABLE).columns(names).values_panic(expressions);
    if unless_there {
        insert.on_conflict(OnConflict::columns(R::UNIQUE.iter().copied()).do_nothing().to_owned());
    }
    insert.returning(Query::returning().columns(R::COLUMNS.iter().map(|column| column.name)));
    insert
}

/// A value as a statement writes it. JSON goes as text, so that columns of type `json` keep it as Rails writes it.
fn expression(sql_type: &'static str, value: Value) -> Expr {
    match sql_type {
        "json" | "jsonb" => sea_query::ExprTrait::cast_as(Expr::val(value), sql_type),
        _ => Expr::val(value),
    }
}

/// The instant of this machine's clock in UTC, to the microsecond, as Rails writes it.
pub(crate) fn now() -> NaiveDateTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    DateTime::from_timestamp_micros(Micros::from(since).0).unwrap_or_default().naive_utc()
}
