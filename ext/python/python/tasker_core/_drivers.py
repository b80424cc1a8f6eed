"""The drivers: how each runs a statement on a connection of its own, in the transaction that is open there.

No driver is imported here. A connection's driver is found by the module of its class.
"""

from __future__ import annotations

from ._placeholders import named, positional
from .errors import ConnectionTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ._base import AsyncRun, Run

EXPECTED = (
    "a connection of psycopg, psycopg2 or asyncpg, a Connection or Session of SQLAlchemy (or one of their async kinds), "
    "or a connection of Django"
)


def _by_name(binds: Sequence[str | None]) -> dict[str, str | None]:
    return {f"p{place}": bind for place, bind in enumerate(binds, 1)}


def psycopg(connection: Any) -> Run:
    from psycopg import RawCursor
    from psycopg.rows import tuple_row

    def run(sql: str, binds: Sequence[str | None]) -> Any:
        with RawCursor(connection, row_factory=tuple_row) as cursor:
            return cursor.execute(sql.encode(), binds).fetchall()

    return run


def psycopg_async(connection: Any) -> AsyncRun:
    from psycopg import AsyncRawCursor
    from psycopg.rows import tuple_row

    async def run(sql: str, binds: Sequence[str | None]) -> Any:
        async with AsyncRawCursor(connection, row_factory=tuple_row) as cursor:
            await cursor.execute(sql.encode(), binds)
            return await cursor.fetchall()

    return run


def psycopg2(connection: Any) -> Run:
    from psycopg2.extensions import cursor as plain

    def run(sql: str, binds: Sequence[str | None]) -> Any:
        with connection.cursor(cursor_factory=plain) as cursor:
            cursor.execute(named(sql), _by_name(binds))
            return cursor.fetchall()

    return run


def asyncpg(connection: Any) -> AsyncRun:
    async def run(sql: str, binds: Sequence[str | None]) -> Any:
        return await connection.fetch(sql, *binds)

    return run


def django(connection: Any) -> Run:
    if connection.vendor != "postgresql":
        raise ConnectionTypeError(f"expected a PostgreSQL database of Django, got {connection.vendor}")

    def run(sql: str, binds: Sequence[str | None]) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(named(sql), _by_name(binds))
            return cursor.fetchall()

    return run


def _for_dialect(dialect: Any, sql: str, binds: Sequence[str | None]) -> tuple[str, Any]:
    style = dialect.paramstyle
    if style == "pyformat":
        return named(sql), _by_name(binds)
    if style == "numeric_dollar":
        return sql, tuple(binds)
    if style == "format":
        text, places = positional(sql)
        return text, tuple(binds[place] for place in places)
    raise ConnectionTypeError(
        f"expected a dialect of SQLAlchemy with parameters as pyformat, format or numeric_dollar, got {style}"
    )


def _postgresql(dialect: Any) -> Any:
    if dialect.name != "postgresql":
        raise ConnectionTypeError(f"expected a PostgreSQL database of SQLAlchemy, got {dialect.name}")
    return dialect


def sqlalchemy(connection: Any) -> Run:
    def run(sql: str, binds: Sequence[str | None]) -> Any:
        # A session chooses its connection anew in each transaction.
        current = connection.connection() if hasattr(connection, "get_bind") else connection
        result = current.exec_driver_sql(*_for_dialect(_postgresql(current.dialect), sql, binds))
        return [tuple(row) for row in result]

    return run


def sqlalchemy_async(connection: Any) -> AsyncRun:
    async def run(sql: str, binds: Sequence[str | None]) -> Any:
        current = await connection.connection() if hasattr(connection, "get_bind") else connection
        result = await current.exec_driver_sql(*_for_dialect(_postgresql(current.dialect), sql, binds))
        return [tuple(row) for row in result]

    return run


SYNC: dict[tuple[str, str], Callable[[Any], Run]] = {
    ("psycopg", "Connection"): psycopg,
    ("psycopg2", "connection"): psycopg2,
    ("sqlalchemy", "Connection"): sqlalchemy,
    ("sqlalchemy", "Session"): sqlalchemy,
    ("sqlalchemy", "scoped_session"): sqlalchemy,
    ("django", "BaseDatabaseWrapper"): django,
    ("django", "ConnectionProxy"): django,
}

ASYNC: dict[tuple[str, str], Callable[[Any], AsyncRun]] = {
    ("psycopg", "AsyncConnection"): psycopg_async,
    ("asyncpg", "Connection"): asyncpg,
    ("asyncpg", "PoolConnectionProxy"): asyncpg,
    ("sqlalchemy", "AsyncConnection"): sqlalchemy_async,
    ("sqlalchemy", "AsyncSession"): sqlalchemy_async,
    ("sqlalchemy", "async_scoped_session"): sqlalchemy_async,
}


def find(connection: object) -> tuple[Run | None, AsyncRun | None]:
    """Returns what runs statements on ``connection``: a function that blocks, or one that is awaited."""
    for kind in type(connection).__mro__:
        # The C part of psycopg2 gives its classes the name of another module.
        name = (kind.__module__.partition(".")[0], kind.__name__)
        if name in SYNC:
            return SYNC[name](connection), None
        if name in ASYNC:
            return None, ASYNC[name](connection)
    got = type(connection)
    raise ConnectionTypeError(f"expected {EXPECTED}; got {got.__module__}.{got.__qualname__}")
