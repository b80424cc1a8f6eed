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

from ._native import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import overload

    from ._async_runner import AsyncTaskRunner as AsyncTaskRunner
    from ._handlers import Step as Step
    from ._handlers import TaskHandlers as TaskHandlers
    from ._operations import AsyncTasker as AsyncTasker
    from ._operations import Tasker as Tasker
    from ._protocols import AwaitedCommit, AwaitedFetch, Commit
    from ._runner import TaskRunner as TaskRunner
    from ._runner_base import Outcome as Outcome
    from .errors import ArgumentError as ArgumentError
    from .errors import ConnectionTypeError as ConnectionTypeError
    from .errors import ContentionError as ContentionError
    from .errors import CycleError as CycleError
    from .errors import DecodeError as DecodeError
    from .errors import HandlerError as HandlerError
    from .errors import InternalError as InternalError
    from .errors import PermanentError as PermanentError
    from .errors import RetryableError as RetryableError
    from .errors import RunnerConnectionError as RunnerConnectionError
    from .errors import TaskerError as TaskerError
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
    from ._drivers import find
    from ._operations import AsyncTasker, Tasker

    run, async_run = find(connection)
    return Tasker(run) if run is not None else AsyncTasker(async_run)  # type: ignore[arg-type]


# Read when they are first used: a program that only imports the package does not wait for them.
_MODULES = {
    "_async_runner": ("AsyncTaskRunner",),
    "_handlers": ("Step", "TaskHandlers"),
    "_operations": ("AsyncTasker", "Tasker"),
    "_runner": ("TaskRunner",),
    "_runner_base": ("Outcome",),
    "errors": (
        "ArgumentError",
        "ConnectionTypeError",
        "ContentionError",
        "CycleError",
        "DecodeError",
        "HandlerError",
        "InternalError",
        "PermanentError",
        "RetryableError",
        "RunnerConnectionError",
        "TaskerError",
    ),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE_OF})


__all__ = [
    "INFINITY",
    "NEGATIVE_INFINITY",
    "ArgumentError",
    "AsyncTaskRunner",
    "AsyncTasker",
    "ConnectionTypeError",
    "ContentionError",
    "CycleError",
    "DecodeError",
    "HandlerError",
    "InternalError",
    "Outcome",
    "PermanentError",
    "RetryableError",
    "RunnerConnectionError",
    "Step",
    "TaskHandlers",
    "TaskRunner",
    "Tasker",
    "TaskerError",
    "__version__",
    "on",
]
