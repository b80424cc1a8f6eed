//! The run of a task by a worker.

use super::connections::Connections;
use super::executor::Executor;
use super::recovery::notify;
use super::telemetry;
use crate::config::Config;
use crate::error::Error;
use crate::run::{Options, Outcome, Pause, StartedTask, StepExecution, run_started};
use std::sync::Arc;
use tracing::Instrument;

/// What a run of a task needs.
pub(super) struct TaskRun {
    pub(super) executor: Arc<Executor>,
    pub(super) connections: Connections,
    pub(super) kind: usize,
    pub(super) config: Arc<Config>,
}

impl TaskRun {
    pub(super) async fn run(self, started: StartedTask, options: Options) -> Result<Outcome, Error> {
        let task = started.task;
        let kind = self.executor.kind(self.kind);
        let span = telemetry::task_span(task, kind);
        // The compiler does not see that the future of an async closure that borrows is Send.
        let (executor, place, config) = (Arc::clone(&self.executor), self.kind, self.config);
        let handler = move |execution: StepExecution| {
            let (executor, config) = (Arc::clone(&executor), Arc::clone(&config));
            async move { executor.execute(place, execution, config).await }
        };
        let session = &mut self.connections.session();
        let outcome = run_started(session, started, options, handler).instrument(span.clone()).await;
        telemetry::ran(&span, kind, &outcome);
        if let Ok(Outcome::Pending { pause: Pause::OtherSteps, .. }) = outcome {
            notify(session, [task]).await?;
        }
        outcome
    }
}
