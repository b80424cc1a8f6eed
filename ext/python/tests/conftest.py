"""The database of the tests: the engine's own tables with the rows of tests/hosted/world.sql. Each test rolls back what it does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from routes import ROUTES, Route

ROOT = Path(__file__).resolve().parents[3]
URL = os.environ.get("TASKER_CORE_PYTHON_DATABASE_URL", "")

if not URL:
    pytest.exit("TASKER_CORE_PYTHON_DATABASE_URL is not set: expected the URL of an empty database with the engine's tables", 2)


def recordings() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / "tests/hosted/conversations.json").read_text())
    return found


@pytest.fixture(scope="session")
def world() -> str:
    with psycopg.connect(URL) as connection:
        there = connection.execute("select 1 from tasker_tasks where identity_hash = 'first'").fetchone()
        if there is None:
            connection.execute((ROOT / "tests/hosted/world.sql").read_text())  # type: ignore[arg-type]
    return URL


@pytest.fixture(params=ROUTES, ids=lambda kind: kind.name)
def route(request: pytest.FixtureRequest, world: str) -> Iterator[Route]:
    opened = request.param(world)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def connection(world: str) -> Iterator[psycopg.Connection]:
    opened = psycopg.connect(world)
    try:
        yield opened
    finally:
        opened.rollback()
        opened.close()
