"""The installation that a command speaks to: its settings, its store, its Temporal."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg_pool import PoolTimeout
from temporalio.client import Client
from temporalio.service import RPCError

import settings
from cli.output import missing
from settings import Settings
from store.pool import Pool, pool
from temporal.client import connect

T = TypeVar("T")


def installation() -> Settings:
    """Raises Refused where this home was never started."""
    found = settings.load()
    if not found.database_url:
        raise missing("not-started", f"这里还没有启动过：{found.home}", field="home", fix="linli up")
    return found


@asynccontextmanager
async def store(given: Settings) -> AsyncIterator[Pool]:
    """The store as the system sees it."""
    async with pool(given.database_url, most=4) as connections:
        yield connections


async def temporal(given: Settings) -> Client:
    return await connect(given)


def carry_out(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; says in plain words which server does not answer."""
    try:
        return asyncio.run(work)
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise missing(
            "store-unavailable", f"数据库没有回应：{error}", fix="linli up，或 linli start postgres"
        ) from error
    except (RPCError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "onnect" not in str(error):
            raise
        raise missing(
            "temporal-unavailable", f"流程引擎没有回应：{error}", fix="linli up，或 linli start temporal"
        ) from error
