//! The operations by name, for hosts in other languages.
//!
//! A host starts an operation by its name, with arguments from whatever its language has for an object ([`start`]), runs each statement that
//! [`HostedCoroutine::resume`] returns on a connection of its own, and reads the answer, which is serialized once more. It names no operation and no
//! type: [`OPERATIONS`] lists them, and the feature `schema` adds a JSON Schema for each. One entry in `operations.rs` adds an operation to
//! every host.
//!
//! Three things differ from [`operations`](crate::operations), whose queries suit a host that the core is written for:
//!
//! * **Parameters are text.** A driver that chooses the type of a parameter by itself may change its value: [`Statement`] has texts and nulls
//!   only, and casts them.
//! * **The session's time zone does not count.** The shared tables keep UTC, and a [`Statement`] compares with the clock in UTC, in whichever
//!   zone the session is. (A Rails application that keeps its tables in another zone cannot be asked from here.)
//! * **A panic is an error**, [`Error::Panic`](crate::Error::Panic); the coroutine is over then.
//!
//! ```
//! use tasker_core::hosted::start;
//! use tasker_core::session::{Rows, Value};
//! use tasker_core::time::Timestamp;
//!
//! let arguments = serde_json::json!({ "task": 7 });
//! let mut coroutine = start("dependency_levels", arguments, Timestamp(0))?;
//! let statement = coroutine.resume(None)?.expect("levels need rows");
//! assert_eq!(statement.binds, [Some("7".into())]);
//! assert!(statement.sql.contains("$1::text::bigint"));
//! let rows = Rows::from(vec![vec![Value::text("{1,2}"), Value::text("{1}"), Value::text("{2}")]]);
//! assert!(coroutine.resume(Some(rows))?.is_none());
//! let levels = serde_json::to_value(coroutine.answer()?)?;
//! assert_eq!(levels, serde_json::json!([{ "level": 0, "step": 1 }, { "level": 1, "step": 2 }]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod arguments;
mod coroutine;
mod json;
mod operations;
mod registry;
mod statement;

#[allow(deprecated)]
#[doc(hidden)]
pub use crate::deprecated::hosted::*;
pub use answers::{
    AllowedTransitions, Check, Drawing, Graph, GraphNode, TaskCondition, TransitionResult, ViableStep,
};
pub use arguments::{Arguments, Choice, Metadata, StartError, parse_argument};
pub use coroutine::HostedCoroutine;
pub use json::JsonCoroutine;
pub use operations::{Answer, OPERATIONS, start, start_with, typed};
pub use registry::{Argument, Operation};
pub use statement::Statement;
