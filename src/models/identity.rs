//! What makes two requests the same task.

use super::json;
use super::task::Task;
use chrono::{Datelike, NaiveDateTime};
use sha2::{Digest, Sha256};

/// A random UUID, version 4.
pub(crate) fn random() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// How the identity hash of a new task is made. No two tasks have the same one.
///
/// The engine has three strategies: [`RandomIdentity`], its default; [`HashIdentity`]; and a class of the application's own, for which a
/// program in Rust implements this trait, to the same result.
///
/// ```
/// use tasker_core::models::{IdentityOptions, IdentityStrategy, Task};
///
/// /// One task for each order, however often it is asked for.
/// struct ByOrder;
///
/// impl IdentityStrategy for ByOrder {
///     fn identity_hash(&self, task: &Task, _options: &IdentityOptions) -> String {
///         format!("order-{}", task.context.as_ref().map_or(&serde_json::Value::Null, |context| &context["order_id"]))
///     }
/// }
/// ```
pub trait IdentityStrategy: Sync {
    /// The identity hash of a task that does not exist yet; at most 128 characters.
    fn identity_hash(&self, task: &Task, options: &IdentityOptions) -> String;
}

/// Every request is another task: the engine's strategy `:default`.
///
/// ```
/// use tasker_core::models::{HashIdentity, IdentityStrategy, RandomIdentity};
///
/// let strategies: [&dyn IdentityStrategy; 2] = [&RandomIdentity, &HashIdentity];
/// # let _ = strategies;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RandomIdentity;

impl IdentityStrategy for RandomIdentity {
    fn identity_hash(&self, _task: &Task, _options: &IdentityOptions) -> String {
        random()
    }
}

/// The same request within one minute is the same task: the engine's strategy `:hash`, SHA-256 of [`IdentityOptions::to_json`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashIdentity;

impl IdentityStrategy for HashIdentity {
    fn identity_hash(&self, _task: &Task, options: &IdentityOptions) -> String {
        let digest = Sha256::digest(options.to_json());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What the engine makes identity hashes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityOptions {
    /// Name of the named task.
    pub name: String,
    /// Who asked for the task.
    pub initiator: Option<String>,
    /// Where it was asked for.
    pub source_system: Option<String>,
    /// The context as JSON, with its members in the order of the request.
    pub context: String,
    /// Why it was asked for.
    pub reason: Option<String>,
    /// Names of steps, as JSON.
    pub bypass_steps: String,
    /// When it was asked for, in the time zone of the Rails application (`config.time_zone`), which is UTC unless configured.
    pub requested_at: NaiveDateTime,
}

impl IdentityOptions {
    /// The text that the engine's strategy `:hash` takes the digest of, to the byte as ActiveSupport and the json gem (2.10 and later) write it.
    ///
    /// ```
    /// use tasker_core::models::IdentityOptions;
    ///
    /// let options = IdentityOptions {
    ///     name: "settle".into(),
    ///     initiator: Some("größer & <b>".into()),
    ///     source_system: None,
    ///     context: r#"{ "payout": 7, "share": 1e-1 }"#.into(),
    ///     reason: None,
    ///     bypass_steps: "[]".into(),
    ///     requested_at: chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap_or_default().naive_utc(),
    /// };
    /// assert_eq!(
    ///     options.to_json(),
    ///     r#"{"name":"settle","initiator":"größer \u0026 \u003cb\u003e","source_system":null,"context":{"payout":7,"share":0.1},"reason":null,"bypass_steps":[],"requested_at":"2023-11-14 22:13"}"#
    /// );
    /// ```
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"name\":");
        json::string(&self.name, &mut out);
        for (key, text) in [("initiator", &self.initiator), ("source_system", &self.source_system)] {
            member(key, text.as_deref(), &mut out);
        }
        out.push_str(",\"context\":");
        out.push_str(json::rewrite(&self.context).as_deref().unwrap_or("null"));
        member("reason", self.reason.as_deref(), &mut out);
        out.push_str(",\"bypass_steps\":");
        out.push_str(json::rewrite(&self.bypass_steps).as_deref().unwrap_or("null"));
        let at = self.requested_at;
        let minute = format!("{}{}", year(at.year()), at.format("-%m-%d %H:%M"));
        member("requested_at", Some(&minute), &mut out);
        out.push('}');
        out
    }
}

fn member(key: &str, text: Option<&str>, out: &mut String) {
    out.push_str(&format!(",\"{key}\":"));
    match text {
        Some(text) => json::string(text, out),
        None => out.push_str("null"),
    }
}

/// Ruby's `%Y`
fn year(year: i32) -> String {
    if year < 0 { format!("-{:04}", -year) } else { format!("{year:04}") }
}
