"""What a form of 试算 says: which version beside which, over which days, and where."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from psycopg.rows import class_row

from domain.places import Level
from store.backtests import NewBacktest
from store.organisation import Place
from store.pool import Connection
from store.working_copies import WorkingCopy
from web.forms import id_from, storable
from web.i18n import N_
from web.problems import Problem
from web.reader import Reader

FIELDS = ("id", "version", "against", "period", "first", "last", "area")
PERIODS = {
    "yesterday": N_("昨天"),
    "week": N_("上周"),
    "month": N_("上月"),
    "recent": N_("最近三十天"),
    "days": N_("自己选日期"),
}
COPY = "copy"
NOTHING = "nothing"
A_DAY = timedelta(days=1)
LONGEST = timedelta(days=400)
AREAS = (
    "SELECT path, label, level FROM areas WHERE path ^@ ANY (%s) AND level BETWEEN %s AND %s ORDER BY path LIMIT 700"
)


async def areas_of(connection: Connection, within: Sequence[str]) -> list[Place]:
    """From the district down to communities, those that the viewer answers for."""
    async with connection.cursor(row_factory=class_row(Place)) as cursor:
        await cursor.execute(AREAS, (list(within), int(Level.DISTRICT), int(Level.COMMUNITY)))
        return await cursor.fetchall()


def read(given: dict[str, str], ruleset: str, known: set[str], copy: WorkingCopy | None, reader: Reader) -> NewBacktest:
    """Raises Problem naming the first field that is wrong."""
    storable(given)
    version, against = given["version"], given["against"]
    if version not in known and not (version == COPY and copy is not None):
        raise Problem(422, "field-invalid", field="version", reason=version)
    if against not in known and against != NOTHING:
        raise Problem(422, "field-invalid", field="against", reason=against)
    since, until = _period(given, reader)
    is_copy = version == COPY and copy is not None
    return NewBacktest(
        id=id_from(given["id"], "id"),
        ruleset=ruleset,
        hash=None if is_copy else version,
        definition=copy.definition if is_copy and copy else None,
        template=copy.template if is_copy and copy else None,
        against=None if against == NOTHING else against,
        since=since,
        until=until,
        area=given["area"],
    )


def _period(given: dict[str, str], reader: Reader) -> tuple[datetime, datetime]:
    """Whole days where the installation is; `last` included."""
    today = reader.now.astimezone(reader.zone).date()
    match given["period"]:
        case "yesterday":
            first, last = today - A_DAY, today - A_DAY
        case "week":
            last = today - timedelta(days=today.weekday() + 1)
            first = last - 6 * A_DAY
        case "month":
            last = today.replace(day=1) - A_DAY
            first = last.replace(day=1)
        case "recent":
            first, last = today - 30 * A_DAY, today
        case "days":
            first, last = _day(given, "first"), _day(given, "last")
        case other:
            raise Problem(422, "field-invalid", field="period", reason=other)
    if not first <= last <= first + LONGEST:
        raise Problem(422, "field-invalid", field="last", reason=given["last"])
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=reader.zone) for day in (first, last + A_DAY))
    return begins, ends


def _day(given: dict[str, str], field: str) -> date:
    if not given[field]:
        raise Problem(422, "field-missing", field=field)
    try:
        day = date.fromisoformat(given[field])
    except ValueError as wrong:
        raise Problem(422, "field-invalid", field=field, reason=given[field]) from wrong
    if not date(2000, 1, 1) <= day <= date(2100, 1, 1):
        raise Problem(422, "field-invalid", field=field, reason=given[field])
    return day
