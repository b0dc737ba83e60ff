"""Which pages are open, what their viewers may see, and what each page has yet to hear. Asks no database."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar
from uuid import UUID

from fastapi.sse import format_sse_event

from domain.places import AreaPath, within_any

Sight = tuple[AreaPath, ...]
Key = TypeVar("Key")
PAGES_PER_SESSION = 12
MOST_PENDING = 64  # cases that a page has not heard of yet; with more it hears "everything" once
HEARTBEAT_SECONDS = 15.0  # the page takes the connection for dead after two and a half of them
BEAT = format_sse_event(event="beat", data_str="-")
EVERYTHING = format_sse_event(event="all", data_str="-")
LOST = format_sse_event(event="lost", data_str="-")


class TooManyPages(Exception):
    """The session has as many pages open as one may have."""


class Page:
    """One open page. What it has not taken yet is kept once per case, and a page that is slow loses nothing."""

    def __init__(self, token: str, sight: Sight, *, of_author: bool = False) -> None:
        self.token = token
        self.sight = sight
        self.of_author = of_author
        self._pending: dict[bytes, None] = {BEAT: None}
        self._ended = False
        self._news = asyncio.Event()
        self._news.set()

    def hear(self, told: bytes) -> None:
        self._pending[told] = None
        if told == EVERYTHING or len(self._pending) > MOST_PENDING:
            self._pending = {EVERYTHING: None}  # whatever was pending is part of it
        self._news.set()

    def end(self) -> None:
        self._ended = True
        self._news.set()

    async def told(self) -> AsyncIterator[bytes]:
        """What the page is told, until it is ended from here; a heartbeat where there is nothing to tell."""
        while not self._ended:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                yield BEAT
                continue
            self._news.clear()
            told, self._pending = b"".join(self._pending), {}
            if told:
                yield told


class Hub:
    """The open pages of this process, by what their viewers see: a change is judged once per sight, not per page."""

    def __init__(self) -> None:
        self._rooms: dict[Sight, set[Page]] = {}
        self._open: dict[str, set[Page]] = {}
        self._listening = False
        self._closed = False

    @property
    def sights(self) -> dict[str, Sight]:
        """Of every session with an open page, what its pages were opened with."""
        return {token: next(iter(pages)).sight for token, pages in self._open.items()}

    def join(self, token: str, sight: Sight, *, of_author: bool = False) -> Page:
        """`of_author`: a rule author's, who also hears of backtests. Raises TooManyPages."""
        mine = self._open.get(token, set())
        if len(mine) >= PAGES_PER_SESSION:
            raise TooManyPages
        page = Page(token, sight, of_author=of_author)
        self._open.setdefault(token, mine).add(page)
        self._rooms.setdefault(sight, set()).add(page)
        if not self._listening:
            page.hear(LOST)
        if self._closed:
            page.end()
        return page

    def leave(self, page: Page) -> None:
        _without(self._open, page.token, page)
        _without(self._rooms, page.sight, page)

    def changed(self, case_id: UUID, place: str) -> None:
        """Tell the pages whose viewers may see a case at `place`."""
        told = format_sse_event(event="case", data_str=str(case_id))
        for sight, pages in self._rooms.items():
            if within_any(place, sight):
                for page in pages:
                    page.hear(told)

    def backtest_changed(self, backtest: UUID) -> None:
        """Tell the pages of rule authors, to whom its id says nothing unless they may see it."""
        told = format_sse_event(event="backtest", data_str=str(backtest))
        for page in self._pages():
            if page.of_author:
                page.hear(told)

    def listening(self) -> None:
        """Nothing escapes from here on; of what was before, everything may have changed."""
        self._listening = True
        for page in self._pages():
            page.hear(EVERYTHING)

    def lost(self) -> None:
        """Changes are not heard of until `listening`."""
        self._listening = False
        for page in self._pages():
            page.hear(LOST)

    def end(self, token: str) -> None:
        """End the pages of a session."""
        for page in self._open.get(token, ()):
            page.end()

    def close(self) -> None:
        """End every page, now and later: the process stops."""
        self._closed = True
        for page in self._pages():
            page.end()

    def _pages(self) -> list[Page]:
        return [page for pages in self._rooms.values() for page in pages]


def _without(pages: dict[Key, set[Page]], key: Key, page: Page) -> None:
    pages[key].discard(page)
    if not pages[key]:
        del pages[key]
