"""A runner on a connection that blocks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from types import TracebackType
from typing import Any

from . import _runner_base as base
from ._drivers import find
from ._handlers import Parents, TaskHandlers
from ._native import End, Execution
from ._protocols import Commit
from ._runner_base import Flow, Outcome, Result
from .errors import ConnectionTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Ended


class TaskRunner(base.RunnerBase):
    """Runs tasks of the engine with handlers in Python.

    Any number of runners and Rails workers share one database: a task is run by one of them at a time, and a step is executed by one.

    ``connection`` is any that ``tasker_core.on`` takes and that blocks. The runner needs it for itself, outside of a transaction, so that its
    claims are seen by others: it must autocommit. Handlers of up to ``slots`` steps of a task run at the same time, in threads where there is
    more than one; statements run on the thread that has called ``run``.

    With a ``worker_key``, a random integer of 64 bits that no other worker has, its claims are taken up by the recovery of other workers
    where this process dies; the lock by which they see it alive is held by ``connection``. Without, they stay in progress.
    """

    def __init__(
        self,
        connection: Commit,
        handlers: TaskHandlers | Iterable[TaskHandlers],
        *,
        slots: int = 3,
        worker_key: int | None = None,
    ) -> None:
        super().__init__(handlers, slots, worker_key)
        run, _ = find(connection)
        if run is None:
            raise ConnectionTypeError(f"expected a connection that blocks, got {type(connection)!r}; AsyncTaskRunner takes it")
        self._statement = run
        self._threads: ThreadPoolExecutor | None = None

    def run(self, task: int) -> Outcome:
        """Runs a task that is pending until it is complete or in error, or until nothing of it can be executed now.

        Raises ``HandlerError`` where a step has no handler, ``RunnerConnectionError`` in a transaction, and the errors of the driver. What
        is claimed when an error is raised stays in progress, as after the death of a process.
        """
        begun = self._drive(self._begin(task))
        if begun is None:
            return Outcome("refused", reason="unknown_task")
        handlers, run = begun
        request = run.resume(None, base.now())
        while request[0] != "done":
            if request[0] == "query":
                statement = request[1]
                request = run.resume(self._rows(statement[1], statement[2]), base.now())
            else:
                request = run.ended(self._execute(handlers, request[1]), base.now())
        return Outcome(**request[1])

    def run_to_end(self, task: int) -> Outcome:
        """Runs a task again and again, after the waits of its steps, until it is done, in error, or can go on by others only."""
        while True:
            outcome = self.run(task)
            if outcome.come_back is None:
                return outcome
            time.sleep(outcome.come_back / 1_000_000)

    def find(self) -> list[int]:
        """Returns pending tasks that have handlers here and a step that may be run now, by id."""
        return self._drive(self._find())

    def work(self, stop: Event, *, poll: float = 1.0) -> None:
        """Finds tasks and runs them until ``stop`` is set; looks every ``poll`` seconds where there are none."""
        while not stop.is_set():
            tasks = self.find()
            for task in tasks:
                if stop.is_set():
                    return
                self.run(task)
            if not tasks:
                stop.wait(poll)

    def close(self) -> None:
        """Ends its threads, and releases the lock of its key. The connection stays open."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        self._drive(self._release())

    def __enter__(self) -> TaskRunner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _execute(self, handlers: TaskHandlers, executions: list[Execution]) -> list[End]:
        prepared = self._drive(base.prepared(handlers, executions))
        if len(prepared) == 1:
            execution, parents = prepared[0]
            return self._drive(base.finished([(execution, _attempt(handlers, execution, parents))]))
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._settings.slots, thread_name_prefix="tasker_core")
        running: dict[Future[Ended], Execution] = {
            self._threads.submit(_attempt, handlers, execution, parents): execution for execution, parents in prepared
        }
        ends: list[End] = []
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            ends.extend(self._drive(base.finished([(running.pop(future), future.result()) for future in done])))
        return ends

    def _drive(self, flow: Flow[Result]) -> Result:
        rows: Any = None
        while True:
            try:
                sql, binds = flow.send(rows)
            except StopIteration as end:
                result: Result = end.value
                return result
            rows = self._rows(sql, binds)

    def _rows(self, sql: str, binds: Sequence[str | None]) -> Any:
        for _ in range(base.MAX_REPETITIONS):
            try:
                return self._statement(sql, binds)
            except Exception as error:
                if not base.is_conflict(error):
                    raise
        return self._statement(sql, binds)


def _attempt(handlers: TaskHandlers, execution: Execution, parents: Parents | None) -> Ended:
    handler: Any = handlers.steps[execution.name]
    try:
        step = base.step_of(execution)
        return base.results_of(handler(step) if parents is None else handler(step, parents))
    except Exception as error:
        return base.failure_of(error)
