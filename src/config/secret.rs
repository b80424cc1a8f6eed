//! Values that no log line may show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A text that `Debug` does not show.
///
/// ```
/// use tasker_core::config::Secret;
///
/// let password = Secret::from("s3cret");
/// assert_eq!(format!("{password:?}"), "[FILTERED]");
/// assert_eq!(password.expose(), "s3cret");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[FILTERED]")
    }
}

/// Names of members whose values appear in no error.
const SECRET_NAMES: [&str; 6] = ["passw", "secret", "token", "_key", "crypt", "username"];

/// Is the value of this key a secret?
pub(crate) fn is_secret(key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or(key).to_lowercase();
    SECRET_NAMES.iter().any(|part| name.contains(part))
}
