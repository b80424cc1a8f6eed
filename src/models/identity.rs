//! What makes two requests the same task.

/// A random UUID, version 4.
pub(crate) fn random() -> String {
    uuid::Uuid::new_v4().to_string()
}
