"""Runs a task with handlers in Python: DATABASE_URL=postgresql://… python examples/python/runner.py TASK"""

from __future__ import annotations

import os
import secrets
import sys
from typing import Any

import psycopg

from tasker_core import PermanentError, RetryableError, Step, TaskHandlers, TaskRunner

handlers = TaskHandlers("fulfil", namespace="python", version="1.0.0")


@handlers.step("reserve")
def reserve(step: Step) -> dict[str, Any]:
    if "order" not in step.inputs:
        raise PermanentError(f"task {step.task}: expected an order in its context, got {step.inputs}")
    return {"shelf": 2}


@handlers.step("charge")
def charge(step: Step) -> dict[str, Any]:
    if step.attempts == 0 and step.inputs.get("busy"):
        raise RetryableError("the bank is busy", retry_after=5)
    return {"paid": True}


@handlers.step("pack")
def pack(step: Step) -> None:
    pass


@handlers.step("ship")
def ship(step: Step, parents: dict[str, Any]) -> dict[str, Any]:
    assert parents["charge"] == {"paid": True}
    return {"parcel": f"{step.inputs['order']}-2"}


def main() -> None:
    task = int(sys.argv[1])
    key = secrets.randbits(64) - 2**63
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        with TaskRunner(connection, handlers, worker_key=key) as runner:
            outcome = runner.run_to_end(task)
    print(f"task {task}: {outcome.result}")


if __name__ == "__main__":
    main()
