//! Dependency resolution and state transitions for the workflows of the Rails engine `tasker-engine`, over the engine's
//! own PostgreSQL tables.
//!
//! A *task* is a directed acyclic graph of *steps*. Both change states by small state machines whose history is stored in
//! transition tables; the steps that can run next follow from the graph, the states and the retry policy. This crate computes
//! readiness and performs transitions. It opens no connection by itself: an operation is an `async fn` that
//! receives a [`Session`] and requests rows from it.
//!
//! | module | content |
//! | --- | --- |
//! | [`ids`], [`state`], [`time`] | basic types |
//! | [`records`] | rows as read from the database; the only types that cross modules |
//! | [`graph`], [`relationships`], [`backoff`], [`readiness`], [`progress`], [`metrics`] | pure rules: records in, result out |
//! | [`recovery`] | rules that detect dead workers |
//! | [`analysis`] | critical paths of tasks and templates, from the same records |
//! | [`blocker`] | the reason why a step does not run |
//! | [`machine`] | the two state machines as data |
//! | [`transitions`] | the state machines for Rust programs: typed states, errors, batches |
//! | [`run`] | a workflow from its start to its end: which steps are executed when |
//! | `events` (feature `events`) | transitions of all processes, with the engine's names and payloads |
//! | [`operations`] | one file a capability: reads records, applies the rules |
//! | [`functions`] | the engine's SQL functions as typed calls, and their native equivalents |
//! | `config` (feature `config`) | the engine's settings, read from layers |
//! | [`session`], [`coroutine`] | how an operation requests rows, and how a host without async resumes it |
//! | `hosted` (feature `hosted`) | the operations by name, for hosts in other languages |
//! | `draw` (feature `draw`) | a task or template as SVG, Mermaid and DOT, and the timeline of a task |
//! | [`store`] (feature `store`) | the session over an sqlx connection, migrations |
//! | `models` (feature `models`) | typed models of the shared tables |
//! | `templates` (feature `models`) | tasks created from templates, with the engine's rows |
//! | `factories` (feature `factories`) | workflows for tests and benches |
//! | `schema` (feature `store`) | differences between a database and the expected tables |
//! | `query`, `scopes` (feature `models`) | queries over the models |
//! | `worker` (feature `worker`) | processes that execute steps |
//!
//! # Use without a database driver
//!
//! ```
//! use tasker_core::coroutine::{Coroutine, CoroutineState};
//! use tasker_core::ids::TaskId;
//! use tasker_core::operations::levels::dependency_levels;
//! use tasker_core::session::{Rows, Value};
//!
//! let mut coroutine = Coroutine::start(|mut session| async move {
//!     dependency_levels(&mut session, TaskId(7)).await
//! });
//! let CoroutineState::Ask(query) = coroutine.resume(None)? else { unreachable!("levels need rows") };
//! assert_eq!(query.binds, [Value::Int(7)]);
//! // The host executes `query.sql` with any driver and resumes the coroutine with the rows.
//! let rows = Rows::from(vec![vec![Value::text("{1,2}"), Value::text("{1}"), Value::text("{2}")]]);
//! let CoroutineState::Done(levels) = coroutine.resume(Some(rows))? else { unreachable!("one statement is enough") };
//! assert_eq!(levels.iter().map(|l| l.level).collect::<Vec<_>>(), [0, 1]);
//! # Ok::<(), tasker_core::Error>(())
//! ```

#![forbid(unsafe_code)]

pub mod analysis;
pub mod backoff;
pub mod blocker;
#[cfg(feature = "config")]
pub mod config;
pub mod coroutine;
mod deprecated;
#[cfg(feature = "draw")]
pub mod draw;
pub mod error;
#[cfg(feature = "events")]
pub mod events;
#[cfg(feature = "factories")]
pub mod factories;
pub mod functions;
pub mod graph;
#[cfg(feature = "hosted")]
pub mod hosted;
pub mod ids;
pub mod machine;
pub mod metrics;
#[cfg(feature = "models")]
pub mod models;
pub mod operations;
pub mod progress;
#[cfg(feature = "models")]
pub mod query;
pub mod readiness;
pub mod records;
pub mod recovery;
pub mod relationships;
pub mod run;
#[cfg(feature = "store")]
pub mod schema;
#[cfg(feature = "models")]
pub mod scopes;
pub mod session;
mod sql;
pub mod state;
#[cfg(feature = "store")]
pub mod store;
#[cfg(feature = "models")]
pub mod templates;
pub mod time;
pub mod transitions;
#[cfg(feature = "worker")]
pub mod worker;

#[allow(deprecated)]
#[doc(hidden)]
pub use deprecated::root::*;
pub use error::Error;
#[cfg(feature = "models")]
pub use sea_query;
pub use session::Session;
