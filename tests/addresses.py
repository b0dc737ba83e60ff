"""The application behind a real socket, in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from databases import free_port

from web.serving import Server


@asynccontextmanager
async def at_an_address(transport: httpx.ASGITransport, port: int | None = None) -> AsyncIterator[str]:
    """Where the site answers over a socket: to a real browser, or with a stream."""
    config = uvicorn.Config(transport.app, port=port or free_port(), log_level="warning", lifespan="off", ws="none")
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{config.port}"
    server.should_exit = True
    await serving
