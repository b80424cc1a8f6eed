"""Prints why each step of a task waits: DATABASE_URL=postgresql://… python examples/python/readiness.py TASK"""

from __future__ import annotations

import os
import sys

import psycopg

import tasker_core
from tasker_core.types import Blocker


def reason(blocker: Blocker | None, ready: bool) -> str:
    if ready:
        return "may be run"
    if blocker is None:
        return "is running or done"
    if blocker["kind"] == "parents":
        return f"waits for {blocker['open']} of {blocker['total']} parents"
    if blocker["kind"] == "exhausted":
        return f"has used up {blocker['attempts']} of {blocker['limit']} attempts"
    return f"is blocked: {blocker['kind']}"


def main() -> None:
    task = int(sys.argv[1])
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        tasker = tasker_core.on(connection)
        blockers = tasker.blockers(task=task)
        if blockers is None:
            sys.exit(f"expected the id of a task, got {task}, which is none")
        for step, blocker in zip(tasker.step_readiness(task=task), blockers):
            print(f"{step['workflow_step_id']} {step['name']!r} {reason(blocker, step['ready_for_execution'])}")


if __name__ == "__main__":
    main()
