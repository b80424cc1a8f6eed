"""Callers at once, cancelled calls and forks."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

import tasker_core

FIRST = 2**53 - 1


def test_threads_have_their_own_coroutines(world: str) -> None:
    def ask(_: int) -> int:
        with psycopg.connect(world) as connection:
            tasker = tasker_core.on(connection)
            return sum(len(tasker.step_readiness(task=FIRST)) for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [80] * 8


def test_two_calls_at_once_on_one_connection_each_get_their_answer(world: str) -> None:
    async def both() -> None:
        async with await psycopg.AsyncConnection.connect(world) as connection:
            tasker = tasker_core.on(connection)
            levels, state = await asyncio.gather(
                tasker.dependency_levels(task=FIRST), tasker.current_state(owner="step", id=11)
            )
            assert (len(levels), state) == (4, "in_progress")

    asyncio.run(both())


def test_a_cancelled_call_leaves_the_connection_to_its_driver(world: str) -> None:
    async def cancel() -> None:
        async with await psycopg.AsyncConnection.connect(world) as blocking:
            await blocking.execute("lock table tasker_workflow_steps in access exclusive mode")
            async with await psycopg.AsyncConnection.connect(world) as connection:
                tasker = tasker_core.on(connection)
                call = asyncio.ensure_future(tasker.ready_steps(tasks=[FIRST]))
                while not await waits(blocking, connection.info.backend_pid):
                    assert not call.done()
                call.cancel()
                with pytest.raises((asyncio.CancelledError, psycopg.errors.QueryCanceled)):
                    await call
                await connection.rollback()
                await blocking.rollback()
                assert len(await tasker.ready_steps(tasks=[FIRST])) == 1

    async def waits(connection: psycopg.AsyncConnection, pid: int) -> bool:
        await asyncio.sleep(0)
        found = await connection.execute("select exists (select from pg_locks where pid = %s and not granted)", [pid])
        row = await found.fetchone()
        return bool(row and row[0])

    asyncio.run(asyncio.wait_for(cancel(), 60))


def test_a_forked_child_asks_on_its_own_connection(world: str) -> None:
    with psycopg.connect(world) as connection:
        assert len(tasker_core.on(connection).ready_steps(tasks=[FIRST])) == 1
        child = os.fork()
        if child == 0:
            try:
                own = psycopg.connect(world)
                os._exit(len(tasker_core.on(own).step_readiness(task=FIRST)))
            finally:
                os._exit(99)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
        assert len(tasker_core.on(connection).ready_steps(tasks=[FIRST])) == 1
