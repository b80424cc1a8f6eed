"""Runners on real drivers: every one runs the same tasks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import psycopg2
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

import tasker_core
from routes import sqlalchemy_url
from tasker_core import Outcome, PermanentError, RetryableError, Step, TaskHandlers
from workflows import KIND, Workflow, workflow

COMPLETE = dict.fromkeys(["reserve", "charge", "pack", "ship"], "complete")


def task_handlers() -> TaskHandlers:
    return TaskHandlers(KIND[1], namespace=KIND[0], version=KIND[2])


class Runs:
    """A runner on one driver, with the same methods for those that block and those that are awaited."""

    def __init__(self, call: Callable[[Callable[[Any], Any]], Any], runner: Callable[..., Any], connection: Any) -> None:
        self.call, self.runner, self.connection = call, runner, connection

    def __call__(self, method: str, handlers: Any, *arguments: Any, **options: Any) -> Any:
        return self.call(lambda: getattr(self.runner(self.connection, handlers, **options), method)(*arguments))  # type: ignore[call-arg, misc]


@contextlib.contextmanager
def blocking(open_: Callable[[], Any], close: Callable[[Any], None]) -> Iterator[Runs]:
    connection = open_()
    try:
        yield Runs(lambda call: call(), tasker_core.TaskRunner, connection)  # type: ignore[call-arg]
    finally:
        close(connection)


@contextlib.contextmanager
def awaited(open_: Callable[[], Awaitable[Any]], close: Callable[[Any], Awaitable[None]]) -> Iterator[Runs]:
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(open_())
    try:
        yield Runs(lambda call: loop.run_until_complete(call()), tasker_core.AsyncTaskRunner, connection)  # type: ignore[call-arg]
    finally:
        loop.run_until_complete(close(connection))
        loop.close()


def psycopg2_connection(url: str) -> Any:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def sqlalchemy_connection(url: str) -> Any:
    return sqlalchemy.create_engine(sqlalchemy_url(url, "psycopg"), isolation_level="AUTOCOMMIT").connect()


async def sqlalchemy_async_connection(url: str) -> Any:
    return await create_async_engine(sqlalchemy_url(url, "asyncpg"), isolation_level="AUTOCOMMIT").connect()


async def close_engine(connection: Any) -> None:
    await connection.close()
    await connection.engine.dispose()


KINDS: dict[str, Callable[[str], Any]] = {
    "psycopg": lambda url: blocking(lambda: psycopg.connect(url, autocommit=True), lambda opened: opened.close()),
    "psycopg2": lambda url: blocking(lambda: psycopg2_connection(url), lambda opened: opened.close()),
    "sqlalchemy": lambda url: blocking(lambda: sqlalchemy_connection(url), lambda opened: opened.close()),
    "psycopg-async": lambda url: awaited(
        lambda: psycopg.AsyncConnection.connect(url, autocommit=True), lambda opened: opened.close()
    ),
    "asyncpg": lambda url: awaited(lambda: asyncpg.connect(url), lambda opened: opened.close()),
    "sqlalchemy-asyncpg": lambda url: awaited(lambda: sqlalchemy_async_connection(url), close_engine),
}


@pytest.fixture
def made(world: str) -> Iterator[Workflow]:
    with workflow(world) as opened:
        yield opened


@pytest.fixture(params=KINDS)
def run(request: pytest.FixtureRequest, world: str) -> Iterator[Runs]:
    with KINDS[request.param](world) as runs:
        yield runs


def all_succeed(seen: list[Any]) -> TaskHandlers:
    handlers = task_handlers()

    @handlers.step("reserve")
    def reserve(step: Step) -> object:
        seen.append((step.name, step.inputs, step.attempts))
        return {"reserved": step.inputs["order"], "text": "ü🚚"}

    @handlers.step("charge")
    def charge(step: Step, parents: dict[str, Any]) -> object:
        seen.append((step.name, parents))
        return [1, None, 2**62]

    @handlers.step("pack")
    def pack(step: Step) -> None:
        seen.append((step.name, step.retry_limit))

    @handlers.step("ship")
    def ship(step: Step, parents: dict[str, Any]) -> object:
        seen.append((step.name, parents))
        return "done"

    return handlers


def test_a_task_is_run_to_its_end(made: Workflow, run: Runs) -> None:
    task = made.create()
    seen: list[Any] = []
    assert run("run", all_succeed(seen), task) == Outcome("complete")
    assert made.state(task) == "complete" and made.states(task) == COMPLETE
    reserved = {"reserved": 7, "text": "ü🚚"}
    assert seen[0] == ("reserve", {"order": 7}, 0)
    assert sorted(seen[1:3], key=str) == [("charge", {"reserve": reserved}), ("pack", 3)]
    assert seen[3] == ("ship", {"charge": [1, None, 2**62], "pack": None})
    assert made.column(task, "reserve", "results") == reserved
    assert made.column(task, "charge", "results") == [1, None, 2**62]
    assert (made.column(task, "ship", "processed"), made.column(task, "ship", "attempts")) == (True, 1)
    assert made.claims(task) == [None] * 5


def test_a_failure_is_kept_and_tried_again_after_the_backoff(made: Workflow, run: Runs) -> None:
    task = made.create()
    handlers, attempts = task_handlers(), []

    @handlers.step("reserve")
    def reserve(step: Step) -> object:
        attempts.append((step.attempts, step.previous_results.get("error")))
        if step.attempts == 0:
            raise LookupError("no stock of \0 today")
        return {}

    for name in ("charge", "pack", "ship"):
        handlers.step(name)(lambda step: name)
    outcome = run("run", handlers, task)
    assert (outcome.result, outcome.pause) == ("pending", "waiting") and 0 < outcome.come_back <= 2_000_000
    failure = made.column(task, "reserve", "results")
    assert (failure["error"], failure["error_class"]) == ("no stock of \\0 today", "LookupError")
    assert "test_runner.py" in failure["backtrace"] and "in reserve" in failure["backtrace"]
    assert (made.state(task), made.states(task)["reserve"]) == ("pending", "error")

    made.skip_waits(task)
    assert run("run", handlers, task) == Outcome("complete")
    assert attempts == [(0, None), (1, "no stock of \\0 today")]


def test_handlers_decide_on_further_attempts(made: Workflow, run: Runs) -> None:
    task = made.create()
    handlers = task_handlers()

    @handlers.step("reserve")
    def reserve(step: Step) -> object:
        if step.attempts == 0:
            raise RetryableError("later", retry_after=40_000)
        raise PermanentError("never")

    for name in ("charge", "pack", "ship"):
        handlers.step(name)(lambda step: name)
    outcome = run("run", handlers, task)
    assert outcome.result == "pending" and outcome.come_back > 39_000_000_000
    assert made.column(task, "reserve", "backoff_request_seconds") == 40_000
    made.database.execute("update tasker_workflow_steps set backoff_request_seconds = null where task_id = %s", (task,))
    made.skip_waits(task)
    assert run("run", handlers, task) == Outcome("pending", pause="waiting")
    assert (made.states(task)["reserve"], made.column(task, "reserve", "retryable")) == ("error", False)
    assert made.column(task, "reserve", "results")["error_class"] == "tasker_core.errors.PermanentError"


def test_results_that_cannot_be_kept_are_failures(made: Workflow, run: Runs) -> None:
    circle: list[Any] = []
    circle.append(circle)
    for result, error_class in [(object(), "TypeError"), (float("nan"), "ValueError"), ("\0", "ValueError"), ("\ud800", "UnicodeEncodeError"), (circle, "ValueError")]:
        task = made.create()
        handlers = task_handlers()
        for name in ("reserve", "charge", "pack", "ship"):
            handlers.step(name)(lambda step, result=result: result)
        assert run("run", handlers, task).result == "pending"
        assert made.column(task, "reserve", "results")["error_class"] == error_class


def test_a_transaction_is_refused(made: Workflow, world: str) -> None:
    task = made.create()
    with psycopg.connect(world) as connection:
        with pytest.raises(tasker_core.RunnerConnectionError, match="autocommits, got one in a transaction"):
            tasker_core.TaskRunner(connection, all_succeed([])).run(task)

    async def in_a_transaction() -> None:
        opened = await asyncpg.connect(world)
        try:
            async with opened.transaction():
                await tasker_core.AsyncTaskRunner(opened, all_succeed([])).run(task)
        finally:
            await opened.close()

    with pytest.raises(tasker_core.RunnerConnectionError):
        asyncio.run(in_a_transaction())
    assert made.claims(task) == []


def test_handlers_have_to_fit(made: Workflow, run: Runs) -> None:
    task = made.create()
    handlers = task_handlers()
    handlers.step("reserve")(lambda step: None)
    with pytest.raises(tasker_core.HandlerError, match="a handler for each step, got none for charge, pack, ship"):
        run("run", handlers, task)
    with pytest.raises(tasker_core.HandlerError, match=r"expected one of the tasks that have handlers \(default/other/0.1.0\), got python/fulfil"):
        run("run", TaskHandlers("other"), task)
    with pytest.raises(tasker_core.HandlerError, match="twice"):
        run("run", [handlers, handlers], task)
    with pytest.raises(tasker_core.HandlerError, match="got a second one"):
        handlers.step("reserve")(lambda step: None)
    with pytest.raises(tasker_core.HandlerError, match=r"\(step\) or \(step, parents\)"):
        handlers.step("charge")(lambda: None)  # type: ignore[arg-type, misc]
    assert made.claims(task) == [] and made.state(task) == "pending"


def test_tasks_that_cannot_be_started_are_refused(made: Workflow, run: Runs) -> None:
    task = made.create()
    handlers = all_succeed([])
    assert run("run", handlers, -1) == Outcome("refused", reason="unknown_task")
    run("run", handlers, task)
    assert run("run", handlers, task) == Outcome("refused", reason="already_complete")
    other = made.create()
    tasker_core.on(made.database).transition_to(owner="task", id=other, to="in_progress")
    assert run("run", handlers, other) == Outcome("refused", reason="not_pending", state="in_progress")


def test_ready_tasks_are_found_and_worked_on(made: Workflow, run: Runs) -> None:
    tasks = [made.create() for _ in range(3)]
    tasker_core.on(made.database).transition_to(owner="task", id=tasks[1], to="in_progress")
    assert run("find", all_succeed([])) == [tasks[0], tasks[2]]
    stop: Any = threading.Event() if run.runner is tasker_core.TaskRunner else asyncio.Event()
    handlers = task_handlers()
    for name in ("reserve", "charge", "pack"):
        handlers.step(name)(lambda step: None)

    @handlers.step("ship")
    def ship(step: Step) -> None:
        if step.task == tasks[2]:
            stop.set()

    run("work", handlers, stop)
    assert [made.state(task) for task in tasks] == ["complete", "in_progress", "complete"]


def test_a_step_without_attempts_left_blocks_its_task(made: Workflow, run: Runs) -> None:
    task = made.create(retry_limit=1)
    handlers = task_handlers()
    for name in ("reserve", "charge", "pack", "ship"):
        handlers.step(name)(lambda step: 1 // 0)
    assert run("run", handlers, task) == Outcome("blocked")
    assert (made.state(task), made.column(task, "reserve", "results")["error_class"]) == ("error", "ZeroDivisionError")


def test_steps_of_a_wave_run_at_the_same_time(made: Workflow, run: Runs) -> None:
    task = made.create()
    both = threading.Barrier(2, timeout=60)
    handlers = task_handlers()
    for name in ("reserve", "ship"):
        handlers.step(name)(lambda step: None)
    for name in ("charge", "pack"):
        handlers.step(name)(lambda step: both.wait() >= 0)
    assert run("run", handlers, task) == Outcome("complete")


def test_coroutines_are_awaited(made: Workflow, world: str) -> None:
    task = made.create()
    handlers = task_handlers()

    @handlers.step("reserve")
    async def reserve(step: Step) -> object:
        await asyncio.sleep(0)
        return {"by": "coroutine"}

    for name in ("charge", "pack", "ship"):
        handlers.step(name)(lambda step: None)

    async def main() -> Outcome:
        connection = await asyncpg.connect(world)
        try:
            async with tasker_core.AsyncTaskRunner(connection, handlers) as runner:
                return await runner.run_to_end(task)
        finally:
            await connection.close()

    assert asyncio.run(main()) == Outcome("complete")
    assert made.column(task, "reserve", "results") == {"by": "coroutine"}


def test_a_key_stands_in_the_claims_and_is_locked(made: Workflow, run: Runs, world: str) -> None:
    task = made.create()
    key = secrets.randbits(64) - 2**63
    locks = (
        "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 1 and mode = 'ExclusiveLock' "
        "and (classid::bigint << 32 | objid::bigint) = %s"
    )
    assert run("run", all_succeed([]), task, worker_key=key) == Outcome("complete")
    assert made.claims(task) == [{"worker": str(key)}] * 5
    assert made.one(locks, key) == 1
    with psycopg.connect(world, autocommit=True) as other:
        with pytest.raises(tasker_core.RunnerConnectionError, match="whose lock another session holds"):
            tasker_core.TaskRunner(other, all_succeed([]), worker_key=key).run(made.create())
    with pytest.raises(ValueError, match="64 bits"):
        run("run", all_succeed([]), task, worker_key=2**63)


DYING = """
import os, sys, psycopg, tasker_core
connection = psycopg.connect(sys.argv[1], autocommit=True)
handlers = tasker_core.TaskHandlers("fulfil", namespace="python", version="1.0.0")
for name in ("reserve", "charge", "pack", "ship"):
    handlers.step(name)(lambda step: os._exit(9))
tasker_core.TaskRunner(connection, handlers, worker_key=4711).run(int(sys.argv[2]))
"""


def test_a_process_that_dies_leaves_claims_that_recovery_takes_up(made: Workflow, world: str) -> None:
    task = made.create()
    died = subprocess.run([sys.executable, "-c", DYING, world, str(task)], capture_output=True, text=True)
    assert died.returncode == 9, died.stderr
    assert (made.state(task), made.states(task)["reserve"]) == ("in_progress", "in_progress")
    assert made.claims(task) == [{"worker": "4711"}] * 2


def test_the_example_runs(made: Workflow, world: str) -> None:
    task = made.create()
    command = [sys.executable, str(Path(__file__).resolve().parents[3] / "examples/python/runner.py"), str(task)]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DATABASE_URL": world})
    assert ran.returncode == 0, ran.stderr
    assert "complete" in ran.stdout
    assert json.loads(json.dumps(made.column(task, "ship", "results"))) == {"parcel": "7-2"}
