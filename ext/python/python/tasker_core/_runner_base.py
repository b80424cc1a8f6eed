"""What runners that block and runners that are awaited have in common."""

from __future__ import annotations

import json
import traceback
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from time import time_ns
from typing import Any, Literal, TypeVar

from ._handlers import Parents, Step, TaskHandlers
from ._native import End, Execution, Run, Coroutine, Writing, finish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Ended as Ended
    from .types import KindOfTask, TaskKind
from .errors import HandlerError, PermanentError, RetryableError, RunnerConnectionError

ConflictCodes = frozenset({"40001", "40P01"})
"""Statements that PostgreSQL ended in favour of another session, which may be run again."""

MAX_REPETITIONS = 16

Result = TypeVar("Result")
Flow = Generator[tuple[str, Sequence["str | None"]], Any, Result]
"""Asks its runner for the rows of one statement, its text and its binds, after the other, and returns a result."""


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


IN_TRANSACTION = "select virtualtransaction::text from pg_locks where pid = pg_backend_pid() and virtualxid is not null"
"""Of two statements in one transaction it is the same."""


class RunnerBase:
    """Everything of a runner but how it waits: for rows, for handlers, for time."""

    def __init__(self, handlers: TaskHandlers | Iterable[TaskHandlers], slots: int, worker_key: int | None) -> None:
        self._settings = Settings(handlers, slots, worker_key)
        self._locked = False

    def _begin(self, task: int) -> Flow[tuple[TaskHandlers, Run] | None]:
        """The handlers of a task and its run; None where there is no such task."""
        yield from self._check_connection()
        handlers = self._settings.of_task(task, (yield from answer_of(Coroutine("task_kind", {"task": task}, now()))))
        return None if handlers is None else (handlers, self._settings.begin(task))

    def _check_connection(self) -> Flow[None]:
        if (yield from rows_of(IN_TRANSACTION)) == (yield from rows_of(IN_TRANSACTION)):
            raise refused_transaction()
        key = self._settings.worker_key
        if key is not None and not self._locked:
            rows = yield from rows_of("select pg_try_advisory_lock($1::text::bigint)", str(key))
            self._locked = bool(rows[0][0])
            if not self._locked:
                raise refused_lock(key)

    def _find(self) -> Flow[list[int]]:
        found: list[int] = []
        last: int | None = None
        while len(found) < 100:
            pending: list[int] = yield from answer_of(Coroutine("pending_tasks", {"kinds": self._settings.kinds(), "above": last}, now()))
            if not pending:
                break
            last = pending[-1]
            ready = yield from answer_of(Coroutine("ready_steps", {"tasks": pending}, now()))
            found.extend(sorted({step["task"] for step in ready}))
        return found

    def _release(self) -> Flow[None]:
        if self._locked:
            yield from rows_of("select pg_advisory_unlock($1::text::bigint)", str(self._settings.worker_key))
            self._locked = False


def rows_of(sql: str, *binds: str) -> Flow[list[tuple[Any, ...]]]:
    return [tuple(row) for row in (yield sql, binds)]


def answer_of(coroutine: Coroutine | Writing) -> Flow[Any]:
    statement = coroutine.resume()
    while statement is not None:
        statement = coroutine.resume((yield statement[1], statement[2]))
    return coroutine.answer()


def prepared(handlers: TaskHandlers, executions: list[Execution]) -> Flow[list[tuple[Execution, Parents | None]]]:
    """Each execution with the results of its parents, None where its handler does not take them."""
    steps: list[tuple[Execution, Parents | None]] = []
    for execution in executions:
        wanted = handlers.wants_parents(execution.name)
        steps.append((execution, parents_of((yield from answer_of(execution.parents()))) if wanted else None))
    return steps


def finished(attempts: list[tuple[Execution, Ended]]) -> Flow[list[End]]:
    ends: list[End] = yield from answer_of(finish(attempts, now()))
    return ends


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

    def kinds(self) -> list[TaskKind]:
        return [{"namespace": namespace, "name": name, "version": version} for namespace, name, version in self.handlers]

    def of_task(self, task: int, of_task: KindOfTask | None) -> TaskHandlers | None:
        """The handlers of a task of that kind; None where there is no such task.

        Raises ``HandlerError`` where one is missing.
        """
        if of_task is None:
            return None
        namespace, name, version = of_task["kind"]["namespace"], of_task["kind"]["name"], of_task["kind"]["version"]
        found = self.handlers.get((namespace, name, version))
        if found is None:
            known = ", ".join("/".join(kind) for kind in self.handlers) or "none"
            raise HandlerError(f"task {task}: expected one of the tasks that have handlers ({known}), got {namespace}/{name}/{version}")
        missing = sorted(set(of_task["steps"]) - set(found.steps))
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
