"""Open pages: how long from the commit of a change until each page that may show it has heard of it."""

import asyncio
import json
import time
from uuid import UUID, uuid4

from bench.cases import KEPT_FREE
from bench.cpu import Meter
from bench.figures import Figure, percentile
from bench.installation import Installation, actor
from bench.matters import Wanted, lifts, open_cases
from store import sessions
from store.pool import Connection, Pool

PART = "live"
PAGES = 1000
PER_SESSION = 10
VIEWERS = ("duty.chen", "dispatch.lin", "accept.wu", "inspect.deng", "c10.zeng")  # all see KEPT_FREE, the last no more
CHANGES = 100
EVERY = 0.25  # seconds between two changes
CASES_A_SECOND = 4  # opened meanwhile: each is filed and assigned, and told of several times
PATIENCE = 30  # seconds
HEAD = "GET /live HTTP/1.1\r\nHost: linli\r\nCookie: linli_session={token}\r\nAccept: text/event-stream\r\n\r\n"


class Heard:
    """When each change was committed, and how long each page took to hear of it."""

    def __init__(self) -> None:
        self.committed: dict[bytes, float] = {}
        self.delays: list[float] = []
        self.overflows = 0


class Page(asyncio.Protocol):
    """One open page, as cheap as can be: the machine also runs what is measured."""

    def __init__(self, token: str, heard: Heard) -> None:
        self._token = token
        self._heard = heard
        self._rest = b""
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(HEAD.format(token=self._token).encode())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                committed = self._heard.committed.get(line[6:])
                if committed is not None:
                    self._heard.delays.append(now - committed)
            elif line.startswith(b"event: all"):
                self._heard.overflows += 1
            elif line.startswith(b"event: beat") and not self.opened.done():
                self.opened.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("the page was not opened"))


async def measure(installation: Installation, pages: int = PAGES) -> list[Figure]:
    """1,000 pages of five viewers; 100 changes that all may see, while cases are opened, filed and assigned."""
    heard = Heard()
    async with installation.reach() as reached:
        people = [UUID((await actor(reached, name)).id) for name in VIEWERS]
        tokens = [
            await sessions.begin(reached.pool, people[number % len(people)])
            for number in range(-(-pages // PER_SESSION))
        ]
        began = time.perf_counter()
        transports = [await _opened(installation, tokens[n % len(tokens)], heard) for n in range(pages)]
        opening = time.perf_counter() - began
        meter = Meter(installation, ("web",))
        busy = asyncio.create_task(_cases(reached.pool))
        await _changes(reached.pool, heard)
        await _all_heard(heard, pages)
        spent = meter.spent()
        await busy
    for transport in transports:
        transport.close()
    note = (
        f"{pages} pages of {len(VIEWERS)} viewers, {CASES_A_SECOND} cases opened a second, {heard.overflows} overflows"
    )
    return [
        Figure(PART, "commit to event, p50", percentile(heard.delays, 0.5) * 1e3, "ms", note=note),
        Figure(PART, "commit to event, p99", percentile(heard.delays, 0.99) * 1e3, "ms"),
        Figure(PART, "pages opened", pages / opening, "/s"),
        Figure(PART, "processor time of web while it lasted", spent["web"], "s", note=f"{CHANGES * EVERY:.0f} s"),
    ]


async def _opened(installation: Installation, token: str, heard: Heard) -> asyncio.Transport:
    loop = asyncio.get_running_loop()
    port = installation.settings.web_port
    transport, page = await loop.create_connection(lambda: Page(token, heard), "127.0.0.1", port)
    async with asyncio.timeout(PATIENCE):
        await page.opened
    return transport


async def _changes(connections: Pool, heard: Heard) -> None:
    async with connections.connection() as connection:
        for _ in range(CHANGES):
            await _change(connection, heard)
            await asyncio.sleep(EVERY)


async def _change(connection: Connection, heard: Heard) -> None:
    """What `advance` says in its commit, of a case that no page shows; counted from before the commit."""
    changed = str(uuid4())
    told = json.dumps({"id": changed, "place": KEPT_FREE})
    async with connection.transaction():
        await connection.execute("SELECT pg_notify('linli_cases', %s)", (told,))
        heard.committed[changed.encode()] = time.perf_counter()


async def _cases(connections: Pool) -> None:
    async with connections.connection() as connection:
        wanted = Wanted(await lifts(connection, within="/310110/kj/", outside=KEPT_FREE), f"bench-{uuid4().hex[:8]}")
        for number in range(round(CHANGES * EVERY * CASES_A_SECOND)):
            await open_cases(connection, wanted, number, 1)
            await asyncio.sleep(1 / CASES_A_SECOND)


async def _all_heard(heard: Heard, pages: int) -> None:
    """Every page of every change; a page that was told `all` instead misses some."""
    async with asyncio.timeout(PATIENCE):
        while len(heard.delays) < pages * CHANGES and not heard.overflows:  # noqa: ASYNC110 - counted
            await asyncio.sleep(0.1)
