"""The recorded conversations, which every host replays."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import recordings
from tasker_core._native import OPERATIONS, Coroutine


def identity(cell: Any) -> Any:
    return cell


def as_text(cell: Any) -> Any:
    """As a driver that leaves a type alone hands it over."""
    if isinstance(cell, bool):
        return "t" if cell else "f"
    return str(cell) if isinstance(cell, int) else cell


@pytest.mark.parametrize("cell", [identity, as_text])
@pytest.mark.parametrize("sequence", [tuple, list])
def test_recorded_rows_lead_to_the_recorded_answers(cell: Any, sequence: Any) -> None:
    for recording in recordings():
        coroutine = Coroutine(recording["operation"], recording["arguments"], recording["now"])
        rows = None
        for exchange in recording["statements"]:
            statement = coroutine.resume(rows)
            assert statement is not None
            name, sql, binds, writes = statement
            assert (name, list(binds), writes) == (exchange["name"], exchange["binds"], exchange["writes"])
            assert "$1::text::" in sql or not binds
            rows = [sequence(cell(value) for value in row) for row in exchange["rows"]]
        assert coroutine.resume(rows) is None
        answer = coroutine.answer()
        assert answer == recording["answer"], (recording["operation"], recording["arguments"])
        assert repr(answer) == repr_in_order(recording["answer"], answer)


def repr_in_order(expected: Any, got: Any) -> str:
    """The text of `expected` with its keys as they stand in `got`: 1 and True are equal, and their texts are not."""
    if isinstance(expected, dict):
        return "{" + ", ".join(f"{key!r}: {repr_in_order(expected[key], got[key])}" for key in got) + "}"
    if isinstance(expected, list):
        return "[" + ", ".join(repr_in_order(one, two) for one, two in zip(expected, got)) + "]"
    return repr(expected)


def test_every_operation_is_recorded() -> None:
    assert {recording["operation"] for recording in recordings()} == set(OPERATIONS)
