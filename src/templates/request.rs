//! What is asked for: the engine's `Tasker::Types::TaskRequest`.

use super::TemplateError;
use crate::error::Error;
use chrono::{DateTime, NaiveDateTime};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// A request for a task.
///
/// The context is kept as text, so that the order of its members and integers of any size stay as they are: identity hashes depend on them.
///
/// ```
/// use serde::Serialize;
/// use tasker_core::templates::TaskRequest;
///
/// #[derive(Serialize)]
/// struct Payout {
///     payout_id: i64,
///     amount: f64,
/// }
///
/// let mut request = TaskRequest::new("settle", &Payout { payout_id: 7, amount: 12.5 })?;
/// request.namespace = "payments".into();
/// request.initiator = "nightly run".into();
/// assert_eq!(request.context.get(), r#"{"payout_id":7,"amount":12.5}"#);
/// # Ok::<(), tasker_core::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
pub struct TaskRequest {
    /// Name of the named task, which is made where there is none.
    pub name: String,
    /// Its namespace; `default` unless set.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Its version; `0.1.0` unless set.
    #[serde(default = "default_version")]
    pub version: String,
    /// What the steps work on: an object with at least one member.
    pub context: Box<RawValue>,
    /// Who asks; `unknown` unless set. At most 128 characters, as the next two.
    #[serde(default = "unknown")]
    pub initiator: String,
    /// Where it is asked; `unknown` unless set.
    #[serde(default = "unknown")]
    pub source_system: String,
    /// Why it is asked; `unknown` unless set.
    #[serde(default = "unknown")]
    pub reason: String,
    /// Free words.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Names of steps; the engine keeps them and does nothing with them.
    #[serde(default)]
    pub bypass_steps: Vec<String>,
    /// When it was asked, in UTC; now unless set. In JSON an instant as RFC 3339 writes it.
    #[serde(default, deserialize_with = "instant")]
    pub requested_at: Option<NaiveDateTime>,
}

fn default_namespace() -> String {
    "default".to_owned()
}

fn default_version() -> String {
    "0.1.0".to_owned()
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDateTime>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let instant = DateTime::parse_from_rfc3339(&text).map_err(|error| {
        serde::de::Error::custom(format!(
            "requested_at should be an instant such as 2024-01-02T03:04:05Z, got {text:?}: {error}"
        ))
    })?;
    Ok(Some(instant.naive_utc()))
}

impl TaskRequest {
    /// A request with this context and defaults for all else. The context is anything that is an object in JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Template`] for a context that cannot be written as JSON or is no object.
    ///
    /// ```
    /// use tasker_core::templates::TaskRequest;
    ///
    /// let request = TaskRequest::new("settle", &serde_json::json!({ "payout_id": 7 }))?;
    /// assert_eq!((request.namespace.as_str(), request.version.as_str()), ("default", "0.1.0"));
    ///
    /// let refused = TaskRequest::new("settle", &[1, 2]).unwrap_err();
    /// assert_eq!(refused.to_string(), "the context of a request should be an object, got [1,2]");
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn new(name: impl Into<String>, context: &impl Serialize) -> Result<Self, Error> {
        let context = to_raw_value(context).map_err(TemplateError::Request)?;
        let request = TaskRequest {
            name: name.into(),
            namespace: default_namespace(),
            version: default_version(),
            context,
            initiator: unknown(),
            source_system: unknown(),
            reason: unknown(),
            tags: Vec::new(),
            bypass_steps: Vec::new(),
            requested_at: None,
        };
        request.checked()
    }

    /// A request from JSON, with the attributes of the engine's. Others are ignored, as there.
    ///
    /// # Errors
    ///
    /// [`Error::Template`], which says where the text is not as expected.
    ///
    /// ```
    /// use tasker_core::templates::TaskRequest;
    ///
    /// let request = TaskRequest::from_json(r#"{"name": "settle", "context": {"payout_id": 7}}"#)?;
    /// assert_eq!(request.reason, "unknown");
    /// assert!(TaskRequest::from_json(r#"{"name": "settle"}"#).is_err());
    /// # Ok::<(), tasker_core::Error>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str::<TaskRequest>(text).map_err(TemplateError::Request)?.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        if self.context.get().starts_with('{') {
            return Ok(self);
        }
        Err(TemplateError::ContextIsNoObject(self.context.get().to_owned()).into())
    }
}
