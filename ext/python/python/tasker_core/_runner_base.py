"""What runners that block and runners that are awaited have in common."""

from __future__ import annotations

import inspect
import json
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import time_ns
from typing import Any, Literal, TypeVar

from ._native import Execution, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Ended as Ended
from .errors import HandlerError, PermanentError, RetryableError, RunnerConnectionError

ConflictCodes = frozenset({"40001", "40P01"})
"""Statements that PostgreSQL ended in favour of another session, which may be run again."""

MAX_REPETITIONS = 16


@dataclass(frozen=True)
class Step:
    """One attempt at a step, as its handler gets it."""

    task: int
    """The id of its task."""
    id: int
    """The id of the step."""
    name: str
    """The name of the step."""
    inputs: Any
    """The inputs that it was created with: the context of the task."""
    previous_results: Any
    """The results in the step's row: of an attempt that failed the keys ``error``, ``error_class`` and ``backtrace``, at first none."""
    attempts: int
    """Attempts before this one."""
    retry_limit: int
    """Attempts allowed."""


@dataclass(frozen=True)
class Outcome:
    """The result of a run."""

    result: Literal["complete", "blocked", "pending", "refused", "lost"]
    """``complete``: all steps are done. ``blocked``: a step has failed for good, the task is in error. ``pending``: the task can go on later.
    ``refused``: the task was not started, and nothing was written. ``lost``: another worker has the task since."""
    pause: Literal["waiting", "processing", "stalled", "other_steps", "stopped"] | None = None
    """Of a pending task: steps wait for their time or their parents, are executed by others, or could not be claimed."""
    come_back: int | None = None
    """Of a pending task: the microseconds until it can go on; None where time alone changes nothing."""
    reason: Literal["unknown_task", "already_complete", "not_pending"] | None = None
    """Of a refused task."""
    state: str | None = None
    """Of a task that is refused as ``not_pending``: its state."""


Parents = dict[str, Any]
"""The results of the steps that a step waits for, by name."""

Handler = Callable[[Step], Any] | Callable[[Step, Parents], Any]
AnyHandler = TypeVar("AnyHandler", bound=Handler)


class TaskHandlers:
    """The handlers of one kind of task, one for each of its steps.

    A handler takes the ``Step``, or the ``Step`` and the results of its parents by name. What it returns becomes the step's results, as JSON.
    An exception puts the step into error, to be tried again after the engine's backoff; ``PermanentError`` and ``RetryableError`` decide
    otherwise. Runners that are awaited take coroutine functions as well; others run in threads there.
    """

    def __init__(self, name: str, *, namespace: str = "default", version: str = "0.1.0") -> None:
        self.kind = (namespace, name, version)
        """The namespace, name and version of the task."""
        self.steps: dict[str, Handler] = {}
        """The handlers by the name of their step."""
        self._with_parents: dict[str, bool] = {}

    def step(self, name: str) -> Callable[[AnyHandler], AnyHandler]:
        """Registers the decorated function as the handler of step ``name``.

        Raises ``HandlerError`` where there is one already, or where the function takes other arguments than a handler's.
        """

        def register(handler: AnyHandler) -> AnyHandler:
            label = f"step {name!r} of {'/'.join(self.kind)}"
            if name in self.steps:
                raise HandlerError(f"{label}: expected one handler, got a second one: {handler!r}")
            required, most = _positional(handler)
            if not required <= 2 or most < 1:
                raise HandlerError(f"{label}: expected a handler of (step) or (step, parents), got {inspect.signature(handler)}")
            self.steps[name] = handler
            self._with_parents[name] = most >= 2 and required != 1
            return handler

        return register

    def wants_parents(self, name: str) -> bool:
        """Whether the handler of step ``name`` takes the results of its parents."""
        return self._with_parents[name]


def _positional(handler: Handler) -> tuple[int, int]:
    """The number of positional arguments that a handler must get, and that it can get."""
    required = most = 0
    for parameter in inspect.signature(handler).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            most += 2
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            most += 1
            required += parameter.default is parameter.empty
        elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            return 3, most
    return required, most


IN_TRANSACTION = "select virtualtransaction::text from pg_locks where pid = pg_backend_pid() and virtualxid is not null"
"""Of two statements in one transaction it is the same."""

KIND_AND_STEPS = """
select g.name, n.name, n.version, (
  select json_agg(distinct d.name)::text
  from tasker_workflow_steps s join tasker_named_steps d on d.named_step_id = s.named_step_id
  where s.task_id = t.task_id
)
from tasker_tasks t
join tasker_named_tasks n on n.named_task_id = t.named_task_id
join tasker_task_namespaces g on g.task_namespace_id = n.task_namespace_id
where t.task_id = $1::text::bigint
"""

PENDING_TASKS = """
select t.task_id
from tasker_tasks t
join tasker_named_tasks n on n.named_task_id = t.named_task_id
join tasker_task_namespaces g on g.task_namespace_id = n.task_namespace_id
left join tasker_task_transitions m on m.task_id = t.task_id and m.most_recent
where t.complete is not true and (m.to_state is null or m.to_state = 'pending')
  and (g.name, n.name, n.version) in (
    select k ->> 0, k ->> 1, k ->> 2 from json_array_elements($1::text::json) k
  )
  and t.task_id > $2::text::bigint
order by t.task_id limit 200
"""


class Settings:
    """The handlers and settings of a runner."""

    def __init__(self, handlers: TaskHandlers | Iterable[TaskHandlers], slots: int, worker_key: int | None) -> None:
        given = [handlers] if isinstance(handlers, TaskHandlers) else list(handlers)
        self.handlers: dict[tuple[str, str, str], TaskHandlers] = {}
        for of_task in given:
            if of_task.kind in self.handlers:
                raise HandlerError(f"task {'/'.join(of_task.kind)}: expected its handlers once, got them twice")
            self.handlers[of_task.kind] = of_task
        if slots < 1:
            raise ValueError(f"slots: expected 1 or more, got {slots}")
        if worker_key is not None and not -(2**63) <= worker_key < 2**63:
            raise ValueError(f"worker_key: expected an integer of 64 bits, got {worker_key}")
        self.slots = slots
        self.worker_key = worker_key

    def begin(self, task: int) -> Run:
        marker = {} if self.worker_key is None else {"tasker_core": {"worker": str(self.worker_key)}}
        return Run(task, self.slots, json.dumps(marker))

    def kinds(self) -> str:
        """As JSON text."""
        return json.dumps([list(kind) for kind in self.handlers])

    def of_task(self, task: int, rows: Sequence[Sequence[Any]]) -> TaskHandlers | None:
        """The handlers of a task by the row of ``KIND_AND_STEPS``; None where there is no such task.

        Raises ``HandlerError`` where one is missing.
        """
        if not rows:
            return None
        namespace, name, version, steps = rows[0]
        found = self.handlers.get((namespace, name, version))
        if found is None:
            known = ", ".join("/".join(kind) for kind in self.handlers) or "none"
            raise HandlerError(f"task {task}: expected one of the tasks that have handlers ({known}), got {namespace}/{name}/{version}")
        missing = sorted(set(json.loads(steps or "[]")) - set(found.steps))
        if missing:
            raise HandlerError(f"task {task} ({'/'.join(found.kind)}): expected a handler for each step, got none for {', '.join(missing)}")
        return found


def step_of(execution: Execution) -> Step:
    return Step(
        task=execution.task,
        id=execution.step,
        name=execution.name,
        inputs=_parsed(execution.inputs),
        previous_results=_parsed(execution.results),
        attempts=execution.attempts,
        retry_limit=execution.retry_limit,
    )


def parents_of(answer: Iterable[tuple[int, str, str | None]]) -> Parents:
    return {name: _parsed(results) for _, name, results in answer}


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def results_of(value: object) -> Ended:
    """The results that a handler has returned, or the failure of an attempt whose results PostgreSQL cannot keep."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
        if "\\u0000" in text:
            raise ValueError("results: expected text without U+0000, which jsonb cannot keep")
        return text
    except (TypeError, ValueError, RecursionError) as error:
        return failure_of(error)


def failure_of(error: Exception) -> Ended:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    backtrace = "".join(traceback.format_exception(error))
    wait = error.retry_after if isinstance(error, RetryableError) else None
    permanent = isinstance(error, PermanentError)
    return _clean(str(error)), _clean(name), _clean(backtrace), permanent, wait


def _clean(text: str) -> str:
    """Text that jsonb can keep."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def refused_transaction() -> RunnerConnectionError:
    return RunnerConnectionError(
        "a runner's claims must be seen by other workers: expected a connection of its own that autocommits, got one in a transaction"
    )


def refused_lock(key: int) -> RunnerConnectionError:
    return RunnerConnectionError(f"worker_key: expected a key of this worker only, got {key}, whose lock another session holds")


def is_conflict(error: Exception) -> bool:
    """Whether PostgreSQL has ended a statement in favour of another session's."""
    cause: BaseException | None = error
    while cause is not None:
        code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
        if code in ConflictCodes:
            return True
        cause = getattr(cause, "orig", None) or cause.__cause__
    return False


def now() -> int:
    return time_ns() // 1000
