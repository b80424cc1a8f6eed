"""Tasks that runners run, committed, and removed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

import tasker_core

KIND = ("python", "fulfil", "1.0.0")
STEPS = {"reserve": [], "charge": ["reserve"], "pack": ["reserve"], "ship": ["charge", "pack"]}


class Workflow:
    """A task of four steps: one, two at the same time, one."""

    def __init__(self, url: str) -> None:
        self.database = psycopg.connect(url, autocommit=True)
        self.tasks: list[int] = []

    def one(self, sql: str, *binds: object) -> Any:
        row = self.database.execute(sql, binds).fetchone()  # type: ignore[arg-type]
        return row and row[0]

    def define(self) -> None:
        # The world has rows with ids of its own.
        for table in ("task_namespace", "dependent_system", "named_task", "named_step", "named_tasks_named_step"):
            column = "id" if table == "named_tasks_named_step" else f"{table}_id"
            self.one(
                f"select setval(pg_get_serial_sequence('tasker_{table}s', '{column}'), greatest(100, (select max({column}) from tasker_{table}s)))"
            )
        namespace = self.one(
            "insert into tasker_task_namespaces (name, created_at, updated_at) values (%s, now(), now()) returning task_namespace_id", KIND[0]
        )
        system = self.one("insert into tasker_dependent_systems (name, created_at, updated_at) values ('python', now(), now()) returning 1")
        assert system == 1
        named = self.one(
            "insert into tasker_named_tasks (name, task_namespace_id, version, created_at, updated_at) "
            "values (%s, %s, %s, now(), now()) returning named_task_id",
            KIND[1],
            namespace,
            KIND[2],
        )
        for name in STEPS:
            step = self.one(
                "insert into tasker_named_steps (name, dependent_system_id, created_at, updated_at) "
                "select %s, dependent_system_id, now(), now() from tasker_dependent_systems where name = 'python' returning named_step_id",
                name,
            )
            self.database.execute(
                "insert into tasker_named_tasks_named_steps (named_task_id, named_step_id, created_at, updated_at) values (%s, %s, now(), now())",
                (named, step),
            )

    def create(self, inputs: str = '{"order": 7}', retry_limit: int = 3) -> int:
        task: int = self.one(
            "insert into tasker_tasks (named_task_id, requested_at, context, identity_hash, created_at, updated_at) "
            "select n.named_task_id, now(), %s, gen_random_uuid()::text, now(), now() "
            "from tasker_named_tasks n join tasker_task_namespaces g using (task_namespace_id) where g.name = %s returning task_id",
            inputs,
            KIND[0],
        )
        templates: Any = [
            {"system": "python", "name": name, "retryable": True, "retry_limit": retry_limit, "skippable": False, "depends_on": waits_for}
            for name, waits_for in STEPS.items()
        ]
        created = tasker_core.on(self.database).create_steps(task=task, templates=templates, inputs=inputs)
        assert created is not None and len(created) == len(STEPS)
        self.tasks.append(task)
        return task

    def states(self, task: int) -> dict[str, str]:
        return {step["name"]: step["current_state"] for step in tasker_core.on(self.database).step_readiness(task=task)}

    def state(self, task: int) -> str:
        return tasker_core.on(self.database).current_state(owner="task", id=task)

    def column(self, task: int, name: str, column: str) -> Any:
        return self.one(
            f"select s.{column} from tasker_workflow_steps s join tasker_named_steps n using (named_step_id) where s.task_id = %s and n.name = %s",
            task,
            name,
        )

    def claims(self, task: int) -> list[Any]:
        """What the metadata of the claims of a task and its steps say about the worker."""
        rows = self.database.execute(
            "select metadata from tasker_task_transitions where to_state = 'in_progress' and task_id = %s union all "
            "select m.metadata from tasker_workflow_step_transitions m join tasker_workflow_steps using (workflow_step_id) "
            "where m.to_state = 'in_progress' and task_id = %s",
            (task, task),
        )
        return [row[0].get("tasker_core") for row in rows]

    def skip_waits(self, task: int) -> None:
        """As if the backoff of failed steps were over."""
        self.database.execute(
            "update tasker_workflow_steps set last_attempted_at = last_attempted_at - interval '1 hour' where task_id = %s", (task,)
        )
        self.database.execute(
            "update tasker_workflow_step_transitions m set created_at = m.created_at - interval '1 hour' "
            "from tasker_workflow_steps s where s.workflow_step_id = m.workflow_step_id and s.task_id = %s",
            (task,),
        )

    def remove(self) -> None:
        steps = "select workflow_step_id from tasker_workflow_steps where task_id = any(%(tasks)s)"
        named = "select named_task_id from tasker_named_tasks join tasker_task_namespaces g using (task_namespace_id) where g.name = %(namespace)s"
        system = "select dependent_system_id from tasker_dependent_systems where name = 'python'"
        given = {"tasks": self.tasks, "namespace": KIND[0]}
        for sql in (
            f"delete from tasker_workflow_step_transitions where workflow_step_id in ({steps})",
            f"delete from tasker_workflow_step_edges where to_step_id in ({steps})",
            "delete from tasker_workflow_steps where task_id = any(%(tasks)s)",
            "delete from tasker_task_transitions where task_id = any(%(tasks)s)",
            "delete from tasker_tasks where task_id = any(%(tasks)s)",
            f"delete from tasker_named_tasks_named_steps where named_task_id in ({named})",
            f"delete from tasker_named_tasks where named_task_id in ({named})",
            f"delete from tasker_named_steps where dependent_system_id in ({system})",
            "delete from tasker_dependent_systems where name = 'python'",
            "delete from tasker_task_namespaces where name = %(namespace)s",
        ):
            self.database.execute(sql, given)  # type: ignore[arg-type]
        self.database.close()


@contextmanager
def workflow(url: str) -> Iterator[Workflow]:
    made = Workflow(url)
    try:
        made.define()
        yield made
    finally:
        made.remove()
