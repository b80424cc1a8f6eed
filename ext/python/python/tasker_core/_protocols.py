"""Tells connections that block from those that are awaited, for type checkers."""

from collections.abc import Awaitable
from typing import Any, Protocol


class AwaitedCommit(Protocol):
    """The async connections of psycopg and SQLAlchemy."""

    def commit(self) -> Awaitable[None]: ...


class AwaitedFetch(Protocol):
    """A connection of asyncpg."""

    def fetchrow(self, query: str, *args: Any) -> Awaitable[Any]: ...


class Commit(Protocol):
    """All others."""

    def commit(self) -> None: ...
