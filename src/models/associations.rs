//! Which records belong to which. Each association is a constant of its model ([`Association`]) and a method beside it.

use super::db::Db;
use super::model::Model;
use super::statement::Statement;
use crate::error::Error;
use sea_query::extension::postgres::PgExpr;
use sea_query::{Expr, ExprTrait, JoinType, Order, SelectStatement};
use sqlx::Row;
use std::collections::HashMap;
use std::marker::PhantomData;

/// A table that stands between two others and holds a key of each.
///
/// ```
/// use tasker_core::models::{NamedTask, Through};
///
/// let between: Option<Through> = NamedTask::NAMED_STEPS.through();
/// assert_eq!(between.map(|between| between.table), Some("tasker_named_tasks_named_steps"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// The table.
    pub table: &'static str,
    /// Its column that refers to the records that the association starts from.
    pub owner: &'static str,
    /// Its column that refers to the records that the association leads to.
    pub target: &'static str,
}

/// The way from records of `M` to those of `T` that belong to them, or that they belong to.
///
/// ```
/// use tasker_core::models::NamedTask;
///
/// let namespace = NamedTask::TASK_NAMESPACE;
/// assert_eq!((namespace.owner_column(), namespace.target_column()), ("task_namespace_id", "task_namespace_id"));
/// assert_eq!(namespace.through(), None);
/// ```
///
/// ```
/// use tasker_core::models::{Association, Task, WorkflowStep};
///
/// let steps: Association<Task, WorkflowStep> = Task::WORKFLOW_STEPS;
/// # let _ = steps;
/// ```
pub struct Association<M, T> {
    owner_column: &'static str,
    owner_key: fn(&M) -> i64,
    target_column: &'static str,
    through: Option<Through>,
    target: PhantomData<fn() -> T>,
}

impl<M, T> Clone for Association<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Association<M, T> {}

impl<M: Model, T: Model> Association<M, T> {
    pub(super) const fn new(
        (owner_column, owner_key): (&'static str, fn(&M) -> i64),
        target_column: &'static str,
        through: Option<Through>,
    ) -> Self {
        Association { owner_column, owner_key, target_column, through, target: PhantomData }
    }

    /// The column of `M` that is equal to [`Association::target_column`], or to the owner's column of the table between.
    ///
    /// ```
    /// assert_eq!(tasker_core::models::TaskNamespace::NAMED_TASKS.owner_column(), "task_namespace_id");
    /// ```
    pub const fn owner_column(&self) -> &'static str {
        self.owner_column
    }

    /// The column of `T` that is equal to [`Association::owner_column`], or to the target's column of the table between.
    ///
    /// ```
    /// assert_eq!(tasker_core::models::TaskNamespace::NAMED_TASKS.target_column(), "task_namespace_id");
    /// ```
    pub const fn target_column(&self) -> &'static str {
        self.target_column
    }

    /// The table between, if there is one.
    ///
    /// ```
    /// assert_eq!(tasker_core::models::TaskNamespace::NAMED_TASKS.through(), None);
    /// ```
    pub const fn through(&self) -> Option<Through> {
        self.through
    }

    pub(super) fn key_of(&self, owner: &M) -> i64 {
        (self.owner_key)(owner)
    }

    /// The associated records of many records, by one statement. For a table between, a record appears as often as the table leads to it.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, New, NewNamedTask, NewTaskNamespace, TaskNamespace};
    ///
    /// let payments = NewTaskNamespace::new("payments").find_or_create(&mut *tx).await?;
    /// NewNamedTask::new("settle", payments.key()).create(&mut *tx).await?;
    ///
    /// let namespaces = TaskNamespace::find_all(TaskNamespace::name.eq("payments"), &mut *tx).await?;
    /// let named_tasks = TaskNamespace::NAMED_TASKS.load(&namespaces, &mut *tx).await?;
    /// for namespace in &namespaces {
    ///     assert_eq!(named_tasks.of(namespace)[0].name, "settle");
    /// }
    /// # Ok(()) });
    /// ```
    pub fn load<'c>(
        &self,
        owners: &[M],
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Loaded<M, T>, Error>> + Send {
        async move {
            let mut keys: Vec<i64> = owners.iter().map(self.owner_key).collect();
            keys.sort_unstable();
            keys.dedup();
            let mut loaded = Loaded { key: self.owner_key, records: HashMap::with_capacity(keys.len()) };
            if keys.is_empty() {
                return Ok(loaded);
            }
            let mut connection = db.acquire().await?;
            for row in Statement::new(&self.select(keys)).rows(&mut connection).await? {
                let key: i64 = row.try_get(T::COLUMNS.len())?;
                loaded.records.entry(key).or_default().push(T::decode(&row, 0)?);
            }
            Ok(loaded)
        }
    }

    /// The associated records of one record, in the order of their keys. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{New, NewTaskNamespace, TaskNamespace};
    ///
    /// let empty = NewTaskNamespace::new("empty").create(&mut *tx).await?;
    /// assert_eq!(TaskNamespace::NAMED_TASKS.of(&empty, &mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    pub fn of<'c>(&self, owner: &M, db: impl Db<'c>) -> impl Future<Output = Result<Vec<T>, Error>> + Send {
        async move { Statement::new(&self.select(vec![(self.owner_key)(owner)])).all(db).await }
    }

    /// All columns of the targets, then the key of the owner.
    fn select(&self, owners: Vec<i64>) -> SelectStatement {
        let target = (T::TABLE, self.target_column);
        let mut select = T::select();
        let owner = match self.through {
            None => Expr::col(target),
            Some(Through { table, owner, target: far }) => {
                select.join(JoinType::InnerJoin, table, Expr::col((table, far)).equals(target));
                Expr::col((table, owner))
            }
        };
        select
            .expr(owner.clone().cast_as("bigint"))
            .and_where(owner.eq_any(owners))
            .order_by(T::KEY, Order::Asc);
        select
    }
}

/// The associated records of many records.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// # use tasker_core::factories::{Pattern, workflow};
/// # let made = workflow(Pattern::Diamond).create(&mut *tx).await.unwrap();
/// # let task = made.task;
/// use tasker_core::models::{Loaded, Model, Task, WorkflowStep};
///
/// let tasks = Task::find_all(Task::task_id.is_in([task.0]), &mut *tx).await?;
/// let steps: Loaded<Task, WorkflowStep> = Task::WORKFLOW_STEPS.load(&tasks, &mut *tx).await?;
/// assert_eq!(steps.of(&tasks[0]).len(), 4);
/// # Ok(()) });
/// ```
pub struct Loaded<M, T> {
    key: fn(&M) -> i64,
    records: HashMap<i64, Vec<T>>,
}

impl<M, T> Loaded<M, T> {
    /// Those of one of the records that were loaded for, in the order of their keys. O(1).
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{New, NewTaskNamespace, TaskNamespace};
    ///
    /// let empty = [NewTaskNamespace::new("empty").create(&mut *tx).await?];
    /// assert_eq!(TaskNamespace::NAMED_TASKS.load(&empty, &mut *tx).await?.of(&empty[0]), []);
    /// # Ok(()) });
    /// ```
    pub fn of(&self, owner: &M) -> &[T] {
        self.records.get(&(self.key)(owner)).map_or(&[], Vec::as_slice)
    }

    /// The only one, for associations that lead to one record. O(1).
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, NamedTask, New, NewNamedTask, NewTaskNamespace};
    ///
    /// let payments = NewTaskNamespace::new("payments").find_or_create(&mut *tx).await?;
    /// let tasks = [NewNamedTask::new("settle", payments.key()).create(&mut *tx).await?];
    /// let namespaces = NamedTask::TASK_NAMESPACE.load(&tasks, &mut *tx).await?;
    /// assert_eq!(namespaces.one(&tasks[0]), Some(&payments));
    /// # Ok(()) });
    /// ```
    pub fn one(&self, owner: &M) -> Option<&T> {
        self.of(owner).first()
    }
}
