"""The dependency resolution and state transitions of tasker-engine, on your own database connection.

``on(connection)`` returns an object with a method for each operation. Its statements run on this connection, in the transaction that is
open there; nothing is committed and no other connection is opened::

    with psycopg.connect(...) as connection:
        tasker = tasker_core.on(connection)
        for ready in tasker.ready_steps(tasks=[7]):
            tasker.transition_to(owner="step", id=ready["step"], to="in_progress")

The methods of ``Tasker`` are documented one by one: ``help(tasker_core.Tasker)``. Those of ``AsyncTasker`` are the same, and awaited.

Instants are integers: microseconds since 1970 in UTC. ``INFINITY`` and ``NEGATIVE_INFINITY`` stand for PostgreSQL's infinities.
"""

from __future__ import annotations

from ._drivers import find as _find
from ._native import __version__
from ._operations import AsyncTasker, Tasker
from .errors import (
    ArgumentError,
    ConnectionTypeError,
    ContentionError,
    CycleError,
    DecodeError,
    InternalError,
    TaskerError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import overload

    from ._protocols import AwaitedCommit, AwaitedFetch, Commit
else:

    def overload(function):
        return function


INFINITY = 2**63 - 1
"""PostgreSQL's ``infinity`` as an instant."""

NEGATIVE_INFINITY = -(2**63)
"""PostgreSQL's ``-infinity`` as an instant."""


@overload
def on(connection: Commit) -> Tasker: ...
@overload
def on(connection: AwaitedCommit | AwaitedFetch) -> AsyncTasker: ...
def on(connection: object) -> Tasker | AsyncTasker:
    """Returns the operations on ``connection``: a ``Tasker``, or an ``AsyncTasker`` where the connection is awaited.

    ``connection`` is one of psycopg (``Connection``, ``AsyncConnection``), psycopg2, asyncpg, SQLAlchemy (``Connection``, ``Session`` and
    their async kinds) or Django (``django.db.connection``). Raises ``ConnectionTypeError`` for anything else.
    """
    run, async_run = _find(connection)
    return Tasker(run) if run is not None else AsyncTasker(async_run)  # type: ignore[arg-type]


__all__ = [
    "INFINITY",
    "NEGATIVE_INFINITY",
    "ArgumentError",
    "AsyncTasker",
    "ConnectionTypeError",
    "ContentionError",
    "CycleError",
    "DecodeError",
    "InternalError",
    "Tasker",
    "TaskerError",
    "__version__",
    "on",
]
