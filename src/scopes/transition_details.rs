//! A single transition: its metadata, its kind, and the words for it.

use crate::error::Error;
use crate::models::{Db, Model, NamedStep, TaskTransition, WorkflowStep, WorkflowStepTransition};
use crate::query::{Join, Query};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// The wait of a failed step, as the metadata of its transition describe it.
///
/// ```
/// use tasker_core::scopes::BackoffInfo;
///
/// fn label(info: &BackoffInfo) -> String {
///     info.backoff_until.map_or_else(|| "no wait".to_owned(), |until| format!("until {until}"))
/// }
/// # let _ = label;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BackoffInfo {
    /// The end of the wait; `None` for a text that is no instant.
    pub backoff_until: Option<DateTime<Utc>>,
    /// Its length in seconds.
    pub backoff_seconds: Option<f64>,
    /// Whether the step may be tried again.
    pub retry_available: bool,
}

/// A value as Ruby writes it into a text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A duration to two decimals, as Ruby rounds and writes it.
fn rounded(duration: &Value) -> Option<String> {
    match duration.as_i64() {
        Some(whole) => Some(whole.to_string()),
        None => duration.as_f64().map(|seconds| format!("{:?}", (seconds * 100.0).round() / 100.0)),
    }
}

fn seconds(duration: TimeDelta) -> f64 {
    duration.num_microseconds().map_or(f64::MAX, |micros| micros as f64 / 1e6)
}

fn timestamp(at: NaiveDateTime) -> String {
    at.and_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

macro_rules! transition_details {
    ($model:ident, $owner:ident) => {
        impl $model {
            /// Does the metadata have this key?
            ///
            /// ```
            /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
            /// # doctest::in_transaction(async |tx| {
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query};")]
            ///
            #[doc = concat!("for transition in Query::<", stringify!($model), ">::new().recent().limit(5).all(&mut *tx).await? {")]
            ///     println!("{} {}", transition.description(), transition.has_metadata("actor"));
            /// }
            /// # Ok(()) });
            /// ```
            pub fn has_metadata(&self, key: &str) -> bool {
                self.get_metadata(key).is_some()
            }

            /// The value of a key of the metadata.
            ///
            /// ```
            #[doc = concat!("fn actor(transition: &tasker_core::models::", stringify!($model), ") -> Option<&str> {")]
            ///     transition.get_metadata("actor")?.as_str()
            /// }
            /// ```
            pub fn get_metadata(&self, key: &str) -> Option<&Value> {
                self.metadata.as_ref()?.get(key)
            }

            /// Sets a key of the metadata of this record; what is in the database stays as it is.
            ///
            /// ```
            #[doc = concat!("fn annotate(transition: &mut tasker_core::models::", stringify!($model), ") {")]
            ///     transition.set_metadata("actor", "Ada");
            /// }
            /// ```
            pub fn set_metadata(&mut self, key: &str, value: impl Into<Value>) {
                let mut metadata = self.metadata_object();
                metadata.insert(key.to_owned(), value.into());
                self.metadata = Some(Value::Object(metadata));
            }

            fn metadata_object(&self) -> Map<String, Value> {
                self.metadata.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
            }

            /// To `error`?
            ///
            /// ```
            #[doc = concat!("fn count(all: &[tasker_core::models::", stringify!($model), "]) -> usize {")]
            ///     all.iter().filter(|transition| transition.is_error_transition()).count()
            /// }
            /// ```
            pub fn is_error_transition(&self) -> bool {
                self.to_state == "error"
            }

            /// To `complete` or `resolved_manually`?
            ///
            /// ```
            #[doc = concat!("fn count(all: &[tasker_core::models::", stringify!($model), "]) -> usize {")]
            ///     all.iter().filter(|transition| transition.is_completion_transition()).count()
            /// }
            /// ```
            pub fn is_completion_transition(&self) -> bool {
                ["complete", "resolved_manually"].contains(&self.to_state.as_str())
            }

            /// To `cancelled`?
            ///
            /// ```
            #[doc = concat!("fn count(all: &[tasker_core::models::", stringify!($model), "]) -> usize {")]
            ///     all.iter().filter(|transition| transition.is_cancellation_transition()).count()
            /// }
            /// ```
            pub fn is_cancellation_transition(&self) -> bool {
                self.to_state == "cancelled"
            }

            /// The time since the transition before it in the same history, if there is one. One statement.
            ///
            /// # Errors
            ///
            /// [`Error::Database`].
            ///
            /// ```
            /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
            /// # doctest::in_transaction(async |tx| {
            #[doc = concat!("use tasker_core::{models::", stringify!($model), ", query::Query};")]
            ///
            #[doc = concat!("for transition in Query::<", stringify!($model), ">::new().limit(5).all(&mut *tx).await? {")]
            ///     println!("{:?}", transition.duration_since_previous(&mut *tx).await?);
            /// }
            /// # Ok(()) });
            /// ```
            pub fn duration_since_previous<'c>(&self, db: impl Db<'c>) -> impl Future<Output = Result<Option<TimeDelta>, Error>> + Send {
async move {
                let history = Query::<$model>::new().filter($model::$owner.eq(self.$owner));
                let before = history.filter($model::sort_key.lt(self.sort_key)).recent().first(db).await?;
                Ok(before.map(|before| self.created_at - before.created_at))
            }
}

            fn described(&self, since: Option<TimeDelta>) -> Map<String, Value> {
                let mut all = self.metadata_object();
                all.insert("duration_since_previous".to_owned(), since.map(seconds).into());
                all.insert("transition_description".to_owned(), self.description().into());
                all.insert("transition_timestamp".to_owned(), timestamp(self.created_at).into());
                all
            }
        }
    };
}

transition_details!(TaskTransition, task_id);
transition_details!(WorkflowStepTransition, workflow_step_id);

impl TaskTransition {
    /// The transition in words.
    ///
    /// ```
    /// fn words(transition: &tasker_core::models::TaskTransition) -> String {
    ///     transition.description() // such as "Task execution started"
    /// }
    /// ```
    pub fn description(&self) -> String {
        match self.to_state.as_str() {
            "pending" => "Task initialized and ready for processing".to_owned(),
            "in_progress" => "Task execution started".to_owned(),
            "complete" => "Task completed successfully".to_owned(),
            "error" => "Task encountered an error".to_owned(),
            "cancelled" => "Task was cancelled".to_owned(),
            "resolved_manually" => "Task was manually resolved".to_owned(),
            other => format!("Task transitioned to {other}"),
        }
    }

    /// The metadata with `duration_since_previous` in seconds, `transition_description` and `transition_timestamp`. One statement.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::TaskTransition, query::Query};
    ///
    /// if let Some(latest) = Query::<TaskTransition>::new().recent().first(&mut *tx).await? {
    ///     println!("{}", latest.formatted_metadata(&mut *tx).await?["transition_description"]);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn formatted_metadata<'c>(
        &self,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Map<String, Value>, Error>> + Send {
        async move { Ok(self.described(self.duration_since_previous(db).await?)) }
    }
}

impl WorkflowStepTransition {
    /// Tries a failed step again: to `pending`, with `retry_attempt` in the metadata?
    ///
    /// ```
    /// fn count(all: &[tasker_core::models::WorkflowStepTransition]) -> usize {
    ///     all.iter().filter(|transition| transition.is_retry_transition()).count()
    /// }
    /// ```
    pub fn is_retry_transition(&self) -> bool {
        self.to_state == "pending" && self.has_metadata("retry_attempt")
    }

    /// `attempt_number` of the metadata, 1 where there is none.
    ///
    /// ```
    /// fn first(transition: &tasker_core::models::WorkflowStepTransition) -> bool {
    ///     transition.attempt_number() == 1
    /// }
    /// ```
    pub fn attempt_number(&self) -> Value {
        self.get_metadata("attempt_number").cloned().unwrap_or(json!(1))
    }

    /// `execution_duration` of the metadata, in the unit in which it was written.
    ///
    /// ```
    /// fn slow(transition: &tasker_core::models::WorkflowStepTransition) -> bool {
    ///     transition.execution_duration().is_some_and(|seconds| seconds > 10.0)
    /// }
    /// ```
    pub fn execution_duration(&self) -> Option<f64> {
        self.get_metadata("execution_duration")?.as_f64()
    }

    /// The wait that the metadata of a failure describe.
    ///
    /// ```
    /// fn waits(transition: &tasker_core::models::WorkflowStepTransition) -> bool {
    ///     transition.backoff_info().is_some_and(|backoff| backoff.retry_available)
    /// }
    /// ```
    pub fn backoff_info(&self) -> Option<BackoffInfo> {
        let until = self.get_metadata("backoff_until").filter(|_| self.is_error_transition())?;
        let instant = until.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        Some(BackoffInfo {
            backoff_until: instant.map(|instant| instant.to_utc()),
            backoff_seconds: self.get_metadata("backoff_seconds").and_then(Value::as_f64),
            retry_available: self.get_metadata("retry_available").and_then(Value::as_bool).unwrap_or(false),
        })
    }

    /// The transition in words.
    ///
    /// ```
    /// fn words(transition: &tasker_core::models::WorkflowStepTransition) -> String {
    ///     transition.description() // such as "Step completed successfully in 1.25s"
    /// }
    /// ```
    pub fn description(&self) -> String {
        let said = |key: &str, default: &str| self.get_metadata(key).map_or(default.to_owned(), text);
        match self.to_state.as_str() {
            "pending" if self.is_retry_transition() => {
                format!("Step retry attempt #{}", text(&self.attempt_number()))
            }
            "pending" => "Step initialized and ready for execution".to_owned(),
            "in_progress" => format!("Step execution started (attempt #{})", text(&self.attempt_number())),
            "complete" => {
                let duration = self.get_metadata("execution_duration").and_then(rounded);
                format!(
                    "Step completed successfully{}",
                    duration.map_or(String::new(), |text| format!(" in {text}s"))
                )
            }
            "error" => {
                let retry = if self.has_metadata("backoff_until") { " (retry scheduled)" } else { "" };
                format!("Step failed: {}{retry}", said("error_message", "Unknown error"))
            }
            "cancelled" => format!("Step cancelled due to {}", said("triggered_by", "manual cancellation")),
            "resolved_manually" => {
                format!("Step manually resolved by {}", said("resolved_by", "unknown"))
            }
            other => format!("Step transitioned to {other}"),
        }
    }

    /// The metadata with `duration_since_previous` in seconds, `transition_description`, `transition_timestamp`, `step_name` and
    /// `task_id`. Two statements.
    ///
    /// # Errors
    ///
    /// [`Error::Database`].
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::{models::WorkflowStepTransition, query::Query};
    ///
    /// if let Some(latest) = Query::<WorkflowStepTransition>::new().recent().first(&mut *tx).await? {
    ///     println!("{}", latest.formatted_metadata(&mut *tx).await?["step_name"]);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn formatted_metadata<'c>(
        &self,
        db: impl Db<'c>,
    ) -> impl Future<Output = Result<Map<String, Value>, Error>> + Send {
        async move {
            let mut connection = db.acquire().await?;
            let mut all = self.described(self.duration_since_previous(&mut *connection).await?);
            let names =
                Join::inner(NamedStep::TABLE, WorkflowStep::named_step_id.equals(NamedStep::named_step_id));
            let step = Query::<WorkflowStep>::new()
                .join(names)
                .filter(WorkflowStep::workflow_step_id.eq(self.workflow_step_id));
            let found: Vec<(String, i64)> =
                step.pluck([NamedStep::name.expr(), WorkflowStep::task_id.expr()], &mut *connection).await?;
            for (name, task_id) in found {
                all.insert("step_name".to_owned(), name.into());
                all.insert("task_id".to_owned(), task_id.into());
            }
            Ok(all)
        }
    }
}
