//! Operations that only the gem has: those of a round, which know what the round has read already, of recovery, and those of the registry
//! that look at what an ActiveRecord object holds.
//!
//! An entry is as in the registry, `name(session, argument: Type, …) -> answer { future }`, where `answer` makes the future's value an
//! answer.

mod answers;
mod arguments;

use crate::arguments::RubyArguments;
use crate::conversation::{Started, in_order};
use crate::operations::{self, Begun};
use crate::{analysis, drawing};
use answers::{Metrics, SnapshotAnswer, claims, statistics};
use arguments::{Created, Ended, Moved, Seen, Wanted};
use magnus::{Object, RClass, Ruby, Value, function};
use tasker_core::coroutine::Coroutine;
use tasker_core::error::Error;
use tasker_core::hosted::Arguments;
use tasker_core::ids::{StepId, TaskId, WorkerKey};
use tasker_core::machine::Owner;
use tasker_core::operations::sequence::Template;
use tasker_core::operations::transition::{self, Subject};
use tasker_core::operations::{
    analytics, definitions, execution, overview, recovery, sequence, statistics as counts, task_graph,
    task_snapshot,
};
use tasker_core::time::{Micros, Timestamp};

/// One of the gem's own operations.
pub(crate) struct Own {
    name: &'static str,
    pub(crate) start: fn(&mut RubyArguments<'_>) -> Begun,
}

/// The gem's own operation of that name.
pub(crate) fn find(name: &str) -> Option<&'static Own> {
    OWN.iter().find(|own| own.name == name)
}

macro_rules! own {
    ($(
        $(#[doc = $_doc:literal])*
        $name:ident($session:ident $(, $argument:ident: $type:ty)* $(,)?) -> $answer:path { $body:expr }
    )*) => {
        const OWN: &[Own] = &[$(Own { name: stringify!($name), start: start::$name }),*];

        mod start {
            use super::*;

            $(pub(super) fn $name(given: &mut RubyArguments<'_>) -> Begun {
                given.open(stringify!($name), &[$(stringify!($argument)),*])?;
                $(let $argument: $type = given.take(stringify!($argument))?;)*
                Ok(Coroutine::start(move |mut hosted| async move {
                    let $session = &mut hosted;
                    $body.await.map($answer)
                }))
            })*
        }

        /// Defines a function for each of them.
        pub(crate) fn define(class: RClass) -> Result<(), magnus::Error> {
            $(
                fn $name(ruby: &Ruby, given: &[Value]) -> Started {
                    operations::in_order(ruby, given, start::$name)
                }
                class.define_singleton_method(stringify!($name), function!($name, -1))?;
            )*
            Ok(())
        }
    };
}

own! {
    /// `[task, steps, [from-steps], [to-steps], [ready steps], context, statistics, [tables with row triggers]]`, where the task is `[state,
    /// version, row or nil]` and each step `[id, state, version, row or nil]`; nil where there is no such task.
    task_survey(session, task: TaskId, steps: Option<Vec<StepId>>, known: Seen) -> in_order {
        async {
            Ok::<_, Error>(task_snapshot::task_snapshot(session, task, steps.as_deref(), &known.into()).await?.map(SnapshotAnswer::from))
        }
    }

    /// `[[steps], distinct_to, definition of the task, [definitions of steps], [tables with row triggers]]`, or nil.
    established_steps(session, task: TaskId, templates: Vec<Template>) -> in_order {
        async {
            let found = sequence::established_steps(session, task, &templates).await?;
            Ok::<_, Error>(found.map(|found| {
                (found.steps, found.distinct_to, found.named_task, found.named_steps, found.row_triggers)
            }))
        }
    }

    /// `[row, [tables that have row triggers]]`, or nil.
    named_task(session, namespace: String, name: String, version: String, tables: Vec<String>) -> in_order {
        definitions::named_task_with_triggers(session, &namespace, &name, &version, &tables)
    }

    /// `[[steps], survey or nil]`, or nil where nothing was created.
    create_steps(session, task: TaskId, templates: Vec<Template>, created: Created) -> in_order {
        async {
            let Created { inputs, at, survey } = created;
            let created = sequence::create_steps(session, task, &templates, &inputs, at).await?;
            Ok::<_, Error>(created.map(|created| {
                let survey = survey.then(|| SnapshotAnswer::from(created.snapshot()));
                (created.steps, survey)
            }))
        }
    }

    /// `[transition, sort key]`, or nil where nothing was written.
    finish_step(session, step: StepId, ended: Ended) -> in_order {
        async { Ok::<_, Error>(execution::finish(session, &ended.attempt(step)).await?.map(|recorded| (recorded.id, recorded.sort_key))) }
    }

    /// `[:permitted, from]`, or the reason and the state.
    check_transition(session, owner: Owner, id: i64, wanted: Wanted) -> in_order {
        async {
            let Wanted { to, parents, claims } = wanted;
            let verdict = transition::check(session, Subject { owner, id }, &to, parents.as_deref(), claims).await?;
            Ok::<_, Error>(answers::verdict(verdict))
        }
    }

    /// `[state, [states that may follow]]`, both nil where there is no such task or step.
    allowed_transitions(session, owner: Owner, id: i64, parents: Option<Vec<StepId>>) -> in_order {
        async {
            let allowed = transition::allowed_transitions(session, Subject { owner, id }, parents.as_deref()).await?;
            Ok::<_, Error>(allowed.unzip())
        }
    }

    /// `[:moved, from, transition, sort key]`, or the reason and the state.
    transition_to(session, owner: Owner, id: i64, wanted: Moved) -> in_order {
        async { Ok::<_, Error>(answers::outcome(transition::transition(session, &wanted.request(Subject { owner, id })).await?)) }
    }

    /// `[total, completed, failed, pending, microseconds of the latest completion or nil, whether all are complete]`
    completion_statistics(session, task: TaskId) -> in_order {
        async { Ok::<_, Error>(statistics(&counts::completion_statistics(session, task).await?)) }
    }

    /// The fourteen metrics, in the engine's order.
    analytics_metrics(session, since: Option<Timestamp>) -> in_order {
        async { Ok::<_, Error>(Metrics(analytics::activity(session, since).await?)) }
    }

    /// `[key, …]`, or nil on a replica.
    unlocked_workers(session, own: Option<WorkerKey>) -> in_order { recovery::unlocked_workers(session, own) }

    /// `[[[step, token, task], …], [[task, token, whether it is shared], …]]`
    worker_claims(session, key: WorkerKey) -> in_order {
        async { Ok::<_, Error>(claims(recovery::claims(session, key).await?)) }
    }

    /// As `worker_claims`; nil where the worker lives.
    claims_of_dead_worker(session, key: WorkerKey) -> in_order {
        async { Ok::<_, Error>(recovery::claims_of_dead_worker(session, key).await?.map(claims)) }
    }

    /// `[task, …]`
    jobless_tasks(session, patience: Micros) -> in_order { recovery::jobless_tasks(session, patience) }

    /// A `TaskGraph`, or nil where an edge leads to or from another task.
    task_graph(session, task: TaskId) -> analysis::answer { task_graph::task_graph(session, task) }

    /// A `Drawing`, or nil where there is no such task.
    task_drawing(session, task: TaskId) -> drawing::answer { overview::task_overview(session, task) }
}
