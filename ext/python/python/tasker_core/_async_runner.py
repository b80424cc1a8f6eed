"""A runner on a connection that is awaited."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from . import _runner_base as base
from ._drivers import find
from ._native import End, Execution, Writing, finish
from ._operations import AsyncTasker
from ._protocols import AwaitedCommit, AwaitedFetch
from ._runner_base import Outcome, Parents, TaskHandlers
from .errors import ConnectionTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Ended


class AsyncTaskRunner:
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
        self._settings = base.Settings(handlers, slots, worker_key)
        _, run = find(connection)
        if run is None:
            raise ConnectionTypeError(f"expected a connection that is awaited, got {type(connection)!r}; TaskRunner takes it")
        self._statement = run
        self._tasker = AsyncTasker(self._rows)
        self._locked = False

    async def run(self, task: int) -> Outcome:
        """As ``TaskRunner.run``."""
        await self._check_connection()
        handlers = self._settings.of_task(task, await self._read(base.KIND_AND_STEPS, str(task)))
        if handlers is None:
            return Outcome("refused", reason="unknown_task")
        run = self._settings.begin(task)
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
        found: list[int] = []
        last = -(2**63)
        while len(found) < 100:
            pending = [int(row[0]) for row in await self._read(base.PENDING_TASKS, self._settings.kinds(), str(last))]
            if not pending:
                break
            last = pending[-1]
            ready = await self._tasker.ready_steps(tasks=pending)
            found.extend(sorted({step["task"] for step in ready}))
        return found

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
        if self._locked:
            await self._read("select pg_advisory_unlock($1::text::bigint)", str(self._settings.worker_key))
            self._locked = False

    async def __aenter__(self) -> AsyncTaskRunner:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _check_connection(self) -> None:
        if await self._read(base.IN_TRANSACTION) == await self._read(base.IN_TRANSACTION):
            raise base.refused_transaction()
        key = self._settings.worker_key
        if key is not None and not self._locked:
            self._locked = bool((await self._read("select pg_try_advisory_lock($1::text::bigint)", str(key)))[0][0])
            if not self._locked:
                raise base.refused_lock(key)

    async def _execute(self, handlers: TaskHandlers, executions: list[Execution]) -> list[End]:
        prepared = [(execution, await self._parents(handlers, execution)) for execution in executions]
        running = {
            asyncio.ensure_future(_attempt(handlers, execution, parents)): execution for execution, parents in prepared
        }
        ends: list[End] = []
        try:
            while running:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                ends.extend(await self._finish([(running.pop(attempt), attempt.result()) for attempt in done]))
        finally:
            for attempt in running:
                attempt.cancel()
        return ends

    async def _parents(self, handlers: TaskHandlers, execution: Execution) -> Parents | None:
        if not handlers.wants_parents(execution.name):
            return None
        return base.parents_of(await self._answer(execution.parents()))

    async def _finish(self, attempts: list[tuple[Execution, Ended]]) -> list[End]:
        ends: list[End] = await self._answer(finish(attempts, base.now()))
        return ends

    async def _answer(self, writing: Writing) -> Any:
        statement = writing.resume()
        while statement is not None:
            statement = writing.resume(await self._rows(statement[1], statement[2]))
        return writing.answer()

    async def _read(self, sql: str, *binds: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._rows(sql, binds)]

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
