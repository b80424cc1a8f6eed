"""A runner on a connection that is awaited."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from . import _runner_base as base
from ._drivers import find
from ._handlers import Parents, TaskHandlers
from ._native import End, Execution
from ._protocols import AwaitedCommit, AwaitedFetch
from ._runner_base import Flow, Outcome, Result
from .errors import ConnectionTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Ended


class AsyncTaskRunner(base.RunnerBase):
    """``TaskRunner`` for connections that are awaited, with handlers that are coroutine functions; other functions run in threads.

    Where ``run`` is cancelled, what is claimed stays in progress, as after the death of a process.
    """

    def __init__(
        self,
        connection: AwaitedCommit | AwaitedFetch,
        handlers: TaskHandlers | Iterable[TaskHandlers],
        *,
        slots: int = 3,
        worker_key: int | None = None,
    ) -> None:
        super().__init__(handlers, slots, worker_key)
        _, run = find(connection)
        if run is None:
            raise ConnectionTypeError(f"expected a connection that is awaited, got {type(connection)!r}; TaskRunner takes it")
        self._statement = run

    async def run(self, task: int) -> Outcome:
        """As ``TaskRunner.run``."""
        begun = await self._drive(self._begin(task))
        if begun is None:
            return Outcome("refused", reason="unknown_task")
        handlers, run = begun
        request = run.resume(None, base.now())
        while request[0] != "done":
            if request[0] == "query":
                statement = request[1]
                request = run.resume(await self._rows(statement[1], statement[2]), base.now())
            else:
                request = run.ended(await self._execute(handlers, request[1]), base.now())
        return Outcome(**request[1])

    async def run_to_end(self, task: int) -> Outcome:
        """As ``TaskRunner.run_to_end``."""
        while True:
            outcome = await self.run(task)
            if outcome.come_back is None:
                return outcome
            await asyncio.sleep(outcome.come_back / 1_000_000)

    async def find(self) -> list[int]:
        """As ``TaskRunner.find``."""
        return await self._drive(self._find())

    async def work(self, stop: asyncio.Event, *, poll: float = 1.0) -> None:
        """As ``TaskRunner.work``."""
        while not stop.is_set():
            tasks = await self.find()
            for task in tasks:
                if stop.is_set():
                    return
                await self.run(task)
            if not tasks:
                try:
                    await asyncio.wait_for(stop.wait(), poll)
                except asyncio.TimeoutError:
                    pass

    async def close(self) -> None:
        """Releases the lock of its key. The connection stays open."""
        await self._drive(self._release())

    async def __aenter__(self) -> AsyncTaskRunner:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _execute(self, handlers: TaskHandlers, executions: list[Execution]) -> list[End]:
        prepared = await self._drive(base.prepared(handlers, executions))
        running = {
            asyncio.ensure_future(_attempt(handlers, execution, parents)): execution for execution, parents in prepared
        }
        ends: list[End] = []
        try:
            while running:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                ends.extend(await self._drive(base.finished([(running.pop(attempt), attempt.result()) for attempt in done])))
        finally:
            for attempt in running:
                attempt.cancel()
        return ends

    async def _drive(self, flow: Flow[Result]) -> Result:
        rows: Any = None
        while True:
            try:
                sql, binds = flow.send(rows)
            except StopIteration as end:
                result: Result = end.value
                return result
            rows = await self._rows(sql, binds)

    async def _rows(self, sql: str, binds: Sequence[str | None]) -> Any:
        for _ in range(base.MAX_REPETITIONS):
            try:
                return await self._statement(sql, binds)
            except Exception as error:
                if not base.is_conflict(error):
                    raise
        return await self._statement(sql, binds)


async def _attempt(handlers: TaskHandlers, execution: Execution, parents: Parents | None) -> Ended:
    handler: Any = handlers.steps[execution.name]
    try:
        step = base.step_of(execution)
        given = (step,) if parents is None else (step, parents)
        if inspect.iscoroutinefunction(handler):
            return base.results_of(await handler(*given))
        return base.results_of(await asyncio.to_thread(handler, *given))
    except Exception as error:
        return base.failure_of(error)
