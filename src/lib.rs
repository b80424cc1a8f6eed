//! Dependency resolution and state transitions for the workflows of the Rails engine `tasker-engine`, over the engine's
//! own PostgreSQL tables.
//!
//! A *task* is a directed acyclic graph of *steps*. Both move through small state machines whose history is kept in
//! transition tables; what may run next follows from the graph, the states and the retry policy. This crate answers
//! those questions and performs those moves. It opens no connection by itself: an operation is an `async fn` that is
//! given a [`Session`] and asks it for rows.
//!
//! | room | what is in it |
//! | --- | --- |
//! | [`ids`], [`state`], [`time`] | the words everything else is written in |
//! | [`records`] | rows as read from the database; the only shapes that cross rooms |
//! | [`graph`], [`relationships`], [`backoff`], [`readiness`], [`progress`], [`metrics`] | pure rules: facts in, answer out |
//! | [`recovery`] | which workers are dead |
//! | [`analysis`] | graphs analysed for people, over the same facts |
//! | [`blocker`] | why a step may not be run yet |
//! | [`machine`] | the two state machines as data |
//! | [`transitions`] | the state machines for programs in Rust: typed states, errors, batches |
//! | [`run`] | a workflow from its start to its end: which steps are executed when |
//! | `events` (feature `events`) | what happens to tasks and steps in all processes, with the engine's names and payloads |
//! | [`operations`] | one file a capability: asks for facts, applies the rules |
//! | [`functions`] | the engine's SQL functions as typed calls, and the same answers without them |
//! | `config` (feature `config`) | the engine's settings, read from layers |
//! | [`session`], [`coroutine`] | how an operation asks, and how a host without async answers |
//! | `hosted` (feature `hosted`) | the operations by name, for hosts in other languages |
//! | `draw` (feature `draw`) | a task or template as SVG, Mermaid and DOT, and the timeline of a task |
//! | [`store`] (feature `store`) | the session over an sqlx connection, migrations |
//! | `models` (feature `models`) | typed records of the shared tables |
//! | `templates` (feature `models`) | tasks created from templates, as the engine creates them |
//! | `factories` (feature `factories`) | workflows for tests and benches |
//! | `schema` (feature `store`) | what differs between a database and the tables that are expected |
//! | `query`, `scopes` (feature `models`) | queries over them |
//! | `worker` (feature `worker`) | processes that execute steps |
//!
//! # Asking without a database driver
//!
//! ```
//! use tasker_core::coroutine::{Conversation, Turn};
//! use tasker_core::ids::TaskId;
//! use tasker_core::operations::levels::dependency_levels;
//! use tasker_core::session::{Rows, Value};
//!
//! let mut talk = Conversation::start(|mut session| async move {
//!     dependency_levels(&mut session, TaskId(7)).await
//! });
//! let Turn::Ask(question) = talk.resume(None)? else { unreachable!("levels need rows") };
//! assert_eq!(question.binds, [Value::Int(7)]);
//! // The host runs `question.sql` wherever it likes and comes back with the rows.
//! let rows = Rows::from(vec![vec![Value::text("{1,2}"), Value::text("{1}"), Value::text("{2}")]]);
//! let Turn::Done(levels) = talk.resume(Some(rows))? else { unreachable!("one question is enough") };
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

#[doc(hidden)]
pub use deprecated::{conversation, facts, kinship};
pub use error::Error;
#[cfg(feature = "models")]
pub use sea_query;
pub use session::Session;
