"""The server in front of the application: open pages hold a stream each, many to keep and to end."""

import resource
import socket
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

CANNOT_START = 3  # exit code, as uvicorn's own
GRACE_SECONDS = 3  # for requests that are being answered when the process is told to stop


class Server(uvicorn.Server):
    """Ends the streams of open pages before it waits for requests to finish; they would not by themselves."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app = self.config.app
        assert isinstance(app, FastAPI)  # noqa: S101 - we serve nothing else
        app.state.services.live.close()
        await super().shutdown(sockets)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Until the process is told to stop; exits with a failure where it cannot start."""
    _allow_many_connections()
    config = uvicorn.Config(app, host=host, port=port, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS)
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(CANNOT_START)


def _allow_many_connections() -> None:
    """As many open files as the system lets us have: by default it is often 1,024, and a page takes one."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
