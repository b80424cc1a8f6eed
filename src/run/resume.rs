//! Runs of tasks that were claimed elsewhere, and of some steps only.

use super::event::{Event, EventKind};
use super::options::Options;
use super::stage::Stage;
use super::tracked::TrackedTask;
use super::workflow_run::WorkflowRun;
use crate::error::Error;
use crate::graph::csr::{CsrGraph, GraphVersion};
use crate::ids::{StepId, TaskId, TransitionId};
use crate::operations::snapshot;
use crate::readiness::{is_ready, next_wait};
use crate::records::StepSnapshot;
use crate::session::Row;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A switch that ends runs early: a run claims no further step once it is set, and leaves its task pending when the steps that are executed
/// have ended. Clones share one switch.
///
/// ```
/// use tasker_core::run::Stop;
///
/// let stop = Stop::default();
/// let of_a_run = stop.clone();
/// stop.set();
/// assert!(of_a_run.is_set());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the runs that have it in their options.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was set.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl PartialEq for Stop {
    /// Whether both are the same switch.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Stop {}

/// A task that a statement has started: its claim, its graph, and the steps that the run may execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StartedTask {
    pub(crate) task: TaskId,
    pub(crate) claim: TransitionId,
    pub(crate) steps: Vec<StepId>,
    pub(crate) edges: Vec<crate::records::Edge>,
    pub(crate) done: Vec<StepId>,
    /// The steps that the run may execute; `None` for all.
    pub(crate) own: Option<BTreeSet<StepId>>,
}

impl StartedTask {
    /// Reads five columns from `first` on: the claim, and the arrays of [`sql::run::start`](crate::sql::run::start).
    pub(crate) fn decode(row: Row<'_>, first: usize, task: TaskId) -> Result<Self, Error> {
        let ids = |column| Ok::<_, Error>(row.int_array(column)?.into_iter().map(StepId).collect::<Vec<_>>());
        Ok(StartedTask {
            task,
            claim: TransitionId(row.int(first)?),
            steps: ids(first + 1)?,
            edges: snapshot::edges(row, first + 2, first + 3)?,
            done: ids(first + 4)?,
            own: None,
        })
    }
}

impl WorkflowRun {
    /// A run of a task that is claimed already, with `options` whose claims have the metadata of that claim.
    #[cfg_attr(not(feature = "worker"), allow(dead_code))]
    pub(crate) fn resume(started: StartedTask, options: Options) -> Self {
        let mut run = WorkflowRun::start(started.task, options);
        run.accept(started);
        run.stage = Stage::Resumed;
        run
    }

    #[cfg(feature = "store")]
    pub(super) fn stop(&self) -> Stop {
        self.options.stop.clone()
    }

    pub(super) fn accept(&mut self, started: StartedTask) {
        let StartedTask { task, claim, steps, edges, done, own } = started;
        self.claim = Some(claim);
        let graph = CsrGraph::new(task, GraphVersion::default(), steps, edges);
        self.tracked = graph.map(|graph| TrackedTask::new(graph, done));
        self.own = own;
        self.publish(EventKind::TaskStarted, || Event::TaskStarted);
    }

    pub(super) fn is_own(&self, step: StepId) -> bool {
        self.own.as_ref().is_none_or(|own| own.contains(&step))
    }

    /// The steps of the snapshot that the run may execute, and the others.
    pub(super) fn divided(&self, steps: &StepSnapshot) -> Divided {
        let (own, others) = steps.steps.iter().cloned().partition(|step| self.is_own(step.id));
        let of = |part| StepSnapshot { now: steps.now, steps: part };
        Divided { own: of(own), others: of(others) }
    }
}

/// A snapshot in two parts.
pub(super) struct Divided {
    pub(super) own: StepSnapshot,
    others: StepSnapshot,
}

impl Divided {
    pub(super) fn has_own_ready(&self) -> bool {
        self.own.steps.iter().any(|step| is_ready(step, self.own.now))
    }

    /// Whether one of the others can be executed, now or after a wait.
    pub(super) fn hands_over(&self) -> bool {
        next_wait(&self.others).is_some()
    }
}
