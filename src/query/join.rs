//! Tables beside the model's own.

use sea_query::{Expr, IntoColumnRef, JoinType, SelectStatement};

/// A table or subquery that a query looks at beside the model's own table, under a name that no other join of the query has.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    kind: JoinType,
    name: &'static str,
    source: Source,
    on: Expr,
}

#[derive(Clone, Debug, PartialEq)]
enum Source {
    Table(&'static str),
    Lateral(Box<SelectStatement>),
}

impl Join {
    /// Rows that have a partner in the table.
    ///
    /// ```
    /// use tasker_core::models::{NamedStep, WorkflowStep};
    /// use tasker_core::query::Join;
    ///
    /// let on = WorkflowStep::named_step_id.equals(NamedStep::named_step_id);
    /// assert_eq!(Join::inner("tasker_named_steps", on).name(), "tasker_named_steps");
    /// ```
    pub fn inner(table: &'static str, on: impl Into<Expr>) -> Self {
        Join { kind: JoinType::InnerJoin, name: table, source: Source::Table(table), on: on.into() }
    }

    /// All rows, with nulls where there is no partner.
    ///
    /// ```
    /// use tasker_core::models::{Task, TaskAnnotation};
    /// use tasker_core::query::{Join, Query};
    ///
    /// let annotations = Join::left("tasker_task_annotations", Task::task_id.equals(TaskAnnotation::task_id));
    /// let bare = Query::<Task>::new().join(annotations).filter(TaskAnnotation::task_annotation_id.is_null());
    /// assert!(bare.psql()?.contains("LEFT JOIN"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn left(table: &'static str, on: impl Into<Expr>) -> Self {
        Join { kind: JoinType::LeftJoin, ..Join::inner(table, on) }
    }

    /// The rows of a subquery that may name columns of the tables before it: `JOIN LATERAL (…) name ON true`.
    ///
    /// ```
    /// use tasker_core::models::{Model, Task, WorkflowStep};
    /// use tasker_core::query::{Join, Query};
    /// use tasker_core::sea_query::{Expr, ExprTrait, Query as Sql};
    ///
    /// let mut newest = Sql::select();
    /// newest.expr_as(WorkflowStep::created_at.expr().max(), "at").from(WorkflowStep::TABLE)
    ///     .and_where(WorkflowStep::task_id.equals(Task::task_id));
    /// let sql = Query::<Task>::new().join(Join::lateral("newest", newest)).filter(Expr::col(("newest", "at")).is_not_null()).psql()?;
    /// assert!(sql.contains("JOIN LATERAL (SELECT MAX("));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn lateral(name: &'static str, select: SelectStatement) -> Self {
        Join {
            kind: JoinType::InnerJoin,
            name,
            source: Source::Lateral(Box::new(select)),
            on: Expr::Constant(true.into()),
        }
    }

    /// The same under another name, by which its columns are then called.
    ///
    /// ```
    /// use tasker_core::query::Join;
    /// use tasker_core::sea_query::{Expr, ExprTrait};
    ///
    /// let on = Expr::col(("earlier", "task_id")).equals(("tasker_task_transitions", "task_id"));
    /// assert_eq!(Join::inner("tasker_task_transitions", on).named("earlier").name(), "earlier");
    /// ```
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The name by which columns are called, the table's own unless said otherwise.
    ///
    /// ```
    /// use tasker_core::query::Join;
    /// use tasker_core::sea_query::Query;
    ///
    /// assert_eq!(Join::lateral("newest", Query::select()).name(), "newest");
    /// ```
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A column of what is joined.
    pub(crate) fn column(&self, name: &'static str) -> Expr {
        Expr::Column((self.name, name).into_column_ref())
    }

    pub(super) fn apply(&self, select: &mut SelectStatement) {
        match &self.source {
            Source::Table(table) if *table == self.name => {
                select.join(self.kind, *table, self.on.clone());
            }
            Source::Table(table) => {
                select.join_as(self.kind, *table, self.name, self.on.clone());
            }
            Source::Lateral(subquery) => {
                select.join_lateral(self.kind, (**subquery).clone(), self.name, self.on.clone());
            }
        }
    }
}
