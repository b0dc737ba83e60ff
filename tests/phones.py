"""The stand-in for government WeChat on a free port of this machine, in this process, and what lies on its phones."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from databases import free_port
from fastapi import FastAPI
from road import KEY

from adapters.govwecom.client import Account, Client, Tokens
from adapters.govwecom.standin import create_app
from adapters.govwecom.standin.server import Standin

CORP, SECRET, AGENT = "ww-linli", "s@:/?#k%20", 1000002


@dataclass
class Phones:
    """A running stand-in."""

    app: FastAPI
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def standin(self) -> Standin:
        found: Standin = self.app.state.standin
        return found

    @property
    def account(self) -> Account:
        return Account("127.0.0.1", self.port, tls=False, corp=CORP, secret=SECRET, agent=AGENT)

    def client(self) -> Client:
        return Client(self.account, Tokens())

    def inbox(self, to: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = httpx.get(f"{self.url}/inbox.json", params={"to": to}).json()["items"]
        return items

    def fails(self, errcode: int, times: int = 1, user: str | None = None) -> None:
        answer = httpx.post(f"{self.url}/faults", json={"errcode": errcode, "times": times, "user": user})
        assert answer.is_success

    @property
    def settings(self) -> dict[str, Any]:
        """What Linli is to be told of it."""
        hooks = {"sms_url": f"{self.url}/hooks/sms", "voice_url": f"{self.url}/hooks/voice", "hook_secret": KEY}
        place = {"wecom_host": "127.0.0.1", "wecom_port": self.port, "wecom_tls": False}
        return {**place, "wecom_corp": CORP, "wecom_secret": SECRET, "wecom_agent": AGENT, **hooks}


@contextmanager
def phones_of(members: Mapping[str, str], port: int | None = None, app: FastAPI | None = None) -> Iterator[Phones]:
    """`app`: one that ran before and comes back with what it knew."""
    port = port or free_port()
    app = app or create_app(corp=CORP, secret=SECRET, agent=AGENT, hook_secret=KEY, directory=lambda: members)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    started = threading.Event()
    began = server.startup

    async def startup(*sockets: Any, **named: Any) -> None:
        await began(*sockets, **named)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(60), "the stand-in did not start"
    try:
        yield Phones(app, port)
    finally:
        server.should_exit = True
        thread.join(60)
