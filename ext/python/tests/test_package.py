"""The package itself: generated modules, types, documentation, imports."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import tasker_core
from tasker_core._native import OPERATIONS

PROJECT = Path(__file__).resolve().parents[1]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)


def test_generated_modules_are_current() -> None:
    checked = run(sys.executable, "tools/generate.py", "--check")
    assert checked.returncode == 0, checked.stderr


def test_types_are_strict() -> None:
    checked = run(sys.executable, "-m", "mypy")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("kind", [tasker_core.Tasker, tasker_core.AsyncTasker])
def test_every_operation_is_a_documented_method(kind: type) -> None:
    for operation in OPERATIONS:
        method = getattr(kind, operation)
        assert inspect.getdoc(method), operation
        assert inspect.iscoroutinefunction(method) == (kind is tasker_core.AsyncTasker)
        for parameter in list(inspect.signature(method).parameters.values())[1:]:
            assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
            assert f":param {parameter.name}: " in (inspect.getdoc(method) or "")


def test_no_driver_is_imported() -> None:
    script = "import sys, tasker_core; print(sorted({'psycopg', 'psycopg2', 'asyncpg', 'sqlalchemy', 'django', 'typing'} & set(sys.modules)))"
    assert run(sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}; {script}").stdout.strip() == "[]"


def test_the_types_can_be_imported() -> None:
    from tasker_core import types

    assert types.ReadyStep.__required_keys__ == {"task", "step", "failed"}
