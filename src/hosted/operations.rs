//! The list of operations. A new entry appears in every host, with its types and its documentation.

use super::registry::operations;
use super::{
    AllowedTransitions, Check, Choice, Drawing, Graph, Metadata, TaskCondition, TransitionResult, ViableStep,
};
use crate::analysis::template::{TemplateAnalysis, TemplateGraph};
use crate::blocker::Blocker;
use crate::error::Error;
use crate::graph::Level;
use crate::ids::{StepId, TaskId, TransitionId};
use crate::machine::Owner;
use crate::metrics::{Activity, Rates};
use crate::operations::execution::{Attempt, Changes, Ending};
use crate::operations::ready::ReadyStep;
use crate::operations::sequence::{Established, Template};
use crate::operations::slowest::{SlowStep, SlowTask};
use crate::operations::statistics::{CompletionStatistics, SystemLoad};
use crate::operations::task_kinds::{KindOfTask, TaskKind};
use crate::operations::task_snapshot::{KnownVersions, TaskSnapshot};
use crate::operations::transition::{Claims, Recorded, Request, Subject};
use crate::operations::{
    analytics, context, definitions, edges, execution, levels, overview, readiness, ready, relationships,
    sequence, slowest, statistics, task_graph, task_kinds, task_snapshot, transition,
};
use crate::progress::ExecutionContext;
use crate::readiness::Readiness;
use crate::records::{Edge, EdgeRow, NamedTask};
use crate::relationships::Relationship;
use crate::state::State;
use crate::time::{Micros, Timestamp};

operations! {
    $

    /// Returns the readiness of a task's steps, or of those among `steps`, by id.
    step_readiness(session, now,
        /// The task.
        task: TaskId,
        /// All steps of the task where it is left out; steps of other tasks are ignored.
        steps: Option<Vec<StepId>>,
    ) -> Vec<Readiness> { readiness::step_readiness(session, task, steps.as_deref()) }

    /// Returns the readiness of all steps of many tasks, by task and step.
    step_readiness_of_tasks(session, now,
        /// The tasks.
        tasks: Vec<TaskId>,
    ) -> Vec<Readiness> { readiness::step_readiness_of_tasks(session, &tasks) }

    /// Returns the steps of some tasks that may be run now, by task and step.
    ready_steps(session, now,
        /// The tasks.
        tasks: Vec<TaskId>,
    ) -> Vec<ReadyStep> { ready::ready_steps(session, &tasks) }

    /// Returns those among `steps` of a task that may be run now, with their states.
    viable_steps(session, now,
        /// The task.
        task: TaskId,
        /// The steps to choose from.
        steps: Vec<StepId>,
    ) -> Vec<ViableStep> {
        async {
            let viable = readiness::viable_steps(session, task, &steps).await?;
            Ok(viable.into_iter().map(|(step, state)| ViableStep { step, state }).collect())
        }
    }

    /// Returns the microseconds until a step of the task may be run: 0 where one may be run now, null where none ever may as things are.
    next_wait(session, now,
        /// The task.
        task: TaskId,
    ) -> Option<Micros> { readiness::next_wait(session, task) }

    /// Returns what keeps each step of a task from being run, by step id; null for a step that may be run, is running or is done. Null where
    /// there is no such task.
    blockers(session, now,
        /// The task.
        task: TaskId,
    ) -> Option<Vec<Option<Blocker>>> {
        async { Ok(overview::task_overview(session, task).await?.map(|task| task.blockers())) }
    }

    /// Returns how far tasks have come, by task. Unknown tasks are left out.
    task_execution_contexts(session, now,
        /// The tasks.
        tasks: Vec<TaskId>,
    ) -> Vec<ExecutionContext> { context::task_execution_contexts(session, &tasks) }

    /// Returns how far a task has come with the readiness of its steps, of one moment; null where there is no such task.
    task_condition(session, now,
        /// The task.
        task: TaskId,
    ) -> Option<TaskCondition> {
        async { Ok(context::task_condition(session, task).await?.map(|(context, steps)| TaskCondition { context, steps })) }
    }

    /// Returns a task with the rows and states of its steps, of one moment; null where there is no such task.
    task_snapshot(session, now,
        /// The task.
        task: TaskId,
        /// Only these steps and their parents; all where it is left out.
        steps: Option<Vec<StepId>>,
    ) -> Option<TaskSnapshot> { async { task_snapshot::task_snapshot(session, task, steps.as_deref(), &KnownVersions::default()).await } }

    /// Returns the longest distance of each step of a task from a root, by level, then step.
    dependency_levels(session, now,
        /// The task.
        task: TaskId,
    ) -> Vec<Level> { levels::dependency_levels(session, task) }

    /// Counts the steps of a task.
    completion_statistics(session, now,
        /// The task.
        task: TaskId,
    ) -> CompletionStatistics { statistics::completion_statistics(session, task) }

    /// Counts the tasks, steps and connections of the whole database.
    system_load(session, now) -> SystemLoad { statistics::system_load(session) }

    /// Counts the work of a period.
    activity(session, now,
        /// Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
        since: Option<Timestamp>,
    ) -> Activity { analytics::activity(session, since) }

    /// Returns the shares and mean durations of a period.
    activity_rates(session, now,
        /// Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
        since: Option<Timestamp>,
    ) -> Rates { async { Ok(Rates::of(&analytics::activity(session, since).await?)) } }

    /// Returns the slowest steps, the slowest first.
    slowest_steps(session, now,
        /// Limits the list.
        choice: Option<Choice>,
    ) -> Vec<SlowStep> { async { slowest::slowest_steps(session, &choice.unwrap_or_default().into()).await } }

    /// Returns the slowest tasks, the slowest first.
    slowest_tasks(session, now,
        /// Limits the list.
        choice: Option<Choice>,
    ) -> Vec<SlowTask> { async { slowest::slowest_tasks(session, &choice.unwrap_or_default().into()).await } }

    /// Returns the state of a task or step; `pending` where it has no transition.
    current_state(session, now,
        /// Whether `id` is a task's or a step's.
        owner: Owner,
        /// The id of the task or step.
        id: i64,
    ) -> State { transition::current_state(session, Subject { owner, id }) }

    /// Returns the state of a task or step with the states that may follow it now; null where there is no such task or step.
    allowed_transitions(session, now,
        /// Whether `id` is a task's or a step's.
        owner: Owner,
        /// The id of the task or step.
        id: i64,
    ) -> Option<AllowedTransitions> {
        async {
            let allowed = transition::allowed_transitions(session, Subject { owner, id }, None).await?;
            Ok(allowed.map(|(state, allowed)| AllowedTransitions { state, allowed }))
        }
    }

    /// Checks whether a task or step may move to a state now; writes nothing.
    check_transition(session, now,
        /// Whether `id` is a task's or a step's.
        owner: Owner,
        /// The id of the task or step.
        id: i64,
        /// The state to move to.
        to: State,
        /// Claims that must not have been lost.
        claims: Option<Claims>,
    ) -> Check {
        async {
            let subject = Subject { owner, id };
            Ok(transition::check(session, subject, &to, None, claims.unwrap_or_default()).await?.into())
        }
    }

    /// Moves a task or step to a state, or returns why it is refused.
    transition_to(session, now,
        /// Whether `id` is a task's or a step's.
        owner: Owner,
        /// The id of the task or step.
        id: i64,
        /// The state to move to.
        to: State,
        /// The only state that it may come from; any that the machine allows where it is left out.
        from_state: Option<State>,
        /// A JSON object to record with the transition; empty where it is left out.
        metadata: Option<Metadata>,
        /// Claims that must not have been lost.
        claims: Option<Claims>,
        /// The instant to record in microseconds since 1970 (UTC); now where it is left out.
        at: Option<Timestamp>,
    ) -> TransitionResult {
        async {
            let request = Request {
                subject: Subject { owner, id },
                to,
                from: from_state,
                metadata: Metadata::text(metadata),
                at: at.unwrap_or_else(now),
                parents: None,
                claims: claims.unwrap_or_default(),
            };
            Ok(transition::transition(session, &request).await?.into())
        }
    }

    /// Ends the attempt of a step that is in progress: writes its row and its transition together. Returns null, and writes nothing, where the
    /// step is not in progress by this claim.
    finish_step(session, now,
        /// The step.
        step: StepId,
        /// How the attempt ended.
        ending: Ending,
        /// Attempts made, this one included.
        attempts: i32,
        /// The results to keep, as JSON text; unchanged where it is left out.
        results: Option<Box<str>>,
        /// The transition to in progress with which the attempt began; any where it is left out.
        claim: Option<TransitionId>,
        /// The instant to record in microseconds since 1970 (UTC); now where it is left out.
        at: Option<Timestamp>,
    ) -> Option<Recorded> {
        async {
            let at = at.unwrap_or_else(now);
            let complete = ending == Ending::Complete;
            let changes = Changes {
                processed: Some(complete),
                in_process: Some(false),
                processed_at: complete.then_some(at),
                results: results.map(Some),
            };
            let attempt =
                Attempt { step, ending, attempts, last_attempted_at: at, changes, distinct_to: None, claim, at };
            execution::finish(session, &attempt).await
        }
    }

    /// Completes a task that is in progress and all of whose steps are done. Returns null, and writes nothing, otherwise.
    finish_task(session, now,
        /// The task.
        task: TaskId,
        /// The transition to in progress of the worker; any where it is left out.
        claim: Option<TransitionId>,
        /// The instant to record in microseconds since 1970 (UTC); now where it is left out.
        at: Option<Timestamp>,
    ) -> Option<Recorded> { execution::finish_task(session, task, claim, at.unwrap_or_else(now)) }

    /// Returns the definition of tasks; null where there is none.
    named_task(session, now,
        /// The name of its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// Its version, such as `0.1.0`.
        version: String,
    ) -> Option<NamedTask> { async { definitions::named_task(session, &namespace, &name, &version).await } }

    /// Returns the kind of a task, that is, the namespace, name and version of its definition, and the names of its steps; null where there is
    /// no such task.
    task_kind(session, now,
        /// The task.
        task: TaskId,
    ) -> Option<KindOfTask> { task_kinds::task_kind(session, task) }

    /// Returns the first pending tasks of some kinds, by id. `ready_steps` finds those among them that can go on now.
    pending_tasks(session, now,
        /// The kinds of tasks.
        kinds: Vec<TaskKind>,
        /// Only tasks with greater ids, where it is not left out.
        above: Option<TaskId>,
        /// How many; 200 where it is left out.
        limit: Option<u32>,
    ) -> Vec<TaskId> {
        async { task_kinds::pending_tasks(session, &kinds, above, limit.unwrap_or(200)).await }
    }

    /// Returns the steps of a task in the order of `templates`, with their definitions; null where any step or edge is missing.
    established_steps(session, now,
        /// The task.
        task: TaskId,
        /// The steps as the task's handler declares them.
        templates: Vec<Template>,
    ) -> Option<Established> { async { sequence::established_steps(session, task, &templates).await } }

    /// Creates the steps of a task that has none, with their edges; returns their ids in the order of `templates`. Returns null, and writes
    /// nothing, where a definition is missing, the task has steps, or another session is creating them.
    create_steps(session, now,
        /// The task.
        task: TaskId,
        /// The steps as the task's handler declares them.
        templates: Vec<Template>,
        /// The inputs of each step, as JSON text.
        inputs: String,
        /// The instant to record in microseconds since 1970 (UTC); now where it is left out.
        at: Option<Timestamp>,
    ) -> Option<Vec<StepId>> {
        async {
            let created = sequence::create_steps(session, task, &templates, &inputs, at.unwrap_or_else(now)).await?;
            Ok(created.map(|created| created.steps))
        }
    }

    /// Checks whether an edge would close a cycle.
    closes_cycle(session, now,
        /// The edge that does not exist yet.
        edge: Edge,
    ) -> bool { edges::closes_cycle(session, edge) }

    /// Returns the edges that end at steps with exactly the parents of `step`, by id.
    sibling_edges(session, now,
        /// The step.
        step: StepId,
    ) -> Vec<EdgeRow> { edges::sibling_edges(session, step) }

    /// Returns the parents, children and depth of steps, by task and step.
    relationships_of_steps(session, now,
        /// The steps.
        steps: Vec<StepId>,
    ) -> Vec<Relationship> { relationships::of_steps(session, &steps) }

    /// Returns the parents, children and depth of all steps of tasks, by task and step.
    relationships_of_tasks(session, now,
        /// The tasks.
        tasks: Vec<TaskId>,
    ) -> Vec<Relationship> { relationships::of_tasks(session, &tasks) }

    /// Returns the steps and edges of a task; null where an edge leads to or from another task.
    task_graph(session, now,
        /// The task.
        task: TaskId,
    ) -> Option<Graph> { async { Ok(task_graph::task_graph(session, task).await?.map(Graph::from)) } }

    /// Draws a task as SVG, Mermaid and DOT, and its attempts over time as SVG; null where there is no such task.
    task_drawing(session, now,
        /// The task.
        task: TaskId,
    ) -> Option<Drawing> { async { Ok(overview::task_overview(session, task).await?.as_ref().map(Drawing::from)) } }

    /// Analyses the graph of a template, without a statement; null where a place is out of range.
    template_analysis(session, now,
        /// For each step, the places of the steps that it depends on, counted from 0.
        dependencies: Vec<Vec<usize>>,
    ) -> Option<TemplateAnalysis> {
        async { Ok::<_, Error>(TemplateGraph::new(dependencies).map(|graph| graph.analyse())) }
    }
}
