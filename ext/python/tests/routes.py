"""Every supported kind of connection behind one face: call an operation, run a statement, read rows, roll back, close."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psycopg
import psycopg2
import sqlalchemy
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

import tasker_core


def parts(url: str) -> dict[str, str]:
    """The parts of a URL such as postgresql:///name?host=/tmp/socket&port=5432&user=postgres."""
    split = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(split.query).items()}
    return {"database": split.path[1:], "port": "5432", **query}


def sqlalchemy_url(url: str, driver: str) -> sqlalchemy.URL:
    given = parts(url)
    query = {"host": given["host"], "port": given["port"]}
    return sqlalchemy.URL.create(f"postgresql+{driver}", username=given["user"], database=given["database"], query=query)


class Route:
    """A connection in a transaction."""

    name: ClassVar[str]
    error: ClassVar[type[Exception]]

    def call(self, operation: str, **arguments: Any) -> Any:
        return getattr(self.tasker, operation)(**arguments)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def execute(self, sql: str) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    tasker: Any


class Psycopg(Route):
    name, error = "psycopg", psycopg.errors.UndefinedTable

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url)
        self.tasker = tasker_core.on(self.connection)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()  # type: ignore[arg-type]

    def execute(self, sql: str) -> None:
        self.connection.execute(sql)  # type: ignore[arg-type]

    def close(self) -> None:
        self.connection.rollback()
        self.connection.close()


class Psycopg2(Route):
    name, error = "psycopg2", psycopg2.errors.UndefinedTable

    def __init__(self, url: str) -> None:
        self.connection = psycopg2.connect(url)
        self.tasker = tasker_core.on(self.connection)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def execute(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def close(self) -> None:
        self.connection.rollback()
        self.connection.close()


class Alchemy(Route):
    error = sqlalchemy.exc.ProgrammingError
    driver: ClassVar[str]

    def __init__(self, url: str) -> None:
        self.engine = sqlalchemy.create_engine(sqlalchemy_url(url, self.driver))
        self.connection = self.engine.connect()
        self.tasker = tasker_core.on(self.connection)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.exec_driver_sql(sql)]

    def execute(self, sql: str) -> None:
        self.connection.exec_driver_sql(sql)

    def close(self) -> None:
        self.connection.rollback()
        self.connection.close()
        self.engine.dispose()


class AlchemyPsycopg(Alchemy):
    name, driver = "sqlalchemy-psycopg", "psycopg"


class AlchemyPsycopg2(Alchemy):
    name, driver = "sqlalchemy-psycopg2", "psycopg2"


class AlchemySession(Alchemy):
    name, driver = "sqlalchemy-session", "psycopg"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.tasker = tasker_core.on(Session(self.connection))


class Django(Route):
    name = "django"

    def __init__(self, url: str) -> None:
        import django
        from django.conf import settings
        from django.db import connection, utils

        if not settings.configured:
            given = parts(url)
            database = {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": given["database"],
                "USER": given["user"],
                "HOST": given["host"],
                "PORT": given["port"],
            }
            settings.configure(DATABASES={"default": database}, USE_TZ=True, TIME_ZONE="America/New_York")
            django.setup()
        self.error = utils.ProgrammingError  # type: ignore[misc]
        self.connection = connection
        connection.set_autocommit(False)
        self.tasker = tasker_core.on(connection)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def execute(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def close(self) -> None:
        self.connection.rollback()
        self.connection.close()


class Awaited(Route):
    """A connection of a loop that runs while it is used."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.wait(self.open(url))

    def wait(self, awaitable: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(awaitable)

    async def open(self, url: str) -> None:
        raise NotImplementedError

    async def close_all(self) -> None:
        raise NotImplementedError

    def call(self, operation: str, **arguments: Any) -> Any:
        return self.wait(super().call(operation, **arguments))

    def close(self) -> None:
        self.wait(self.close_all())
        self.loop.close()


class PsycopgAsync(Awaited):
    name, error = "psycopg-async", psycopg.errors.UndefinedTable

    async def open(self, url: str) -> None:
        self.connection = await psycopg.AsyncConnection.connect(url)
        self.tasker = tasker_core.on(self.connection)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        async def read() -> list[tuple[Any, ...]]:
            return await (await self.connection.execute(sql)).fetchall()  # type: ignore[arg-type]

        found: list[tuple[Any, ...]] = self.wait(read())
        return found

    def execute(self, sql: str) -> None:
        self.wait(self.connection.execute(sql))  # type: ignore[arg-type]

    async def close_all(self) -> None:
        await self.connection.rollback()
        await self.connection.close()


class Asyncpg(Awaited):
    name, error = "asyncpg", asyncpg.UndefinedTableError

    async def open(self, url: str) -> None:
        self.connection = await asyncpg.connect(url)
        self.transaction = self.connection.transaction()
        await self.transaction.start()
        self.tasker = tasker_core.on(self.connection)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.wait(self.connection.fetch(sql))]

    def execute(self, sql: str) -> None:
        self.wait(self.connection.execute(sql))

    async def close_all(self) -> None:
        await self.transaction.rollback()
        await self.connection.close()


class AlchemyAsync(Awaited):
    error = sqlalchemy.exc.ProgrammingError
    driver: ClassVar[str]

    async def open(self, url: str) -> None:
        self.engine = create_async_engine(sqlalchemy_url(url, self.driver))
        self.connection = await self.engine.connect()
        self.tasker = tasker_core.on(self.connection)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.wait(self.connection.exec_driver_sql(sql))]

    def execute(self, sql: str) -> None:
        self.wait(self.connection.exec_driver_sql(sql))

    async def close_all(self) -> None:
        await self.connection.rollback()
        await self.connection.close()
        await self.engine.dispose()


class AlchemyAsyncpg(AlchemyAsync):
    name, driver = "sqlalchemy-asyncpg", "asyncpg"


class AlchemyPsycopgAsync(AlchemyAsync):
    name, driver = "sqlalchemy-psycopg-async", "psycopg"


class AlchemyAsyncSession(AlchemyAsync):
    name, driver = "sqlalchemy-async-session", "asyncpg"

    async def open(self, url: str) -> None:
        await super().open(url)
        self.tasker = tasker_core.on(AsyncSession(self.connection))


ROUTES: list[type[Route]] = [
    Psycopg,
    PsycopgAsync,
    Psycopg2,
    Asyncpg,
    AlchemyPsycopg,
    AlchemyPsycopg2,
    AlchemySession,
    AlchemyAsyncpg,
    AlchemyPsycopgAsync,
    AlchemyAsyncSession,
    Django,
]
