"""Errors and what they say."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

import tasker_core
from tasker_core import _native
from tasker_core._native import Coroutine

LAST = 2**63 - 1


def test_wrong_arguments_are_named(connection: psycopg.Connection) -> None:
    tasker: Any = tasker_core.on(connection)
    with pytest.raises(tasker_core.ArgumentError) as raised:
        tasker.ready_steps(tasks=[1, "2"])
    error = raised.value
    assert (error.operation, error.argument) == ("ready_steps", "tasks[1]")
    assert error.problem == 'invalid type: string "2", expected i64'
    assert str(error).startswith("ready_steps: argument `tasks[1]`: ")
    with pytest.raises(tasker_core.ArgumentError):
        tasker.ready_steps(tasks=[2**63])
    with pytest.raises(tasker_core.ArgumentError):
        tasker.transition_to(owner="step", id=1, to="complete", metadata={"when": object()})
    with pytest.raises(TypeError):
        tasker.ready_steps(task=7)


def test_an_unknown_operation_or_argument_is_named() -> None:
    with pytest.raises(tasker_core.ArgumentError, match="unknown operation `steps`"):
        Coroutine("steps", {}, 0)
    with pytest.raises(tasker_core.ArgumentError, match="unknown field `task`, expected `tasks`"):
        Coroutine("ready_steps", {"task": 7}, 0)


def test_only_connections_are_taken(world: str) -> None:
    with pytest.raises(tasker_core.ConnectionTypeError, match="got builtins.str"):
        tasker_core.on(world)  # type: ignore[call-overload]


def test_a_cell_of_another_kind_is_named() -> None:
    coroutine = Coroutine("dependency_levels", {"task": 7}, 0)
    coroutine.resume()
    with pytest.raises(tasker_core.DecodeError) as raised:
        coroutine.resume([(1.5, "{}", "{}")])
    error = raised.value
    assert (error.query, error.row, error.column, error.got) == ("dependency graph", 0, 0, "float 1.5")
    coroutine = Coroutine("dependency_levels", {"task": 7}, 0)
    coroutine.resume()
    with pytest.raises(tasker_core.DecodeError, match="should be an array of integers"):
        coroutine.resume([("{x}", "{}", "{}")])


def test_a_cycle_names_its_steps(connection: psycopg.Connection) -> None:
    connection.execute(
        "insert into tasker_workflow_step_edges (from_step_id, to_step_id, name, created_at, updated_at) "
        f"values ({LAST}, {2**53}, 'provides', now(), now())"  # type: ignore[arg-type]
    )
    with pytest.raises(tasker_core.CycleError) as raised:
        tasker_core.on(connection).dependency_levels(task=2**53 - 1)
    assert raised.value.steps == [2**53, LAST]


def test_races_that_are_lost_end() -> None:
    coroutine = Coroutine("transition_to", {"owner": "step", "id": 7, "to": "in_progress"}, 0)
    statement = coroutine.resume()
    with pytest.raises(tasker_core.ContentionError) as raised:
        while statement is not None:
            statement = coroutine.resume([] if statement[3] else [("pending", True, None, None)])
    assert (raised.value.owner, raised.value.to, raised.value.attempts) == ("step 7", "in_progress", 16)


def test_a_panic_is_an_exception() -> None:
    with pytest.raises(tasker_core.InternalError, match="tasker-core panicked, please report it: asked for"):
        _native.panic()


def test_a_coroutine_out_of_turn_is_refused() -> None:
    coroutine = Coroutine("system_load", {}, 0)
    with pytest.raises(tasker_core.InternalError):
        coroutine.resume([()])
    with pytest.raises(tasker_core.InternalError):
        coroutine.answer()
