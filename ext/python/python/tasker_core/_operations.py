"""The operations as methods. Made from tests/hosted/operations.json by ext/python/tools/generate.py; do not edit.

sha256 of its source: fa3c723c7300f3e7c8dd1093cd15d35e079572f4d7026ec9be7dcd81e383637f
"""

from __future__ import annotations

from ._base import AsyncBase, Base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .types import (
        Activity,
        AllowedTransitions,
        Blocker,
        Check,
        Choice,
        Claims,
        CompletionStatistics,
        Drawing,
        Edge,
        EdgeRow,
        Ending,
        Established,
        ExecutionContext,
        Graph,
        KindOfTask,
        Level,
        Metadata,
        Micros,
        NamedTask,
        Owner,
        Rates,
        Readiness,
        ReadyStep,
        Recorded,
        Relationship,
        SlowStep,
        SlowTask,
        State,
        StepId,
        SystemLoad,
        TaskCondition,
        TaskId,
        TaskKind,
        TaskSnapshot,
        Template,
        TemplateAnalysis,
        Timestamp,
        TransitionId,
        TransitionResult,
        ViableStep,
    )


class Tasker(Base):
    """The operations on a connection that blocks; made by ``tasker_core.on``."""

    __slots__ = ()

    def step_readiness(self, *, task: TaskId, steps: Sequence[StepId] | None = None) -> list[Readiness]:
        """Returns the readiness of a task's steps, or of those among `steps`, by id.

        :param task: The task.
        :param steps: All steps of the task where it is left out; steps of other tasks are ignored.
        """
        answer: list[Readiness] = self._call("step_readiness", {"task": task, "steps": steps})
        return answer

    def step_readiness_of_tasks(self, *, tasks: Sequence[TaskId]) -> list[Readiness]:
        """Returns the readiness of all steps of many tasks, by task and step.

        :param tasks: The tasks.
        """
        answer: list[Readiness] = self._call("step_readiness_of_tasks", {"tasks": tasks})
        return answer

    def ready_steps(self, *, tasks: Sequence[TaskId]) -> list[ReadyStep]:
        """Returns the steps of some tasks that may be run now, by task and step.

        :param tasks: The tasks.
        """
        answer: list[ReadyStep] = self._call("ready_steps", {"tasks": tasks})
        return answer

    def viable_steps(self, *, task: TaskId, steps: Sequence[StepId]) -> list[ViableStep]:
        """Returns those among `steps` of a task that may be run now, with their states.

        :param task: The task.
        :param steps: The steps to choose from.
        """
        answer: list[ViableStep] = self._call("viable_steps", {"task": task, "steps": steps})
        return answer

    def next_wait(self, *, task: TaskId) -> Micros | None:
        """Returns the microseconds until a step of the task may be run: 0 where one may be run now, None where none ever may as things are.

        :param task: The task.
        """
        answer: Micros | None = self._call("next_wait", {"task": task})
        return answer

    def blockers(self, *, task: TaskId) -> list[Blocker | None] | None:
        """Returns what keeps each step of a task from being run, by step id; None for a step that may be run, is running or is done. None where there is no such task.

        :param task: The task.
        """
        answer: list[Blocker | None] | None = self._call("blockers", {"task": task})
        return answer

    def task_execution_contexts(self, *, tasks: Sequence[TaskId]) -> list[ExecutionContext]:
        """Returns how far tasks have come, by task. Unknown tasks are left out.

        :param tasks: The tasks.
        """
        answer: list[ExecutionContext] = self._call("task_execution_contexts", {"tasks": tasks})
        return answer

    def task_condition(self, *, task: TaskId) -> TaskCondition | None:
        """Returns how far a task has come with the readiness of its steps, of one moment; None where there is no such task.

        :param task: The task.
        """
        answer: TaskCondition | None = self._call("task_condition", {"task": task})
        return answer

    def task_snapshot(self, *, task: TaskId, steps: Sequence[StepId] | None = None) -> TaskSnapshot | None:
        """Returns a task with the rows and states of its steps, of one moment; None where there is no such task.

        :param task: The task.
        :param steps: Only these steps and their parents; all where it is left out.
        """
        answer: TaskSnapshot | None = self._call("task_snapshot", {"task": task, "steps": steps})
        return answer

    def dependency_levels(self, *, task: TaskId) -> list[Level]:
        """Returns the longest distance of each step of a task from a root, by level, then step.

        :param task: The task.
        """
        answer: list[Level] = self._call("dependency_levels", {"task": task})
        return answer

    def completion_statistics(self, *, task: TaskId) -> CompletionStatistics:
        """Counts the steps of a task.

        :param task: The task.
        """
        answer: CompletionStatistics = self._call("completion_statistics", {"task": task})
        return answer

    def system_load(self) -> SystemLoad:
        """Counts the tasks, steps and connections of the whole database."""
        answer: SystemLoad = self._call("system_load", {})
        return answer

    def activity(self, *, since: Timestamp | None = None) -> Activity:
        """Counts the work of a period.

        :param since: Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
        """
        answer: Activity = self._call("activity", {"since": since})
        return answer

    def activity_rates(self, *, since: Timestamp | None = None) -> Rates:
        """Returns the shares and mean durations of a period.

        :param since: Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
        """
        answer: Rates = self._call("activity_rates", {"since": since})
        return answer

    def slowest_steps(self, *, choice: Choice | None = None) -> list[SlowStep]:
        """Returns the slowest steps, the slowest first.

        :param choice: Limits the list.
        """
        answer: list[SlowStep] = self._call("slowest_steps", {"choice": choice})
        return answer

    def slowest_tasks(self, *, choice: Choice | None = None) -> list[SlowTask]:
        """Returns the slowest tasks, the slowest first.

        :param choice: Limits the list.
        """
        answer: list[SlowTask] = self._call("slowest_tasks", {"choice": choice})
        return answer

    def current_state(self, *, owner: Owner, id: int) -> State:
        """Returns the state of a task or step; `pending` where it has no transition.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        """
        answer: State = self._call("current_state", {"owner": owner, "id": id})
        return answer

    def allowed_transitions(self, *, owner: Owner, id: int) -> AllowedTransitions | None:
        """Returns the state of a task or step with the states that may follow it now; None where there is no such task or step.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        """
        answer: AllowedTransitions | None = self._call("allowed_transitions", {"owner": owner, "id": id})
        return answer

    def check_transition(self, *, owner: Owner, id: int, to: State, claims: Claims | None = None) -> Check:
        """Checks whether a task or step may move to a state now; writes nothing.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        :param to: The state to move to.
        :param claims: Claims that must not have been lost.
        """
        answer: Check = self._call("check_transition", {"owner": owner, "id": id, "to": to, "claims": claims})
        return answer

    def transition_to(self, *, owner: Owner, id: int, to: State, from_state: State | None = None, metadata: Metadata | None = None, claims: Claims | None = None, at: Timestamp | None = None) -> TransitionResult:
        """Moves a task or step to a state, or returns why it is refused.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        :param to: The state to move to.
        :param from_state: The only state that it may come from; any that the machine allows where it is left out.
        :param metadata: A JSON object to record with the transition; empty where it is left out.
        :param claims: Claims that must not have been lost.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: TransitionResult = self._call("transition_to", {"owner": owner, "id": id, "to": to, "from_state": from_state, "metadata": metadata, "claims": claims, "at": at})
        return answer

    def finish_step(self, *, step: StepId, ending: Ending, attempts: int, results: str | None = None, claim: TransitionId | None = None, at: Timestamp | None = None) -> Recorded | None:
        """Ends the attempt of a step that is in progress: writes its row and its transition together. Returns None, and writes nothing, where the step is not in progress by this claim.

        :param step: The step.
        :param ending: How the attempt ended.
        :param attempts: Attempts made, this one included.
        :param results: The results to keep, as JSON text; unchanged where it is left out.
        :param claim: The transition to in progress with which the attempt began; any where it is left out.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: Recorded | None = self._call("finish_step", {"step": step, "ending": ending, "attempts": attempts, "results": results, "claim": claim, "at": at})
        return answer

    def finish_task(self, *, task: TaskId, claim: TransitionId | None = None, at: Timestamp | None = None) -> Recorded | None:
        """Completes a task that is in progress and all of whose steps are done. Returns None, and writes nothing, otherwise.

        :param task: The task.
        :param claim: The transition to in progress of the worker; any where it is left out.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: Recorded | None = self._call("finish_task", {"task": task, "claim": claim, "at": at})
        return answer

    def named_task(self, *, namespace: str, name: str, version: str) -> NamedTask | None:
        """Returns the definition of tasks; None where there is none.

        :param namespace: The name of its namespace.
        :param name: Its name.
        :param version: Its version, such as `0.1.0`.
        """
        answer: NamedTask | None = self._call("named_task", {"namespace": namespace, "name": name, "version": version})
        return answer

    def task_kind(self, *, task: TaskId) -> KindOfTask | None:
        """Returns the kind of a task, that is, the namespace, name and version of its definition, and the names of its steps; None where there is no such task.

        :param task: The task.
        """
        answer: KindOfTask | None = self._call("task_kind", {"task": task})
        return answer

    def pending_tasks(self, *, kinds: Sequence[TaskKind], above: TaskId | None = None, limit: int | None = None) -> list[TaskId]:
        """Returns the first pending tasks of some kinds, by id. `ready_steps` finds those among them that can go on now.

        :param kinds: The kinds of tasks.
        :param above: Only tasks with greater ids, where it is not left out.
        :param limit: How many; 200 where it is left out.
        """
        answer: list[TaskId] = self._call("pending_tasks", {"kinds": kinds, "above": above, "limit": limit})
        return answer

    def established_steps(self, *, task: TaskId, templates: Sequence[Template]) -> Established | None:
        """Returns the steps of a task in the order of `templates`, with their definitions; None where any step or edge is missing.

        :param task: The task.
        :param templates: The steps as the task's handler declares them.
        """
        answer: Established | None = self._call("established_steps", {"task": task, "templates": templates})
        return answer

    def create_steps(self, *, task: TaskId, templates: Sequence[Template], inputs: str, at: Timestamp | None = None) -> list[StepId] | None:
        """Creates the steps of a task that has none, with their edges; returns their ids in the order of `templates`. Returns None, and writes nothing, where a definition is missing, the task has steps, or another session is creating them.

        :param task: The task.
        :param templates: The steps as the task's handler declares them.
        :param inputs: The inputs of each step, as JSON text.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: list[StepId] | None = self._call("create_steps", {"task": task, "templates": templates, "inputs": inputs, "at": at})
        return answer

    def closes_cycle(self, *, edge: Edge) -> bool:
        """Checks whether an edge would close a cycle.

        :param edge: The edge that does not exist yet.
        """
        answer: bool = self._call("closes_cycle", {"edge": edge})
        return answer

    def sibling_edges(self, *, step: StepId) -> list[EdgeRow]:
        """Returns the edges that end at steps with exactly the parents of `step`, by id.

        :param step: The step.
        """
        answer: list[EdgeRow] = self._call("sibling_edges", {"step": step})
        return answer

    def relationships_of_steps(self, *, steps: Sequence[StepId]) -> list[Relationship]:
        """Returns the parents, children and depth of steps, by task and step.

        :param steps: The steps.
        """
        answer: list[Relationship] = self._call("relationships_of_steps", {"steps": steps})
        return answer

    def relationships_of_tasks(self, *, tasks: Sequence[TaskId]) -> list[Relationship]:
        """Returns the parents, children and depth of all steps of tasks, by task and step.

        :param tasks: The tasks.
        """
        answer: list[Relationship] = self._call("relationships_of_tasks", {"tasks": tasks})
        return answer

    def task_graph(self, *, task: TaskId) -> Graph | None:
        """Returns the steps and edges of a task; None where an edge leads to or from another task.

        :param task: The task.
        """
        answer: Graph | None = self._call("task_graph", {"task": task})
        return answer

    def task_drawing(self, *, task: TaskId) -> Drawing | None:
        """Draws a task as SVG, Mermaid and DOT, and its attempts over time as SVG; None where there is no such task.

        :param task: The task.
        """
        answer: Drawing | None = self._call("task_drawing", {"task": task})
        return answer

    def template_analysis(self, *, dependencies: Sequence[Sequence[int]]) -> TemplateAnalysis | None:
        """Analyses the graph of a template, without a statement; None where a place is out of range.

        :param dependencies: For each step, the places of the steps that it depends on, counted from 0.
        """
        answer: TemplateAnalysis | None = self._call("template_analysis", {"dependencies": dependencies})
        return answer


class AsyncTasker(AsyncBase):
    """The operations on a connection that is awaited; made by ``tasker_core.on``."""

    __slots__ = ()

    async def step_readiness(self, *, task: TaskId, steps: Sequence[StepId] | None = None) -> list[Readiness]:
        """Returns the readiness of a task's steps, or of those among `steps`, by id.

        :param task: The task.
        :param steps: All steps of the task where it is left out; steps of other tasks are ignored.
        """
        answer: list[Readiness] = await self._call("step_readiness", {"task": task, "steps": steps})
        return answer

    async def step_readiness_of_tasks(self, *, tasks: Sequence[TaskId]) -> list[Readiness]:
        """Returns the readiness of all steps of many tasks, by task and step.

        :param tasks: The tasks.
        """
        answer: list[Readiness] = await self._call("step_readiness_of_tasks", {"tasks": tasks})
        return answer

    async def ready_steps(self, *, tasks: Sequence[TaskId]) -> list[ReadyStep]:
        """Returns the steps of some tasks that may be run now, by task and step.

        :param tasks: The tasks.
        """
        answer: list[ReadyStep] = await self._call("ready_steps", {"tasks": tasks})
        return answer

    async def viable_steps(self, *, task: TaskId, steps: Sequence[StepId]) -> list[ViableStep]:
        """Returns those among `steps` of a task that may be run now, with their states.

        :param task: The task.
        :param steps: The steps to choose from.
        """
        answer: list[ViableStep] = await self._call("viable_steps", {"task": task, "steps": steps})
        return answer

    async def next_wait(self, *, task: TaskId) -> Micros | None:
        """Returns the microseconds until a step of the task may be run: 0 where one may be run now, None where none ever may as things are.

        :param task: The task.
        """
        answer: Micros | None = await self._call("next_wait", {"task": task})
        return answer

    async def blockers(self, *, task: TaskId) -> list[Blocker | None] | None:
        """Returns what keeps each step of a task from being run, by step id; None for a step that may be run, is running or is done. None where there is no such task.

        :param task: The task.
        """
        answer: list[Blocker | None] | None = await self._call("blockers", {"task": task})
        return answer

    async def task_execution_contexts(self, *, tasks: Sequence[TaskId]) -> list[ExecutionContext]:
        """Returns how far tasks have come, by task. Unknown tasks are left out.

        :param tasks: The tasks.
        """
        answer: list[ExecutionContext] = await self._call("task_execution_contexts", {"tasks": tasks})
        return answer

    async def task_condition(self, *, task: TaskId) -> TaskCondition | None:
        """Returns how far a task has come with the readiness of its steps, of one moment; None where there is no such task.

        :param task: The task.
        """
        answer: TaskCondition | None = await self._call("task_condition", {"task": task})
        return answer

    async def task_snapshot(self, *, task: TaskId, steps: Sequence[StepId] | None = None) -> TaskSnapshot | None:
        """Returns a task with the rows and states of its steps, of one moment; None where there is no such task.

        :param task: The task.
        :param steps: Only these steps and their parents; all where it is left out.
        """
        answer: TaskSnapshot | None = await self._call("task_snapshot", {"task": task, "steps": steps})
        return answer

    async def dependency_levels(self, *, task: TaskId) -> list[Level]:
        """Returns the longest distance of each step of a task from a root, by level, then step.

        :param task: The task.
        """
        answer: list[Level] = await self._call("dependency_levels", {"task": task})
        return answer

    async def completion_statistics(self, *, task: TaskId) -> CompletionStatistics:
        """Counts the steps of a task.

        :param task: The task.
        """
        answer: CompletionStatistics = await self._call("completion_statistics", {"task": task})
        return answer

    async def system_load(self) -> SystemLoad:
        """Counts the tasks, steps and connections of the whole database."""
        answer: SystemLoad = await self._call("system_load", {})
        return answer

    async def activity(self, *, since: Timestamp | None = None) -> Activity:
        """Counts the work of a period.

        :param since: Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
        """
        answer: Activity = await self._call("activity", {"since": since})
        return answer

    async def activity_rates(self, *, since: Timestamp | None = None) -> Rates:
        """Returns the shares and mean durations of a period.

        :param since: Its beginning in microseconds since 1970 (UTC); an hour ago where it is left out.
        """
        answer: Rates = await self._call("activity_rates", {"since": since})
        return answer

    async def slowest_steps(self, *, choice: Choice | None = None) -> list[SlowStep]:
        """Returns the slowest steps, the slowest first.

        :param choice: Limits the list.
        """
        answer: list[SlowStep] = await self._call("slowest_steps", {"choice": choice})
        return answer

    async def slowest_tasks(self, *, choice: Choice | None = None) -> list[SlowTask]:
        """Returns the slowest tasks, the slowest first.

        :param choice: Limits the list.
        """
        answer: list[SlowTask] = await self._call("slowest_tasks", {"choice": choice})
        return answer

    async def current_state(self, *, owner: Owner, id: int) -> State:
        """Returns the state of a task or step; `pending` where it has no transition.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        """
        answer: State = await self._call("current_state", {"owner": owner, "id": id})
        return answer

    async def allowed_transitions(self, *, owner: Owner, id: int) -> AllowedTransitions | None:
        """Returns the state of a task or step with the states that may follow it now; None where there is no such task or step.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        """
        answer: AllowedTransitions | None = await self._call("allowed_transitions", {"owner": owner, "id": id})
        return answer

    async def check_transition(self, *, owner: Owner, id: int, to: State, claims: Claims | None = None) -> Check:
        """Checks whether a task or step may move to a state now; writes nothing.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        :param to: The state to move to.
        :param claims: Claims that must not have been lost.
        """
        answer: Check = await self._call("check_transition", {"owner": owner, "id": id, "to": to, "claims": claims})
        return answer

    async def transition_to(self, *, owner: Owner, id: int, to: State, from_state: State | None = None, metadata: Metadata | None = None, claims: Claims | None = None, at: Timestamp | None = None) -> TransitionResult:
        """Moves a task or step to a state, or returns why it is refused.

        :param owner: Whether `id` is a task's or a step's.
        :param id: The id of the task or step.
        :param to: The state to move to.
        :param from_state: The only state that it may come from; any that the machine allows where it is left out.
        :param metadata: A JSON object to record with the transition; empty where it is left out.
        :param claims: Claims that must not have been lost.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: TransitionResult = await self._call("transition_to", {"owner": owner, "id": id, "to": to, "from_state": from_state, "metadata": metadata, "claims": claims, "at": at})
        return answer

    async def finish_step(self, *, step: StepId, ending: Ending, attempts: int, results: str | None = None, claim: TransitionId | None = None, at: Timestamp | None = None) -> Recorded | None:
        """Ends the attempt of a step that is in progress: writes its row and its transition together. Returns None, and writes nothing, where the step is not in progress by this claim.

        :param step: The step.
        :param ending: How the attempt ended.
        :param attempts: Attempts made, this one included.
        :param results: The results to keep, as JSON text; unchanged where it is left out.
        :param claim: The transition to in progress with which the attempt began; any where it is left out.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: Recorded | None = await self._call("finish_step", {"step": step, "ending": ending, "attempts": attempts, "results": results, "claim": claim, "at": at})
        return answer

    async def finish_task(self, *, task: TaskId, claim: TransitionId | None = None, at: Timestamp | None = None) -> Recorded | None:
        """Completes a task that is in progress and all of whose steps are done. Returns None, and writes nothing, otherwise.

        :param task: The task.
        :param claim: The transition to in progress of the worker; any where it is left out.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: Recorded | None = await self._call("finish_task", {"task": task, "claim": claim, "at": at})
        return answer

    async def named_task(self, *, namespace: str, name: str, version: str) -> NamedTask | None:
        """Returns the definition of tasks; None where there is none.

        :param namespace: The name of its namespace.
        :param name: Its name.
        :param version: Its version, such as `0.1.0`.
        """
        answer: NamedTask | None = await self._call("named_task", {"namespace": namespace, "name": name, "version": version})
        return answer

    async def task_kind(self, *, task: TaskId) -> KindOfTask | None:
        """Returns the kind of a task, that is, the namespace, name and version of its definition, and the names of its steps; None where there is no such task.

        :param task: The task.
        """
        answer: KindOfTask | None = await self._call("task_kind", {"task": task})
        return answer

    async def pending_tasks(self, *, kinds: Sequence[TaskKind], above: TaskId | None = None, limit: int | None = None) -> list[TaskId]:
        """Returns the first pending tasks of some kinds, by id. `ready_steps` finds those among them that can go on now.

        :param kinds: The kinds of tasks.
        :param above: Only tasks with greater ids, where it is not left out.
        :param limit: How many; 200 where it is left out.
        """
        answer: list[TaskId] = await self._call("pending_tasks", {"kinds": kinds, "above": above, "limit": limit})
        return answer

    async def established_steps(self, *, task: TaskId, templates: Sequence[Template]) -> Established | None:
        """Returns the steps of a task in the order of `templates`, with their definitions; None where any step or edge is missing.

        :param task: The task.
        :param templates: The steps as the task's handler declares them.
        """
        answer: Established | None = await self._call("established_steps", {"task": task, "templates": templates})
        return answer

    async def create_steps(self, *, task: TaskId, templates: Sequence[Template], inputs: str, at: Timestamp | None = None) -> list[StepId] | None:
        """Creates the steps of a task that has none, with their edges; returns their ids in the order of `templates`. Returns None, and writes nothing, where a definition is missing, the task has steps, or another session is creating them.

        :param task: The task.
        :param templates: The steps as the task's handler declares them.
        :param inputs: The inputs of each step, as JSON text.
        :param at: The instant to record in microseconds since 1970 (UTC); now where it is left out.
        """
        answer: list[StepId] | None = await self._call("create_steps", {"task": task, "templates": templates, "inputs": inputs, "at": at})
        return answer

    async def closes_cycle(self, *, edge: Edge) -> bool:
        """Checks whether an edge would close a cycle.

        :param edge: The edge that does not exist yet.
        """
        answer: bool = await self._call("closes_cycle", {"edge": edge})
        return answer

    async def sibling_edges(self, *, step: StepId) -> list[EdgeRow]:
        """Returns the edges that end at steps with exactly the parents of `step`, by id.

        :param step: The step.
        """
        answer: list[EdgeRow] = await self._call("sibling_edges", {"step": step})
        return answer

    async def relationships_of_steps(self, *, steps: Sequence[StepId]) -> list[Relationship]:
        """Returns the parents, children and depth of steps, by task and step.

        :param steps: The steps.
        """
        answer: list[Relationship] = await self._call("relationships_of_steps", {"steps": steps})
        return answer

    async def relationships_of_tasks(self, *, tasks: Sequence[TaskId]) -> list[Relationship]:
        """Returns the parents, children and depth of all steps of tasks, by task and step.

        :param tasks: The tasks.
        """
        answer: list[Relationship] = await self._call("relationships_of_tasks", {"tasks": tasks})
        return answer

    async def task_graph(self, *, task: TaskId) -> Graph | None:
        """Returns the steps and edges of a task; None where an edge leads to or from another task.

        :param task: The task.
        """
        answer: Graph | None = await self._call("task_graph", {"task": task})
        return answer

    async def task_drawing(self, *, task: TaskId) -> Drawing | None:
        """Draws a task as SVG, Mermaid and DOT, and its attempts over time as SVG; None where there is no such task.

        :param task: The task.
        """
        answer: Drawing | None = await self._call("task_drawing", {"task": task})
        return answer

    async def template_analysis(self, *, dependencies: Sequence[Sequence[int]]) -> TemplateAnalysis | None:
        """Analyses the graph of a template, without a statement; None where a place is out of range.

        :param dependencies: For each step, the places of the steps that it depends on, counted from 0.
        """
        answer: TemplateAnalysis | None = await self._call("template_analysis", {"dependencies": dependencies})
        return answer
