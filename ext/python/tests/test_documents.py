"""The blocks of docs/python.md and the example, run on a real database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg

from workflows import workflow

ROOT = Path(__file__).resolve().parents[3]


def test_the_blocks_of_the_document_run(world: str, connection: psycopg.Connection) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/python.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 9
    with workflow(world) as made:
        scope: dict[str, object] = {"url": world, "task_id": 2**53 - 1, "order_id": made.create()}
        for block in blocks:
            exec(compile(block, "docs/python.md", "exec"), scope)
    state = "select count(*) from tasker_workflow_step_transitions where workflow_step_id = 9007199254740992"
    assert connection.execute(state).fetchone() == (0,)


def test_the_example_runs(world: str) -> None:
    command = [sys.executable, str(ROOT / "examples/python/readiness.py"), str(2**53 - 1)]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DATABASE_URL": world})
    assert ran.returncode == 0, ran.stderr
    assert "may be run" in ran.stdout and "is blocked: not_retryable" in ran.stdout
