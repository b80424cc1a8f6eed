//! Pages: by their number, and from the last row that was seen.

use super::fetch::count;
use super::order::ColumnOrder;
use super::{Ordering, Query};
use crate::error::Error;
use crate::models::{ColumnValue, Db, Model, Statement};
use sea_query::{Expr, ExprTrait, SubQueryStatement};
use sqlx::Row;

/// One page of rows, with the number of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<M> {
    /// The rows of this page.
    pub rows: Vec<M>,
    /// Its number, counted from 1.
    pub number: u64,
    /// Rows in a full page.
    pub size: u64,
    /// Rows in all pages.
    pub total: u64,
}

impl<M> Page<M> {
    /// The number of pages.
    ///
    /// ```
    /// let page = tasker_core::query::Page::<()> { rows: vec![], number: 4, size: 10, total: 21 };
    /// assert_eq!(page.pages(), 3);
    /// ```
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(self.size)
    }

    /// Is there none after it?
    ///
    /// ```
    /// let page = tasker_core::query::Page::<()> { rows: vec![], number: 2, size: 10, total: 21 };
    /// assert!(!page.is_last());
    /// ```
    pub fn is_last(&self) -> bool {
        self.number >= self.pages()
    }
}

impl<M: Model> Query<M> {
    /// A page of `size` rows, counted from 1, with the number of all rows. A limit and an offset of before do not count.
    ///
    /// One statement, so that the total is that of the same moment; a second one for a page beyond the last. Pages by number read all
    /// rows before them: for long lists see [`Query::after`].
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a page or a size of 0, and as [`Query::select`]; [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let page = Query::<Task>::new().order_by(Task::created_at.desc()).page(2, 50, &mut *tx).await?;
    /// println!("page {} of {}: {} rows", page.number, page.pages(), page.rows.len());
    /// # Ok(()) });
    /// ```
    pub fn page<'c>(
        &self,
        number: u64,
        size: u64,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Page<M>, Error>> + Send {
        async move {
            let offset = number.checked_sub(1).and_then(|before| before.checked_mul(size));
            let (Some(offset), 1..) = (offset, size) else {
                return Err(Error::Query {
                    model: M::NAME,
                    expected: "a page and a size of at least 1, whose product is a number of 64 bits",
                    got: format!("page {number} of {size} rows"),
                });
            };
            let mut whole = self.clone();
            (whole.limit, whole.offset) = (None, None);
            let total: SubQueryStatement = whole.select_count()?.into();
            let mut select = whole.clone().limit(size).offset(offset).select()?;
            select.expr(Expr::SubQuery(None, Box::new(total)));

            let mut connection = db.acquire().await?;
            let rows = Statement::new(&select).rows(&mut connection).await?;
            let total = match rows.first() {
                Some(row) => u64::try_from(row.try_get::<i64, _>(M::COLUMNS.len())?).unwrap_or_default(),
                None if offset == 0 => 0,
                None => count(&Statement::new(&whole.select_count()?), &mut connection).await?,
            };
            let rows = rows.iter().map(|row| M::decode(row, 0)).collect::<Result<_, _>>()?;
            Ok(Page { rows, number, size, total })
        }
    }

    /// The `limit` rows whose keys come after `last`, or the first ones: pages whose cost does not grow, and that no row leaves or enters
    /// unseen while others are written.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let mut last = None;
    /// loop {
    ///     let page = Query::<Task>::new().active().after(last, 500).all(&mut *tx).await?;
    ///     let Some(task) = page.last() else { break };
    ///     last = Some(task.task_id);
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// They are in the order of the key, so another order is an error when the query is run; [`Query::after_in`] has one.
    #[must_use]
    pub fn after(mut self, last: impl Into<Option<M::Key>>, limit: u64) -> Self {
        if let Some(last) = last.into() {
            self = self.filter(M::KEY.gt(last));
        }
        self.keyset(vec![Ordering::asc(M::KEY.expr())]).limit(limit)
    }

    /// The `limit` rows that come after `last` in the order of a column, equal ones by key. `last` has the column's value and the key of the
    /// last row that was seen. The column cannot be one that may be null: no row with a null is after another.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let newest = Query::<Task>::new().after_in(Task::created_at.desc(), None, 50).all(&mut *tx).await?;
    /// let last = newest.last().map(|task| (task.created_at, task.task_id));
    /// let next = Query::<Task>::new().after_in(Task::created_at.desc(), last, 50).all(&mut *tx).await?;
    /// # let _ = next;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn after_in<T: ColumnValue>(
        mut self,
        order: ColumnOrder<M, T>,
        last: Option<(T, M::Key)>,
        limit: u64,
    ) -> Self {
        let name = order.column.name();
        if M::COLUMNS.iter().any(|column| column.name == name && column.nullable) {
            self.refuse("a column that is never null for keyset pages", format!("{}.{name}", M::TABLE));
        }
        let descending = order.descending;
        let row = Expr::tuple([order.column.expr(), M::KEY.expr()]);
        if let Some((value, key)) = last {
            let seen = Expr::tuple([Expr::val(value), Expr::val(key)]);
            self = self.filter(if descending { row.lt(seen) } else { row.gt(seen) });
        }
        let key = M::KEY.expr();
        let key = if descending { Ordering::desc(key) } else { Ordering::asc(key) };
        self.keyset(vec![order.into(), key]).limit(limit)
    }

    fn keyset(mut self, order: Vec<Ordering>) -> Self {
        if !self.keyset.is_empty() && self.keyset != order {
            self.refuse("keyset pages in one order", "two orders".to_owned());
        }
        self.keyset = order;
        self
    }
}
