"""Calendars in the store: versions that never change, and the cases that reckon anew."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from builders import LIFT, a_case, a_matter, a_policy, store_case
from databases import Database
from psycopg import errors

from domain.calendars import ROUND_THE_CLOCK, Calendar
from domain.matters import News
from rules.calendars import load_calendars
from settings.model import RULESETS
from store.calendars import NotNewer, VersionTaken, import_calendar, listing, newest
from store.pool import Connection, pool
from store.seed import seed_calendars

pytestmark = pytest.mark.servers
(WORKING_DAYS,) = load_calendars(RULESETS)


def a_version(version: str, **changes: Any) -> Calendar:
    return Calendar.model_validate({**WORKING_DAYS.model_dump(mode="json"), "version": version, **changes})


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """As the application, in a database without calendars."""
    async with pool(database.app_dsn) as connections, connections.connection() as connection:
        yield connection


async def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return await (await connection.execute(query.encode())).fetchall()


async def test_without_any_import_there_is_the_clock_itself(connection: Connection) -> None:
    assert (await newest(connection))["24x7"] == ROUND_THE_CLOCK


async def test_the_highest_version_counts_not_the_longest_name(connection: Connection) -> None:
    for version in ("2026.2", "2026.10"):
        assert await import_calendar(connection, a_version(version), "admin")
    known = await newest(connection)
    assert known["working-days"] == a_version("2026.10")
    assert known["working-days@2026.2"] == a_version("2026.2")
    assert [(one.calendar.version, one.in_force) for one in await listing(connection)] == [
        ("1", True),
        ("2026.10", True),
        ("2026.2", False),
    ]


async def test_a_version_is_imported_once(connection: Connection) -> None:
    assert await import_calendar(connection, WORKING_DAYS, "admin")
    assert not await import_calendar(connection, WORKING_DAYS, "somebody else")
    assert await rows(connection, "SELECT actor, action, subject FROM audit") == [
        ("admin", "calendar.import", "working-days 2026.1")
    ]


async def test_a_version_never_changes(connection: Connection) -> None:
    await import_calendar(connection, WORKING_DAYS, "admin")
    with pytest.raises(VersionTaken):
        await import_calendar(connection, a_version("2026.1", holidays=["2026-11-20"]), "admin")
    assert (await newest(connection))["working-days"] == WORKING_DAYS


async def test_an_earlier_version_does_not_come_back(connection: Connection) -> None:
    await import_calendar(connection, a_version("2027.1"), "admin")
    with pytest.raises(NotNewer, match=r"2027\.1"):
        await import_calendar(connection, a_version("2026.9"), "admin")


async def test_nobody_replaces_the_clock_itself(connection: Connection) -> None:
    with pytest.raises(ValueError, match="built in"):
        await import_calendar(connection, a_version("9", name="24x7"), "admin")


@pytest.mark.parametrize("statement", ["UPDATE calendars SET body = '{}'", "DELETE FROM calendars"])
async def test_the_application_only_adds(connection: Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        await connection.execute(statement.encode())


async def test_every_open_case_that_counts_in_it_is_told(connection: Connection) -> None:
    by_day = a_matter(a_policy(calendar="working-days"), dedupe_key="one")
    counted = await store_case(connection, a_case(by_day).filed())
    await store_case(connection, a_case(a_matter(dedupe_key="two")).filed())
    done = a_matter(a_policy(calendar="working-days"), dedupe_key="three")
    over = await store_case(connection, a_case(done).filed())
    await connection.execute("UPDATE cases SET closed_at = now() WHERE id = %s", (over.id,))
    waiting = await rows(
        connection,
        f"""INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen)
            VALUES (gen_random_uuid(), 'four', 'ebike-in-elevator', '{LIFT}', now(), now()) RETURNING id""",
    )
    await connection.execute("DELETE FROM case_inbox")
    await connection.execute("LISTEN linli_case_inbox")

    await import_calendar(connection, WORKING_DAYS, "admin")

    told = await rows(connection, "SELECT case_id, body::text FROM case_inbox")
    assert {case_id for case_id, _ in told} == {counted.id, waiting[0][0]}
    news = News.model_validate_json(told[0][1])
    assert (news.kind, news.ruleset, news.detection) == ("calendar", "working-days", "2026.1")
    assert [notice.channel async for notice in connection.notifies(timeout=60, stop_after=1)] == ["linli_case_inbox"]


async def test_what_is_there_already_tells_nobody(connection: Connection) -> None:
    await import_calendar(connection, WORKING_DAYS, "admin")
    await store_case(connection, a_case(a_matter(a_policy(calendar="working-days"))).filed())
    await connection.execute("DELETE FROM case_inbox")
    await import_calendar(connection, WORKING_DAYS, "admin")
    assert await rows(connection, "SELECT FROM case_inbox") == []


def in_store(database: Database) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner_dsn) as connection:
        return connection.execute("SELECT name, version, imported_by FROM calendars ORDER BY 1, 2").fetchall()


def test_the_shipped_calendars_are_there_after_a_start_and_once_after_two(seeded: Database) -> None:
    seed_calendars(seeded.owner_dsn)
    assert in_store(seeded) == [("working-days", "2026.1", "linli")]


def test_a_start_leaves_a_higher_version_in_force(database: Database, tmp_path: Path) -> None:
    shipped = RULESETS / "calendars" / "cn-working-days.yaml"
    (tmp_path / "calendars").mkdir()
    ours = shipped.read_text(encoding="utf-8").replace('version: "2026.1"', 'version: "2026.5"')
    (tmp_path / "calendars" / "ours.yaml").write_text(ours, encoding="utf-8")
    seed_calendars(database.owner_dsn, tmp_path)
    seed_calendars(database.owner_dsn)
    assert in_store(database) == [("working-days", "2026.5", "linli")]
