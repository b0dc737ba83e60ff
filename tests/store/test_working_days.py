"""Rulesets in force go by the calendar that is in force."""

from datetime import date
from zoneinfo import ZoneInfo

from databases import Database

from rules.load import WORKING_DAYS
from store.calendars import import_calendar, newest
from store.pool import pool
from store.rulesets import InForce, in_force
from store.rulesets.inforce import Running

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def test_a_new_calendar_reaches_the_rulesets(seeded: Database) -> None:
    async with pool(seeded.app_dsn, most=2) as connections, connections.connection() as connection:
        before = await in_force(connection, SHANGHAI)
        known = (await newest(connection))[WORKING_DAYS]
        assert before.calendar == known
        again = await in_force(connection, SHANGHAI, before)
        assert all(one.compiled.routes is same.compiled.routes for one, same in both(again, before))
        a_monday = date(2026, 11, 23)
        later = known.model_copy(update={"version": "2099.1", "holidays": known.holidays | {a_monday}})
        await import_calendar(connection, later, "test")
        after = await in_force(connection, SHANGHAI, before)
        assert after.calendar == later
        assert all(one.compiled.hash == same.compiled.hash for one, same in both(after, before))
        assert all(one.compiled.routes is not same.compiled.routes for one, same in both(after, before))


def both(one: InForce, other: InForce) -> list[tuple[Running, Running]]:
    return list(zip(one.running, other.running, strict=True))
