//! Operators of `jsonb` columns. Keys and values are parameters.

use crate::models::{Column, Model};
use sea_query::{BinOper, Expr, ExprTrait, Value};

fn operator(left: Expr, operator: &'static str, right: impl Into<Expr>) -> Expr {
    left.binary(BinOper::Custom(operator), right)
}

fn texts<'t>(keys: impl IntoIterator<Item = &'t str>) -> Value {
    keys.into_iter().map(str::to_owned).collect::<Vec<String>>().into()
}

impl<M: Model> Column<M, serde_json::Value> {
    /// `column @> value`: has these keys and values, or these elements. An index serves it.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let orders = Query::<Task>::new().filter(Task::context.contains(serde_json::json!({ "order": 7 })));
    /// assert!(orders.psql()?.ends_with(r#""context" @> '{"order":7}'"#));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn contains(self, value: serde_json::Value) -> Expr {
        operator(self.expr(), "@>", Value::from(value))
    }

    /// `column <@ value`: has nothing beside these keys and values.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// let tags = serde_json::json!(["nightly", "billing"]);
    /// assert!(Query::<Task>::new().filter(Task::tags.contained_in(tags)).psql()?.contains("<@"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn contained_in(self, value: serde_json::Value) -> Expr {
        operator(self.expr(), "<@", Value::from(value))
    }

    /// `column ? key`: has the key, or the element in a list of texts.
    ///
    /// ```
    /// use tasker_core::models::TaskTransition;
    /// use tasker_core::query::Query;
    ///
    /// assert!(Query::<TaskTransition>::new().filter(TaskTransition::metadata.has_key("actor")).psql()?.ends_with("? 'actor'"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn has_key(self, key: &str) -> Expr {
        operator(self.expr(), "?", key)
    }

    /// `column ?| keys`: has one of the keys.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    ///
    /// assert!(Query::<Task>::new().filter(Task::tags.has_any_key(["nightly", "weekly"])).psql()?.contains("?|"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn has_any_key<'t>(self, keys: impl IntoIterator<Item = &'t str>) -> Expr {
        operator(self.expr(), "?|", texts(keys))
    }

    /// `column -> key`: the value of a key, as JSON.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    /// use tasker_core::sea_query::ExprTrait;
    ///
    /// let query = Query::<Task>::new().filter(Task::context.get("order").is_not_null());
    /// assert!(query.psql()?.contains("-> 'order'"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn get(self, key: &str) -> Expr {
        operator(self.expr(), "->", key)
    }

    /// `column ->> key`: the value of a key, as text.
    ///
    /// ```
    /// use tasker_core::models::Task;
    /// use tasker_core::query::Query;
    /// use tasker_core::sea_query::ExprTrait;
    ///
    /// let query = Query::<Task>::new().filter(Task::context.text("currency").eq("EUR"));
    /// assert!(query.psql()?.ends_with("->> 'currency') = 'EUR'"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn text(self, key: &str) -> Expr {
        operator(self.expr(), "->>", key)
    }

    /// `column #>> path`: the value at the end of a path, as text.
    ///
    /// ```
    /// use tasker_core::models::WorkflowStep;
    /// use tasker_core::query::Query;
    /// use tasker_core::sea_query::ExprTrait;
    ///
    /// let query = Query::<WorkflowStep>::new().filter(WorkflowStep::results.text_at(["error", "class"]).eq("Timeout"));
    /// assert!(query.psql()?.contains("#>> ARRAY['error', 'class']::text[]"));
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn text_at<'t>(self, path: impl IntoIterator<Item = &'t str>) -> Expr {
        operator(self.expr(), "#>>", texts(path))
    }
}
