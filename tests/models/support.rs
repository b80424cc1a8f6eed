//! Questions that many tests ask.

use sqlx::PgPool;
use std::time::{Duration, Instant};
use tasker_core::Error;
use tasker_core::models::Invalid;

/// The messages of a refusal, as Rails shows them.
pub fn messages<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(Invalid { errors, .. })) => errors.iter().map(ToString::to_string).collect(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Returns once a session waits for a lock, or fails after ten seconds.
pub async fn until_blocked(pool: &PgPool, process: i32) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let blocked = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1";
    while sqlx::query_scalar::<_, Option<bool>>(blocked).bind(process).fetch_one(pool).await.unwrap()
        != Some(true)
    {
        assert!(Instant::now() < deadline, "session {process} should wait for a lock");
    }
}
