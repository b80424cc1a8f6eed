"""Real drivers, each in a transaction of its own."""

from __future__ import annotations

import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import psycopg
import pytest

from conftest import recordings
from routes import Asyncpg, Awaited, Django, Psycopg, Route

FIRST = 2**53 - 1
SECOND = 2**53 + 1
LAST = 2**63 - 1
DEEP = {"by": 'ü"\\\x01🚚 %s :a $1', "deep": [[[{"n": None, "big": LAST, "part": 0.1, "no": False}]]]}
MOVING = {"activity", "activity_rates", "system_load", "task_drawing"}


def timeless(operation: str, answer: Any) -> Any:
    """The answer without what the database's clock says."""
    if operation in MOVING:
        return type(answer)
    return {key: value for key, value in answer.items() if key != "now"} if isinstance(answer, dict) else answer


def test_reads_answer_as_recorded(route: Route) -> None:
    for recording in recordings():
        if any(exchange["writes"] for exchange in recording["statements"]):
            continue
        operation = recording["operation"]
        answer = timeless(operation, route.call(operation, **recording["arguments"]))
        expected = timeless(operation, recording["answer"])
        assert without_versions(answer) == without_versions(expected), (operation, recording["arguments"])


def without_versions(answer: Any) -> Any:
    """The answer without versions of rows, which differ from database to database."""
    if isinstance(answer, list):
        return [without_versions(one) for one in answer]
    if isinstance(answer, dict):
        return {key: without_versions(value) for key, value in answer.items() if not key.endswith("version") or value == "0.1.0"}
    return answer


def test_a_guard_refuses(route: Route) -> None:
    refused = route.call("transition_to", owner="step", id=LAST, to="in_progress")
    assert refused == {"result": "refused", "reason": "guard_failed", "from": "pending", "guard": "parents_done"}
    refused = route.call("transition_to", owner="task", id=FIRST, to="complete")
    assert refused["reason"] == "guard_failed"
    assert route.rows(f"select count(*) from tasker_task_transitions where task_id = {FIRST}") == [(1,)]


def test_metadata_and_microseconds_are_kept(route: Route) -> None:
    moved = route.call(
        "transition_to", owner="step", id=FIRST + 1, to="in_progress", metadata=DEEP, at=1_750_000_000_123_456
    )
    assert (moved["result"], moved["sort_key"], moved["from"]) == ("recorded", 10, "pending")
    [row] = route.rows(
        f"select jsonb_typeof(metadata), metadata::text, created_at::text from tasker_workflow_step_transitions where id = {moved['id']}"
    )
    assert row[0] == "object"
    assert json.loads(row[1]) == {**DEEP, "by": DEEP["by"]}
    assert row[2] == "2025-06-15 15:06:40.123456"


def test_the_zone_of_the_session_does_not_count(route: Route) -> None:
    route.rows("select set_config('TimeZone', 'America/New_York', true)")
    route.execute(
        "update tasker_workflow_steps set retry_limit = 9, attempts = 1, backoff_request_seconds = 2, "
        "last_attempted_at = now() at time zone 'UTC' where workflow_step_id = 12"
    )
    assert route.call("next_wait", task=SECOND) == 2_000_000
    before = route.rows("select (extract(epoch from now()) * 1000000)::bigint")[0][0]
    moved = route.call("transition_to", owner="step", id=11, to="complete")
    [(at,)] = route.rows(
        f"select (extract(epoch from created_at) * 1000000)::bigint from tasker_workflow_step_transitions where id = {moved['id']}"
    )
    assert abs(at - before) < 3_600_000_000


def test_a_savepoint_takes_a_transition_back(route: Route) -> None:
    route.execute("savepoint before")
    assert route.call("transition_to", owner="step", id=FIRST + 1, to="in_progress")["result"] == "recorded"
    assert route.call("current_state", owner="step", id=FIRST + 1) == "in_progress"
    route.execute("rollback to savepoint before")
    assert route.call("current_state", owner="step", id=FIRST + 1) == "pending"


def test_nothing_is_committed(route: Route, world: str) -> None:
    assert route.call("transition_to", owner="step", id=FIRST + 1, to="in_progress")["result"] == "recorded"
    other = Psycopg(world)
    try:
        assert other.call("current_state", owner="step", id=FIRST + 1) == "pending"
    finally:
        other.close()


def test_errors_of_the_database_are_those_of_the_driver(route: Route) -> None:
    route.execute("savepoint before")
    route.execute("alter table tasker_workflow_steps rename to elsewhere")
    with pytest.raises(route.error):
        route.call("ready_steps", tasks=[FIRST])
    route.execute("rollback to savepoint before")
    assert [step["step"] for step in route.call("ready_steps", tasks=[FIRST])] == [FIRST + 1]


def test_a_cancelled_statement_is_an_error_of_the_driver(route: Route, world: str) -> None:
    [(pid,)] = route.rows("select pg_backend_pid()")
    route.execute("savepoint before")
    with psycopg.connect(world) as other, ThreadPoolExecutor(1) as pool:
        other.execute("lock table tasker_workflow_steps in access exclusive mode")
        cancelling = pool.submit(cancel, other, pid)
        with pytest.raises(Exception) as cancelled:
            route.call("ready_steps", tasks=[FIRST])
        assert cancelling.result()
        other.rollback()
    assert not type(cancelled.value).__module__.startswith("tasker_core")
    assert sqlstate(cancelled.value) == "57014"
    route.execute("rollback to savepoint before")
    assert len(route.call("ready_steps", tasks=[FIRST])) == 1


def cancel(connection: psycopg.Connection, pid: int) -> bool:
    """Cancels the statement of that session as soon as it waits for a lock."""
    waiting = "select pg_cancel_backend(pid) from pg_locks where pid = %s and not granted"
    deadline = time.monotonic() + 60
    while connection.execute(waiting, [pid]).fetchone() is None:
        if time.monotonic() > deadline:
            return False
    return True


def sqlstate(error: BaseException | None) -> str | None:
    """The SQLSTATE of an error, wherever its driver keeps it."""
    while error is not None:
        found = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        if found:
            return str(found)
        error = getattr(error, "orig", None) or error.__cause__
    return None


def test_a_forked_child_asks_on_its_own_connection(route: Route, world: str) -> None:
    if isinstance(route, Django):
        pytest.skip("Django has one connection a thread, which has to be closed before a fork")
    child = os.fork()
    if child == 0:
        try:
            os._exit(len(type(route)(world).call("step_readiness", task=FIRST)))
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
    assert len(route.call("ready_steps", tasks=[FIRST])) == 1


def test_two_calls_at_once_each_get_their_answer(route: Route) -> None:
    if not isinstance(route, Awaited):
        pytest.skip("calls that block are never made at once on one connection")
    levels, state = route.wait(both(route))
    assert len(levels) == 4
    if isinstance(route, Asyncpg):  # the driver itself allows one statement at a time
        assert isinstance(state, asyncpg.InterfaceError)
        state = route.call("current_state", owner="step", id=11)
    assert state == "in_progress"


async def both(route: Route) -> list[Any]:
    levels = route.tasker.dependency_levels(task=FIRST)
    state = route.tasker.current_state(owner="step", id=11)
    return await asyncio.gather(levels, state, return_exceptions=True)
