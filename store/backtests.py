"""Backtests as jobs: asked for, played by the backtester, read and cancelled by rule authors within their areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from domain.people import Actor
from domain.places import within_any
from store.pool import Connection

PAGE = 50
MOST_UNFINISHED = 5  # of one person
UNFINISHED = ("waiting", "running")
ASK = """
    INSERT INTO backtests (id, ruleset, hash, definition, template, against, since, until, area, asked_by)
    VALUES (%(id)s, %(ruleset)s, %(hash)s, %(definition)s, %(template)s, %(against)s, %(since)s, %(until)s, %(area)s,
            %(asked_by)s)
    ON CONFLICT (id) DO NOTHING"""
IS_AREA = "SELECT EXISTS (SELECT FROM areas WHERE path = %s)"
OTHERS = "SELECT count(*) FROM backtests WHERE asked_by = %s AND id <> %s AND state IN ('waiting', 'running')"
COLUMNS = """
    b.id, b.ruleset, b.hash, b.against, b.since, b.until, b.area, b.asked_by, p.display_name AS asked_by_name,
    b.asked_at, b.state, b.started_at, b.ended_at, b.done, b.total, b.result, b.problem"""
SEEN = "b.area ^@ ANY (%(areas)s)"
ONE = f"SELECT {COLUMNS} FROM backtests b JOIN people p ON p.id = b.asked_by WHERE b.id = %(id)s AND {SEEN}"  # noqa: S608 - constants
LIST = f"""
    SELECT {COLUMNS} FROM backtests b JOIN people p ON p.id = b.asked_by
    WHERE b.ruleset = %(ruleset)s AND {SEEN}
      AND (%(at)s::timestamptz IS NULL OR (b.asked_at, b.id) < (%(at)s, %(last)s::uuid))
    ORDER BY b.asked_at DESC, b.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants
CANCEL = f"""
    UPDATE backtests b SET state = 'cancelled', ended_at = clock_timestamp()
    WHERE id = %(id)s AND state IN ('waiting', 'running') AND {SEEN}"""  # noqa: S608 - constants
WAITING = "SELECT id FROM backtests WHERE state IN ('waiting', 'running') ORDER BY asked_at, id LIMIT 100"
ITEMS = """
    SELECT n, body FROM backtest_items WHERE backtest = %(id)s AND change = %(change)s AND n > %(after)s
    ORDER BY n LIMIT %(limit)s"""


class OutsideYourAreas(Exception):
    """Whoever asks does not answer for that area, or there is none of that name."""


class TooMany(Exception):
    """Whoever asks has so many that are not over: others wait for the same backtester."""


@dataclass(frozen=True)
class NewBacktest:
    """What is to be played: the version `hash`, or the working copy of these texts, beside the version `against`
    (None: beside nothing).

    `id` is made with the form, so that the same form sent twice is one backtest.
    """

    id: UUID
    ruleset: str
    against: str | None
    since: datetime
    until: datetime
    area: str
    hash: str | None = None
    definition: str | None = None
    template: str | None = None


@dataclass(frozen=True)
class Backtest:
    """A job and how it stands: `done` of `total` signals are played. `result` is what the summary says, when done."""

    id: UUID
    ruleset: str
    hash: str | None
    against: str | None
    since: datetime
    until: datetime
    area: str
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int | None
    result: dict[str, Any] | None
    problem: str | None

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


async def ask(connection: Connection, new: NewBacktest, by: Actor) -> None:
    """Leaves it to the backtester, which hears of it at once. Raises OutsideYourAreas, TooMany."""
    known = await (await connection.execute(IS_AREA, (new.area,))).fetchone()
    if known != (True,) or not within_any(new.area, by.areas):
        raise OutsideYourAreas(new.area)
    others = await (await connection.execute(OTHERS, (by.id, new.id))).fetchone()
    if others is not None and others[0] >= MOST_UNFINISHED:
        raise TooMany
    await connection.execute(ASK, {**vars(new), "asked_by": by.id})


async def one(connection: Connection, backtest: UUID, areas: Sequence[str]) -> Backtest | None:
    async with connection.cursor(row_factory=class_row(Backtest)) as cursor:
        return await (await cursor.execute(ONE, {"id": backtest, "areas": list(areas)})).fetchone()


async def listing(
    connection: Connection,
    ruleset: str,
    areas: Sequence[str],
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[Backtest]:
    """Those of a ruleset, the newest first, behind `after`."""
    at, last = after or (None, None)
    values = {"ruleset": ruleset, "areas": list(areas), "at": at, "last": last, "limit": limit}
    async with connection.cursor(row_factory=class_row(Backtest)) as cursor:
        return await (await cursor.execute(LIST, values)).fetchall()


async def cancel(connection: Connection, backtest: UUID, areas: Sequence[str]) -> bool:
    """False where it is over already, or not theirs to see."""
    cancelled = await connection.execute(CANCEL, {"id": backtest, "areas": list(areas)})
    return cancelled.rowcount == 1


async def items(
    connection: Connection, backtest: UUID, change: str, after: int = 0, limit: int = PAGE
) -> list[dict[str, Any]]:
    """Cases of one change in the order of their opening, behind number `after`; each with its number `n`.

    Ask `one` first: that says whether the viewer may see them.
    """
    values = {"id": backtest, "change": change, "after": after, "limit": limit}
    async with connection.cursor(row_factory=dict_row) as cursor:
        found = await (await cursor.execute(ITEMS, values)).fetchall()
    return [{**row["body"], "n": row["n"]} for row in found]


async def unfinished(connection: Connection) -> list[UUID]:
    """Those that wait or run, the oldest first."""
    return [backtest for (backtest,) in await (await connection.execute(WAITING)).fetchall()]
