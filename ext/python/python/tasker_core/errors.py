"""Exceptions of tasker_core. Errors of the database are those of its driver, unchanged.

A transition that is refused is an answer, not an error.
"""

from __future__ import annotations


class TaskerError(Exception):
    """Base class of all exceptions that tasker_core raises."""


class ArgumentError(TaskerError, TypeError):
    """An operation was called with arguments that do not fit."""

    def __init__(self, message: str, *, operation: str, argument: str | None, problem: str) -> None:
        super().__init__(message)
        self.operation = operation
        """The operation."""
        self.argument = argument
        """The path of the argument, such as ``tasks[0]``; None where an argument is unknown or missing."""
        self.problem = problem
        """Expected and got."""


class ConnectionTypeError(TaskerError, TypeError):
    """``tasker_core.on`` was called with something that is no supported connection."""


class CycleError(TaskerError):
    """The steps of a task depend on each other in a cycle."""

    def __init__(self, message: str, *, steps: list[int]) -> None:
        super().__init__(message)
        self.steps = steps
        """The ids of the steps in the cycle."""


class ContentionError(TaskerError):
    """A transition kept losing its race against others of the same task or step."""

    def __init__(self, message: str, *, owner: str, to: str, attempts: int) -> None:
        super().__init__(message)
        self.owner = owner
        """The task or step, such as ``step 7``."""
        self.to = to
        """The state that was requested."""
        self.attempts = attempts
        """The number of races lost."""


class HandlerError(TaskerError):
    """The handlers of a runner and the steps of a task do not fit."""


class RunnerConnectionError(TaskerError):
    """The connection of a runner is in a transaction, or its ``worker_key`` is another session's."""


class PermanentError(Exception):
    """Raised by a handler: the step has failed, and no other attempt may be made. As with the engine, its task stays pending."""


class RetryableError(Exception):
    """Raised by a handler: the attempt has failed, and the next one may be made after ``retry_after`` seconds.

    ``retry_after`` is at most 65535; without, the engine's backoff counts alone.
    """

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        if retry_after is not None and not 0 <= retry_after < 2**16:
            raise ValueError(f"retry_after: expected 0 to 65535 seconds, got {retry_after}")
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds to wait, or None."""


class InternalError(TaskerError):
    """A defect of tasker_core. Please report it."""


class DecodeError(InternalError):
    """The database answered with rows of another shape, because its tables differ or its driver converts values."""

    def __init__(self, message: str, *, query: str, row: int, column: int, expected: str, got: str) -> None:
        super().__init__(message)
        self.query = query
        """The name of the statement."""
        self.row = row
        """The row, counted from 0."""
        self.column = column
        """The column, counted from 0."""
        self.expected = expected
        """The kind of value that was expected."""
        self.got = got
        """The value that was there instead."""
