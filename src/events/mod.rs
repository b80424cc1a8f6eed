//! Events: what happens to tasks and steps, for programs that want to react to it.
//!
//! The tables are the source. A [`Feed`] reads the transitions that processes in Rust and Rails have committed, each once; a [`Bridge`] does so in the
//! background and hands them to the subscribers of a [`Publisher`], with the names and payloads of the engine. So an event never stands for a
//! transition that was rolled back, a subscriber neither runs within a transition nor delays one, and it makes no difference which
//! process moved the task.
//!
//! | need | use |
//! | --- | --- |
//! | react in this process, and miss some rather than wait | [`Publisher::listen`], [`Publisher::subscribe`] |
//! | every transition, also those during a restart | [`Feed`] with a [`Position`] that is kept |
//! | the events of a run that are no transitions | [`run_workflow`] of this module |
//!
//! ```no_run
//! use std::num::NonZeroUsize;
//! use tasker_core::events::{Bridge, BridgeOptions, EventName, Filter, Publisher};
//!
//! # async fn run(options: sqlx::postgres::PgConnectOptions) -> Result<(), tasker_core::events::FeedError> {
//! let publisher = Publisher::new();
//! let failures = Filter::new().name(EventName::TaskFailed).namespace("payments");
//! publisher.listen("alarm", failures, NonZeroUsize::MIN.saturating_add(99), |event| async move {
//!     eprintln!("task {} failed: {:?}", event.task, event.payload);
//! });
//! let bridge = Bridge::start(options, publisher, BridgeOptions::default()).await?;
//! # Ok(()) }
//! ```

mod bridge;
mod event;
mod feed;
mod feed_error;
mod filter;
mod name;
mod notifications;
mod payload;
mod position;
mod publisher;
mod run;
mod statements;

pub use bridge::{Bridge, BridgeOptions, BridgeStatus};
pub use event::Event;
pub use feed::Feed;
pub use feed_error::FeedError;
pub use filter::Filter;
pub use name::{EventName, UnknownEvent};
pub use notifications::{CHANNEL, install_notifications, notifications_installed, remove_notifications};
pub use position::{Cursor, Position};
pub use publisher::{Publisher, SubscriberStatus, Subscription};
pub use run::run_workflow;
