//! Validations, of which those that need the database are asked for in one statement.

use super::invalid::{FieldError, Invalid};
use super::model::{Model, exists};
use super::statement::Statement;
use crate::error::Error;
use sea_query::{Expr, IntoCondition, Query};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

/// When a check fails.
enum Failure {
    Already,
    /// Where this expression is that.
    Where(Expr, bool),
    /// Where this expression is a text, of which the message is made.
    Named(Expr, fn(&str) -> String),
}

/// The validations of one record, in the order in which ActiveRecord runs them.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::Error;
/// use tasker_core::models::{Checks, New, NewTaskNamespace, Record, TaskNamespace};
///
/// // The checks of a record are collected and run when it is written.
/// let collect: fn(&TaskNamespace, bool, &mut Checks) = TaskNamespace::validate;
/// let Err(Error::Invalid(invalid)) = NewTaskNamespace::new(" ").create(&mut *tx).await else { unreachable!() };
/// assert_eq!(invalid.errors[0].field, "name");
/// # let _ = collect;
/// # Ok(()) });
/// ```
pub struct Checks {
    checks: Vec<(FieldError, Failure)>,
}

impl Checks {
    pub(super) fn new() -> Self {
        Checks { checks: Vec::new() }
    }

    fn push(&mut self, field: &'static str, message: impl Into<String>, failure: Failure) {
        self.checks.push((FieldError { field, message: message.into() }, failure));
    }

    pub(super) fn refuse(&mut self, field: &'static str, message: impl Into<String>) {
        self.push(field, message, Failure::Already);
    }

    pub(super) fn presence(&mut self, field: &'static str, text: &str) {
        if text.chars().all(char::is_whitespace) {
            self.refuse(field, "can't be blank");
        }
    }

    pub(super) fn at_most(&mut self, field: &'static str, text: &str, characters: usize) {
        if text.chars().count() > characters {
            self.refuse(field, format!("is too long (maximum is {characters} characters)"));
        }
    }

    /// A row that the record belongs to.
    pub(super) fn must_exist<M: Model>(&mut self, association: &'static str, condition: impl IntoCondition) {
        self.refuse_unless(association, "must exist", exists::<M>(condition));
    }

    pub(super) fn unique<M: Model>(&mut self, field: &'static str, others: impl IntoCondition) {
        self.refuse_if(field, "has already been taken", exists::<M>(others));
    }

    pub(super) fn refuse_if(&mut self, field: &'static str, message: &str, test: Expr) {
        self.push(field, message, Failure::Where(test, true));
    }

    pub(super) fn refuse_unless(&mut self, field: &'static str, message: &str, test: Expr) {
        self.push(field, message, Failure::Where(test, false));
    }

    pub(super) fn refuse_named(&mut self, field: &'static str, name: Expr, message: fn(&str) -> String) {
        self.push(field, String::new(), Failure::Named(name, message));
    }

    /// At most one statement.
    pub(super) async fn run(self, model: &'static str, connection: &mut PgConnection) -> Result<(), Error> {
        let mut select = Query::select();
        let mut tests = 0;
        for (_, failure) in &self.checks {
            if let Failure::Where(test, _) | Failure::Named(test, _) = failure {
                select.expr(test.clone());
                tests += 1;
            }
        }
        let row = if tests > 0 { Statement::new(&select).row(connection).await? } else { None };

        let mut errors = Vec::new();
        let mut columns = 0..;
        for (mut error, failure) in self.checks {
            let failed = match failure {
                Failure::Already => true,
                Failure::Where(_, fails_where) => answer::<bool>(&row, columns.next())? == fails_where,
                Failure::Named(_, message) => match answer::<Option<String>>(&row, columns.next())? {
                    None => false,
                    Some(name) => {
                        error.message = message(&name);
                        true
                    }
                },
            };
            if failed {
                errors.push(error);
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(Invalid { model, errors }.into()) }
    }
}

fn answer<'r, T>(row: &'r Option<PgRow>, column: Option<usize>) -> Result<T, sqlx::Error>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let row = row.as_ref().ok_or(sqlx::Error::RowNotFound)?;
    row.try_get(column.unwrap_or_default())
}
