//! Scopes of named tasks, of namespaces, and of the steps of named tasks.

use crate::error::Error;
use crate::models::{Db, Model, NamedTask, NamedTasksNamedStep, TaskNamespace};
use crate::query::{Join, Ordering, Query};
use sea_query::Expr;

/// The numbers of a version, so that 0.10.0 comes after 0.9.0; null for a text that is no version.
const NUMBERS: &str = r"case when tasker_named_tasks.version ~ '^\d+(\.\d+)*$'
  then string_to_array(tasker_named_tasks.version, '.')::numeric[] end";

fn newest_first() -> Vec<Ordering> {
    vec![Ordering::desc(Expr::cust(NUMBERS)).nulls_last(), NamedTask::version.desc().into()]
}

impl Query<NamedTask> {
    /// Named tasks of a namespace.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::NamedTask, query::Query};
    ///
    /// assert_eq!(Query::<NamedTask>::new().in_namespace("no such namespace").all(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn in_namespace(self, name: &str) -> Self {
        let on = NamedTask::task_namespace_id.equals(TaskNamespace::task_namespace_id);
        self.join(Join::inner(TaskNamespace::TABLE, on)).filter(TaskNamespace::name.eq(name))
    }

    /// Named tasks with this version.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::NamedTask, query::Query};
    ///
    /// let first = Query::<NamedTask>::new().with_version("0.1.0").count(&mut *tx).await?;
    /// # let _ = first;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_version(self, version: &str) -> Self {
        self.filter(NamedTask::version.eq(version))
    }

    /// Of each name in each namespace the latest version, among those that all other conditions hold for. Versions compare by their
    /// numbers.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{Model, NamedTask, New, NewNamedTask, NewTaskNamespace};
    /// use tasker_core::query::Query;
    ///
    /// let namespace = NewTaskNamespace::new("scopes").create(&mut *tx).await?;
    /// for version in ["0.9.0", "0.10.0"] {
    ///     let named_task = NewNamedTask { version: version.into(), ..NewNamedTask::new("settle", namespace.key()) };
    ///     named_task.create(&mut *tx).await?;
    /// }
    /// let latest = Query::<NamedTask>::new().in_namespace("scopes").latest_versions().all(&mut *tx).await?;
    /// assert_eq!(latest.iter().map(|task| task.version.as_str()).collect::<Vec<_>>(), ["0.10.0"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn latest_versions(self) -> Self {
        let of = vec![NamedTask::task_namespace_id.into(), NamedTask::name.into()];
        let mut order = vec![NamedTask::task_namespace_id.asc().into(), NamedTask::name.asc().into()];
        order.extend(newest_first());
        self.first_of_each(of, order)
    }
}

impl NamedTask {
    /// The latest version of a named task, by its numbers. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::NamedTask;
    ///
    /// assert_eq!(NamedTask::find_latest_version("no such namespace", "settle", &mut *tx).await?, None);
    /// # Ok(()) });
    /// ```
    pub fn find_latest_version<'c>(
        namespace: &str,
        name: &str,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Option<NamedTask>, Error>> + Send {
        async move {
            Query::<NamedTask>::new()
                .in_namespace(namespace)
                .filter(NamedTask::name.eq(name))
                .latest_versions()
                .first(db)
                .await
        }
    }

    /// Is there this version of a named task? One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::NamedTask;
    ///
    /// assert!(!NamedTask::version_exists("no such namespace", "settle", "1.0.0", &mut *tx).await?);
    /// # Ok(()) });
    /// ```
    pub fn version_exists<'c>(
        namespace: &str,
        name: &str,
        version: &str,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<bool, Error>> + Send {
        async move {
            let versions = Query::<NamedTask>::new().in_namespace(namespace).with_version(version);
            versions.filter(NamedTask::name.eq(name)).exists(db).await
        }
    }
}

impl Query<TaskNamespace> {
    /// Namespaces other than the default one.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::TaskNamespace, query::Query};
    ///
    /// let custom = Query::<TaskNamespace>::new().custom().all(&mut *tx).await?;
    /// assert!(custom.iter().all(|namespace| namespace.name != "default"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn custom(self) -> Self {
        self.filter(TaskNamespace::name.ne("default"))
    }
}

impl Query<NamedTasksNamedStep> {
    /// The steps of a named task.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::NamedTasksNamedStep, query::Query};
    ///
    /// assert_eq!(Query::<NamedTasksNamedStep>::new().named_steps_for_named_task(-1).all(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn named_steps_for_named_task(self, named_task_id: i32) -> Self {
        self.filter(NamedTasksNamedStep::named_task_id.eq(named_task_id))
    }
}
