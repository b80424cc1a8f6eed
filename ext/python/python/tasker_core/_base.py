"""How an operation runs: its statements on the caller's connection, one after the other."""

from __future__ import annotations

from time import time_ns

from ._native import Coroutine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import Any

    Rows = Iterable[Iterable[object]]
    Run = Callable[[str, Sequence[str | None]], Rows]
    AsyncRun = Callable[[str, Sequence[str | None]], Awaitable[Rows]]


class Base:
    """Runs operations on a connection that blocks."""

    __slots__ = ("_run",)

    def __init__(self, run: Run) -> None:
        self._run = run

    def _call(self, operation: str, arguments: dict[str, object]) -> Any:
        coroutine = Coroutine(operation, arguments, time_ns() // 1000)
        run = self._run
        statement = coroutine.resume()
        while statement is not None:
            statement = coroutine.resume(run(statement[1], statement[2]))
        return coroutine.answer()


class AsyncBase:
    """Runs operations on a connection that is awaited."""

    __slots__ = ("_run",)

    def __init__(self, run: AsyncRun) -> None:
        self._run = run

    async def _call(self, operation: str, arguments: dict[str, object]) -> Any:
        coroutine = Coroutine(operation, arguments, time_ns() // 1000)
        run = self._run
        statement = coroutine.resume()
        while statement is not None:
            statement = coroutine.resume(await run(statement[1], statement[2]))
        return coroutine.answer()
