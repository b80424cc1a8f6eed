"""Uses of the package that a type checker reads; nothing here runs."""

from __future__ import annotations

import asyncpg
import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

import tasker_core
from tasker_core import AsyncTasker, AsyncTaskRunner, Outcome, Step, Tasker, TaskHandlers, TaskRunner
from tasker_core.types import ReadyStep


def blocking(connection: psycopg.Connection, alchemy: Connection, session: Session) -> list[ReadyStep]:
    first: Tasker = tasker_core.on(connection)
    second: Tasker = tasker_core.on(alchemy)
    third: Tasker = tasker_core.on(session)
    result = first.transition_to(owner="step", id=7, to="in_progress", metadata={"by": "nightly"})
    if result["result"] == "recorded":
        print(result["sort_key"] + 1)
    elif result["reason"] == "guard_failed":
        print(result["guard"], result["from"])
    blockers = second.blockers(task=7)
    for blocker in blockers or []:
        if blocker is not None and blocker["kind"] == "backoff":
            print(blocker["until"] + 1)
    first.closes_cycle(edge={"from": 1, "to": 2})
    first.current_state(owner="flow", id=7)  # type: ignore[arg-type]
    first.ready_steps(task=7)  # type: ignore[call-arg]
    first.ready_steps(tasks=["7"])  # type: ignore[list-item]
    return third.ready_steps(tasks=[7])


async def awaited(
    connection: psycopg.AsyncConnection, alchemy: AsyncConnection, session: AsyncSession
) -> list[ReadyStep]:
    first: AsyncTasker = tasker_core.on(connection)
    second: AsyncTasker = tasker_core.on(alchemy)
    third: AsyncTasker = tasker_core.on(session)
    wait = await first.next_wait(task=7)
    print(wait + 1 if wait is not None else await second.system_load())
    return await third.ready_steps(tasks=[7])


async def fetched(connection: asyncpg.Connection) -> list[ReadyStep]:
    tasker: AsyncTasker = tasker_core.on(connection)
    return await tasker.ready_steps(tasks=[7])


handlers = TaskHandlers("fulfil")


@handlers.step("reserve")
def reserve(step: Step) -> object:
    return step.inputs


@handlers.step("ship")
def ship(step: Step, parents: dict[str, object]) -> object:
    return parents["reserve"]


@handlers.step("charge")  # type: ignore[type-var]
def charge(step: int) -> None:
    pass


def running(connection: psycopg.Connection, pooled: asyncpg.Connection) -> None:
    outcome: Outcome = TaskRunner(connection, handlers, slots=2).run(7)
    if outcome.come_back is not None:
        print(outcome.come_back + 1)
    TaskRunner(pooled, handlers).run("7")  # type: ignore[arg-type]


async def running_async(connection: psycopg.AsyncConnection) -> int | None:
    return (await AsyncTaskRunner(connection, [handlers]).run_to_end(7)).come_back
