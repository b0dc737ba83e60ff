"""What the wall board counts and tells; every statement runs inside `viewed_by`, so row security scopes it.

Nothing of a person is read here: a matter is its category, and where it is goes no further than the building.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import class_row

from domain.cases import Light
from domain.places import Level
from store.case_pages import LIT, Filter, condition, given
from store.organisation import nearest_label, upwards
from store.pool import Connection

NEWS_LINES = 12
NEWS_HOURS = (2, 24)
HOT_PLACES = 6
SIGNED_AFTER = """
    SELECT avg(signed.at - given.at) FROM case_events signed CROSS JOIN LATERAL (
        SELECT at FROM case_events WHERE case_id = signed.case_id AND version < signed.version
        AND type IN ('dispatched', 'reassigned') ORDER BY version DESC LIMIT 1) given
    WHERE signed.type = 'signed' AND signed.at >= %s"""
NEWS = f"""
    SELECT e.type, e.at, c.id AS case_id, c.category, {nearest_label(upwards("c.place", Level.BUILDING))} AS place
    FROM (SELECT case_id, version, type, at FROM case_events
          WHERE type IN ('filed', 'declined', 'linked', 'dispatched', 'signed', 'handled', 'settled', 'worsened',
                         'closed', 'reopened') AND at >= now() - interval '{{hours}} hours'
          ORDER BY at DESC, case_id, version DESC LIMIT {NEWS_LINES}) e
    JOIN cases c ON c.id = e.case_id ORDER BY e.at DESC, e.case_id, e.version DESC"""  # noqa: S608 - constants
CURVE = """
    WITH hours AS (
        SELECT date_trunc('hour', now()) - ago * interval '1 hour' AS at FROM generate_series(0, 23) AS ago
    ), received AS (
        SELECT date_trunc('hour', received_at) AS at, count(*) FROM cases
        WHERE state IS NOT NULL AND received_at >= (SELECT min(at) FROM hours) GROUP BY 1
    ), closed AS (
        SELECT date_trunc('hour', closed_at) AS at, count(*) FROM cases
        WHERE state IS NOT NULL AND closed_at >= (SELECT min(at) FROM hours) GROUP BY 1
    )
    SELECT hours.at, coalesce(received.count, 0) AS received, coalesce(closed.count, 0) AS closed
    FROM hours LEFT JOIN received USING (at) LEFT JOIN closed USING (at) ORDER BY 1"""
HOT = f"""
    SELECT found.path, areas.label, found.count FROM (
        SELECT {upwards("c.place", Level.COMMUNITY)} AS path, count(*) FROM cases c
        WHERE c.state IS NOT NULL AND c.received_at >= %s GROUP BY 1) found
    JOIN areas ON areas.path = found.path AND areas.level = {Level.COMMUNITY:d}
    ORDER BY found.count DESC, found.path LIMIT {HOT_PLACES}"""  # noqa: S608 - constants
COMMITTEES = f"""
    SELECT areas.path, areas.label, coalesce(normal, 0) AS normal, coalesce(due_soon, 0) AS due_soon,
           coalesce(overdue, 0) AS overdue
    FROM areas LEFT JOIN (
        SELECT {upwards("c.place", Level.COMMITTEE)} AS path,
               count(*) FILTER (WHERE {LIT[Light.NORMAL]}) AS normal,
               count(*) FILTER (WHERE {LIT[Light.DUE_SOON]}) AS due_soon,
               count(*) FILTER (WHERE {LIT[Light.OVERDUE]}) AS overdue
        FROM cases c WHERE c.state IS NOT NULL AND c.closed_at IS NULL GROUP BY 1) open ON open.path = areas.path
    WHERE areas.level = {Level.COMMITTEE:d} AND areas.path ^@ ANY (%s)
    ORDER BY overdue DESC, due_soon DESC, areas.path LIMIT 100"""  # noqa: S608 - constants


@dataclass(frozen=True)
class News:
    """That something happened to a case, and when."""

    type: str
    at: datetime
    case_id: UUID
    category: str
    place: str | None


@dataclass(frozen=True)
class Hour:
    """The hour that began at `at`."""

    at: datetime
    received: int
    closed: int


@dataclass(frozen=True)
class HotPlace:
    path: str
    label: str
    count: int


@dataclass(frozen=True)
class CommitteeLights:
    """Open cases of a committee by light."""

    path: str
    label: str
    normal: int
    due_soon: int
    overdue: int

    @property
    def open(self) -> int:
        return self.normal + self.due_soon + self.overdue


async def numbers(connection: Connection, lists: Mapping[str, Filter]) -> dict[str, int]:
    """How long each of these lists is. The lists agree in their parameters: each is set by one value only."""
    counts = (
        f"(SELECT count(*) FROM cases c WHERE c.state IS NOT NULL{condition(one)})"  # noqa: S608 - constants
        for one in lists.values()
    )
    values = {name: value for one in lists.values() for name, value in given(one).items() if value is not None}
    cursor = await connection.execute(f"SELECT {', '.join(counts)}", values)
    return dict(zip(lists, await cursor.fetchone() or (), strict=True))


async def signed_after(connection: Connection, since: datetime) -> timedelta | None:
    """How long it took on average from dispatch to signature, of all that was signed since; None: nothing was."""
    row = await (await connection.execute(SIGNED_AFTER, (since,))).fetchone()
    return row[0] if row else None


async def news(connection: Connection) -> list[News]:
    """What just happened, newest first: of the last two hours, and where that is little, of the last day.

    Busy hours are long enough; to ask for a busy day would make row security read every case there is.
    """
    for hours in NEWS_HOURS:
        async with connection.cursor(row_factory=class_row(News)) as cursor:
            found = await (await cursor.execute(NEWS.format(hours=hours))).fetchall()
        if len(found) == NEWS_LINES:
            break
    return found


async def curve(connection: Connection) -> list[Hour]:
    """The last 24 hours, the running one last."""
    async with connection.cursor(row_factory=class_row(Hour)) as cursor:
        return await (await cursor.execute(CURVE)).fetchall()


async def hot_places(connection: Connection, since: datetime) -> list[HotPlace]:
    """The communities from which most was received."""
    async with connection.cursor(row_factory=class_row(HotPlace)) as cursor:
        return await (await cursor.execute(HOT, (since,))).fetchall()


async def committees_by_light(connection: Connection, within: tuple[str, ...]) -> list[CommitteeLights]:
    """Every committee in these areas, those with most overdue first."""
    async with connection.cursor(row_factory=class_row(CommitteeLights)) as cursor:
        return await (await cursor.execute(COMMITTEES, (list(within),))).fetchall()
