"""Handlers in Python, and what they get."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import HandlerError


@dataclass(frozen=True)
class Step:
    """One attempt at a step, as its handler gets it."""

    task: int
    """The id of its task."""
    id: int
    """The id of the step."""
    name: str
    """The name of the step."""
    inputs: Any
    """The inputs that it was created with: the context of the task."""
    previous_results: Any
    """The results in the step's row: of an attempt that failed the keys ``error``, ``error_class`` and ``backtrace``, at first none."""
    attempts: int
    """Attempts before this one."""
    retry_limit: int
    """Attempts allowed."""


Parents = dict[str, Any]
"""The results of the steps that a step waits for, by name."""

Handler = Callable[[Step], Any] | Callable[[Step, Parents], Any]
AnyHandler = TypeVar("AnyHandler", bound=Handler)


class TaskHandlers:
    """The handlers of one kind of task, one for each of its steps.

    A handler takes the ``Step``, or the ``Step`` and the results of its parents by name. What it returns becomes the step's results, as JSON.
    An exception puts the step into error, to be tried again after the engine's backoff; ``PermanentError`` and ``RetryableError`` decide
    otherwise. Runners that are awaited take coroutine functions as well; others run in threads there.
    """

    def __init__(self, name: str, *, namespace: str = "default", version: str = "0.1.0") -> None:
        self.kind = (namespace, name, version)
        """The namespace, name and version of the task."""
        self.steps: dict[str, Handler] = {}
        """The handlers by the name of their step."""
        self._with_parents: dict[str, bool] = {}

    def step(self, name: str) -> Callable[[AnyHandler], AnyHandler]:
        """Registers the decorated function as the handler of step ``name``.

        Raises ``HandlerError`` where there is one already, or where the function takes other arguments than a handler's.
        """

        def register(handler: AnyHandler) -> AnyHandler:
            label = f"step {name!r} of {'/'.join(self.kind)}"
            if name in self.steps:
                raise HandlerError(f"{label}: expected one handler, got a second one: {handler!r}")
            required, most = _positional(handler)
            if not required <= 2 or most < 1:
                raise HandlerError(f"{label}: expected a handler of (step) or (step, parents), got {inspect.signature(handler)}")
            self.steps[name] = handler
            self._with_parents[name] = most >= 2 and required != 1
            return handler

        return register

    def wants_parents(self, name: str) -> bool:
        """Whether the handler of step ``name`` takes the results of its parents."""
        return self._with_parents[name]


def _positional(handler: Handler) -> tuple[int, int]:
    """The number of positional arguments that a handler must get, and that it can get."""
    required = most = 0
    for parameter in inspect.signature(handler).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            most += 2
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            most += 1
            required += parameter.default is parameter.empty
        elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            return 3, most
    return required, most
