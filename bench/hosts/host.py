"""Microseconds of a small question through tasker_core and of the same statement through the bare driver: host.py URL ROUNDS CALLS"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psycopg
from psycopg.rows import tuple_row

import tasker_core
from tasker_core._native import Coroutine

TASK = 7
STEPS = [71, 72, 73, 74]
URL, ROUNDS, CALLS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
statement = Coroutine("step_readiness", {"task": TASK, "steps": STEPS}, 0).resume()
assert statement is not None
SQL, BINDS = statement[1], statement[2]
IMPORT = "import time; began = time.perf_counter(); import tasker_core; print((time.perf_counter() - began) * 1000)"


class Taken:
    """Microseconds a call of each side, and those of them that the process was on a processor."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {"bare": [], "core": [], "bare_cpu": [], "core_cpu": []}

    @contextmanager
    def measure(self, side: str) -> Iterator[None]:
        began, began_cpu = time.perf_counter(), time.process_time()
        yield
        self.values[side].append((time.perf_counter() - began) / CALLS * 1e6)
        self.values[f"{side}_cpu"].append((time.process_time() - began_cpu) / CALLS * 1e6)


def through_psycopg() -> dict[str, list[float]]:
    with psycopg.connect(URL, autocommit=True) as connection:
        tasker = tasker_core.on(connection)

        def bare() -> None:
            with psycopg.RawCursor(connection, row_factory=tuple_row) as cursor:
                cursor.execute(SQL.encode(), BINDS).fetchall()

        def core() -> None:
            tasker.step_readiness(task=TASK, steps=STEPS)

        taken = Taken()
        for _ in range(ROUNDS + 1):
            for side, call in (("bare", bare), ("core", core)):
                with taken.measure(side):
                    for _ in range(CALLS):
                        call()
    return taken.values


async def through_asyncpg() -> dict[str, list[float]]:
    split = urlsplit(URL)
    query = {key: values[0] for key, values in parse_qs(split.query).items()}
    connection = await asyncpg.connect(database=split.path[1:], **query)
    tasker = tasker_core.on(connection)
    taken = Taken()

    async def bare() -> None:
        await connection.fetch(SQL, *BINDS)

    async def core() -> None:
        await tasker.step_readiness(task=TASK, steps=STEPS)

    for _ in range(ROUNDS + 1):
        for side, call in (("bare", bare), ("core", core)):
            with taken.measure(side):
                for _ in range(CALLS):
                    await call()
    await connection.close()
    return taken.values


def imports() -> list[float]:
    command = [sys.executable, "-c", IMPORT]
    return [float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(min(ROUNDS, 20) + 1)]


# The first round warms up: statements are prepared, caches filled.
answer: dict[str, Any] = {"Python, psycopg": through_psycopg(), "Python, asyncpg": asyncio.run(through_asyncpg()), "import": {"ms": imports()}}
print(json.dumps({name: {side: values[1:] for side, values in taken.items()} for name, taken in answer.items()}))
