//! Limits of JSON from outside.

use super::sections::JsonLimits;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::fmt;

/// JSON beyond a limit, or no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// The text has too many bytes. It is not parsed.
    #[error("JSON is too large: expected at most {limit} bytes, got {got}")]
    TooLarge {
        /// Bytes that are accepted.
        limit: u64,
        /// Bytes of the text.
        got: u64,
    },
    /// Arrays and objects lie too deep within each other.
    #[error("JSON is too deep: expected at most {limit} levels, got more")]
    TooDeep {
        /// Levels that are accepted.
        limit: u64,
    },
    /// The objects have too many members together.
    #[error("JSON has too many keys: expected at most {limit}, got more")]
    TooManyKeys {
        /// Members that are accepted.
        limit: u64,
    },
    /// A string or the name of a member is too long.
    #[error("JSON has too long a string: expected at most {limit} bytes, got {got}")]
    StringTooLong {
        /// Bytes that are accepted.
        limit: u64,
        /// Bytes of the string.
        got: u64,
    },
    /// The text is no JSON.
    #[error("expected JSON, got an error: {0}")]
    NotJson(String),
}

impl JsonLimits {
    /// Checks a text without building its values: numbers of any size pass. O(size), and constant memory besides single strings.
    ///
    /// # Errors
    ///
    /// [`LimitError`] of the first limit that is passed.
    ///
    /// ```
    /// use tasker_core::config::{LimitError, sections::JsonLimits};
    ///
    /// let limits = JsonLimits { max_depth: 2, ..JsonLimits::default() };
    /// assert_eq!(limits.check(r#"{"order": {"id": 7}}"#), Ok(()));
    /// assert_eq!(limits.check(r#"{"order": {"lines": []}}"#), Err(LimitError::TooDeep { limit: 2 }));
    /// ```
    pub fn check(&self, text: &str) -> Result<(), LimitError> {
        let got = length(text);
        if got > self.max_bytes {
            return Err(LimitError::TooLarge { limit: self.max_bytes, got });
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        self.walk(&mut deserializer)?;
        deserializer.end().map_err(|error| LimitError::NotJson(error.to_string()))
    }

    /// Checks a value: all limits but that of the text. O(size)
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    ///
    /// ```
    /// use serde_json::json;
    /// use tasker_core::config::LimitError;
    /// use tasker_core::config::sections::JsonLimits;
    ///
    /// let limits = JsonLimits { max_depth: 2, ..JsonLimits::default() };
    /// assert_eq!(limits.check_value(&json!({ "order": { "id": 7 } })), Ok(()));
    /// assert_eq!(limits.check_value(&json!({ "order": { "lines": [] } })), Err(LimitError::TooDeep { limit: 2 }));
    /// ```
    pub fn check_value(&self, value: &Json) -> Result<(), LimitError> {
        self.walk(value)
    }

    fn walk<'de, D: Deserializer<'de>>(&self, deserializer: D) -> Result<(), LimitError> {
        let mut walk = Walk { limits: self, depth: 0, keys: 0, passed: None };
        match walk.deserialize(deserializer) {
            Ok(()) => Ok(()),
            Err(error) => Err(walk.passed.unwrap_or_else(|| LimitError::NotJson(error.to_string()))),
        }
    }
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

/// The state of a walk through a document.
struct Walk<'l> {
    limits: &'l JsonLimits,
    depth: u64,
    keys: u64,
    /// The limit that ended the walk: errors of a deserializer carry text only.
    passed: Option<LimitError>,
}

impl Walk<'_> {
    fn stop<E: serde::de::Error>(&mut self, passed: LimitError) -> E {
        let error = E::custom(&passed);
        self.passed = Some(passed);
        error
    }

    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        if self.depth > self.limits.max_depth {
            return Err(self.stop(LimitError::TooDeep { limit: self.limits.max_depth }));
        }
        Ok(())
    }

    fn string<E: serde::de::Error>(&mut self, text: &str) -> Result<(), E> {
        let (limit, got) = (self.limits.max_string_bytes, length(text));
        if got > limit {
            return Err(self.stop(LimitError::StringTooLong { limit, got }));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.string(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.enter()?;
        while items.next_element_seed(&mut *self)?.is_some() {}
        self.depth -= 1;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.enter()?;
        while let Some(name) = members.next_key::<std::borrow::Cow<'_, str>>()? {
            self.string::<A::Error>(&name)?;
            self.keys += 1;
            if self.keys > self.limits.max_keys {
                return Err(self.stop(LimitError::TooManyKeys { limit: self.limits.max_keys }));
            }
            members.next_value_seed(&mut *self)?;
        }
        self.depth -= 1;
        Ok(())
    }
}
