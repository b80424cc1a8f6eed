//! Creating tasks from templates, as the engine's task handlers do: a request in, a task with its steps and edges out.
//!
//! ```
//! # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
//! # doctest::in_transaction(async |tx| {
//! use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};
//!
//! let template = TaskTemplate::new("settle")
//!     .step(StepTemplate::new("bank", "reserve"))
//!     .step(StepTemplate::new("bank", "pay").after("reserve"))
//!     .step(StepTemplate::new("mail", "notify").after("reserve"));
//! let request = TaskRequest::new("settle", &serde_json::json!({ "payout_id": 7 }))?;
//!
//! let task = template.create(&request, &mut *tx).await?;
//! let steps = task.workflow_steps(&mut *tx).await?;
//! assert_eq!(steps.len(), 3);
//! assert_eq!(steps[1].parents(&mut *tx).await?, steps[..1]);
//! # Ok(()) });
//! ```

mod create;
mod error;
mod request;
mod schema;
mod template;
mod yaml;

pub use error::TemplateError;
pub use request::TaskRequest;
pub use template::{StepTemplate, TaskTemplate};
