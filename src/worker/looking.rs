//! A worker's looks for tasks, and the runs that begin with what they have found.

use super::recovery::end_own_claims;
use super::schedule::Look;
use super::served::Found;
use super::task_run::TaskRun;
use super::telemetry;
use super::worker::Worker;
use crate::error::Error;
use crate::ids::TaskId;
use crate::run::Options;
use crate::time::Micros;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Looks that find nothing between two checks that no tasks stand beyond the window of a look.
const LOOKS_A_CHECK: u32 = 4;

impl Worker {
    pub(super) async fn look(&mut self) {
        if self.connections.take_doubt() && !self.end_own_claims().await {
            return;
        }
        let began = self.now();
        let Some(look) = self.schedule.take(began) else { return };
        if look.among.is_none() && self.fruitless >= LOOKS_A_CHECK {
            return self.move_window(look).await;
        }
        let most = self.free();
        let metadata =
            self.keeper.as_ref().map_or_else(|| "{}".into(), |(holder, ..)| holder.claim_metadata());
        let session = &mut self.connections.impatient();
        let above = self.above.filter(|_| look.among.is_none());
        let found =
            self.served.start(session, &look, above, most, &metadata, crate::transitions::now()).await;
        match found {
            Ok(found) => {
                let now = self.now();
                let took = Micros(now.0 - began.0);
                self.schedule.looked(&look, took, most, found.len(), now);
                self.more = found.len() >= most;
                self.freed_at = None;
                self.totals.looks += 1;
                self.totals.started += found.len() as u64;
                if look.among.is_none() {
                    self.fruitless = if found.is_empty() { self.fruitless + 1 } else { 0 };
                }
                telemetry::looked(found.len(), self.runs.len() + found.len());
                found.into_iter().for_each(|found| self.begin(found, &metadata));
            }
            Err(error) => self.look_failed(look, &error),
        }
    }

    fn look_failed(&mut self, look: Look, error: &Error) {
        tracing::error!(%error, "tasks could not be looked for; the worker looks again");
        // It may have started tasks all the same.
        self.connections.doubt();
        let now = self.now();
        self.schedule.failed(look, now);
    }

    /// Looks at tasks beyond the window of a look, where there are such, and from the first ones again after the last.
    async fn move_window(&mut self, look: Look) {
        self.fruitless = 0;
        let session = &mut self.connections.impatient();
        match self.served.end_of_window(session, &look, self.above).await {
            Ok(end) => {
                self.fruitless = if end.is_some() { LOOKS_A_CHECK - 1 } else { 0 };
                self.above = end;
                let now = self.now();
                self.schedule.looked(&look, Micros(0), usize::MAX, 0, now);
            }
            Err(error) => self.look_failed(look, &error),
        }
    }

    /// Ends claims of this worker of which no run has read. No look is on its way meanwhile, which might claim tasks.
    pub(super) async fn end_own_claims(&mut self) -> bool {
        let Some((holder, ..)) = &self.keeper else { return true };
        let running: BTreeSet<TaskId> = self.running.values().copied().collect();
        match end_own_claims(&self.connections, holder.key(), &running).await {
            Ok(report) => {
                telemetry::recovered(&report);
                report.continued().for_each(|task| self.schedule.wake_task(task));
                true
            }
            Err(error) => {
                tracing::error!(%error, "recovery: claims of this worker could not be looked at");
                self.connections.doubt();
                let now = self.now();
                self.schedule.failed(Look { among: None, except: Vec::new() }, now);
                false
            }
        }
    }

    fn begin(&mut self, found: Found, metadata: &Arc<str>) {
        let Found { started, kind } = found;
        let task = started.task;
        let run = TaskRun {
            executor: Arc::clone(&self.executor),
            connections: self.connections.clone(),
            kind,
            config: self.options.config.snapshot(),
        };
        let options = Options {
            slots: NonZeroU32::new(self.options.steps_of_a_task).unwrap_or(NonZeroU32::MIN),
            claim_metadata: Arc::clone(metadata),
            stop: self.stop.clone(),
            ..Options::default()
        };
        let handle = self.runs.spawn(async move { run.run(started, options).await });
        self.running.insert(handle.id(), task);
    }
}
