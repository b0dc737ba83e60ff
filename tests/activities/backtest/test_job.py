"""A backtest over signals that are stored: asked for, played in processes of its own, kept, read by page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from stored_month import AREA, BEGAN, SMOKE, Month, said

from activities.backtest.asked import beside
from activities.backtest.feed import Stretch, signals
from activities.backtest.job import carry_out
from activities.backtest.playing import Texts, versions_of
from activities.perceive.rows import as_view
from domain.people import Actor, Role
from rules.load import RULESET, TEMPLATE
from settings.model import RULESETS
from store import backtests
from store.backtests import OutsideYourAreas
from store.calendars import import_calendar
from store.ids import new_id
from store.seed.history import keep_signals


async def test_a_version_against_itself_differs_in_nothing(month: Month) -> None:
    played = await month.played(month.wanted())

    assert played.state == "done"
    assert played.result is not None
    assert {name: played.result[name] for name in ("signals", "new", "gone", "moved", "same")} == {
        "signals": 56,
        "new": 0,
        "gone": 0,
        "moved": 0,
        "same": 28,
    }
    assert (played.done, played.total) == (56, 56)


async def test_a_working_copy_that_waits_loses_a_true_alarm_and_saves_a_false_one(month: Month) -> None:
    new = month.held()
    played = await month.played(new)

    assert played.result is not None
    assert {name: played.result[name] for name in ("new", "gone", "same", "true_lost", "false_saved")} == {
        "new": 0,
        "gone": 21,
        "same": 7,
        "true_lost": 1,
        "false_saved": 1,
    }
    async with month.pool.connection() as connection:
        items = await backtests.items(connection, new.id, "gone", limit=3)
        rest = await backtests.items(connection, new.id, "gone", after=items[-1]["n"], limit=50)
    first, second, third = items
    assert first["case"] == {"id": str(month.true), "number": "KJ-1", "alarm": True, "lost": True}
    assert second["case"] == {"id": str(month.false), "number": "KJ-2", "alarm": False, "lost": False}
    assert third["case"] is None
    assert (first["before"]["rule"], first["now"]) == ("single", None)
    assert len(rest) == 18
    hours = {of["hour"]: of["gone"] for of in played.result["by_hour"]}
    assert hours[10] == 21
    assert [of["area"] for of in played.result["by_area"]] == ["/310110/kj/c07/", "/310110/kj/c07/n021/"]


async def test_stored_signals_are_read_as_perception_read_them(month: Month) -> None:
    one = said(timedelta(days=40), alarm=True).model_copy(update={"confidence": None, "severity": "high", "value": 2.5})
    with psycopg.connect(month.settings.database_url, autocommit=True) as connection:
        keep_signals(connection, [one])
        stretch = Stretch(BEGAN, BEGAN + timedelta(days=60), ("smoke.alarm",))
        read = [signal for signal, _ in signals(connection, stretch, range(4))]
        stored = connection.execute("SELECT id, body FROM signals WHERE type = 'smoke.alarm' ORDER BY received_at, seq")

        assert read == [as_view(signal_id, body) for signal_id, body in stored.fetchall()]
    assert read[-1].fields["value"] == 2.5


async def test_an_area_hears_only_its_own(month: Month) -> None:
    elsewhere = "/310110/kj/c08/n025/b01/u1/"
    with psycopg.connect(month.settings.database_url, autocommit=True) as connection:
        keep_signals(connection, [said(timedelta(hours=1), alarm=True, place=elsewhere, device="smoke-2")])

    played = await month.played(month.wanted(area="/310110/kj/c08/"))

    assert played.result is not None
    assert (played.result["signals"], played.result["same"]) == (1, 1)


async def test_the_same_form_sent_twice_is_one_backtest(month: Month) -> None:
    new = month.wanted()
    await month.ask(new)
    await month.ask(new)

    async with month.pool.connection() as connection:
        assert [one.id for one in await backtests.listing(connection, "corridor-smoke", [AREA])] == [new.id]
        assert await backtests.unfinished(connection) == [new.id]


async def test_others_areas_are_neither_asked_about_nor_seen(month: Month) -> None:
    stranger = Actor(id=month.author.id, name="别处", roles=frozenset({Role.RULE_AUTHOR}), areas=("/310110/other/",))
    new = month.wanted()
    await month.ask(new)

    async with month.pool.connection() as connection:
        with pytest.raises(OutsideYourAreas):
            await backtests.ask(connection, month.wanted(), stranger)
        assert await backtests.one(connection, new.id, stranger.areas) is None
        assert await backtests.listing(connection, "corridor-smoke", stranger.areas) == []
        assert not await backtests.cancel(connection, new.id, stranger.areas)


async def test_what_is_cancelled_is_not_played(month: Month) -> None:
    new = month.wanted()
    await month.ask(new)
    async with month.pool.connection() as connection:
        assert await backtests.cancel(connection, new.id, [AREA])
        assert not await backtests.cancel(connection, new.id, [AREA])

    await carry_out(month.pool, month.settings, new.id)

    found = await month.one(new.id)
    assert (found.state, found.result) == ("cancelled", None)


async def test_one_under_way_stops_when_it_is_cancelled(month: Month) -> None:
    new = month.wanted()
    await month.ask(new)
    async for state, done in heard(month, new.id):
        if state == "running":
            async with month.pool.connection() as connection:
                await backtests.cancel(connection, new.id, [AREA])
            break
        assert done == 0

    found = await month.one(new.id)
    assert (found.state, found.result) == ("cancelled", None)


async def heard(month: Month, backtest: UUID) -> AsyncIterator[tuple[str, int]]:
    """How it stands whenever its page is told that it changed, while it is played."""
    async with month.pool.connection() as listener, asyncio.timeout(60):
        await listener.execute("LISTEN linli_backtests")
        playing = asyncio.create_task(carry_out(month.pool, month.settings, backtest))
        async for note in listener.notifies():
            assert note.payload == str(backtest)
            now = await month.one(backtest)
            yield now.state, now.done
            if not now.is_unfinished:
                break
        await playing


async def test_pages_are_told_how_far_it_is(month: Month) -> None:
    new = month.wanted()
    await month.ask(new)

    told = [state async for state, _ in heard(month, new.id)]

    assert set(told) == {"running", "done"}
    assert told[-1] == "done"


async def test_a_working_copy_that_is_no_ruleset_fails_and_says_so(month: Month) -> None:
    played = await month.played(month.wanted(hash=None, definition="ruleset: x", template=""))

    assert (played.state, played.problem) == ("failed", "ruleset-invalid")


async def test_a_job_that_takes_its_worker_down_is_given_up(month: Month) -> None:
    new = month.wanted()
    await month.ask(new)
    async with month.pool.connection() as connection:
        await connection.execute("UPDATE backtests SET attempts = 3, state = 'running' WHERE id = %s", (new.id,))

    await carry_out(month.pool, month.settings, new.id)

    found = await month.one(new.id)
    assert (found.state, found.problem) == ("failed", "gave-up")


async def test_a_list_goes_on_behind_its_last(month: Month) -> None:
    ids = [await month.ask(month.wanted(id=new_id())) for _ in range(3)]

    async with month.pool.connection() as connection:
        first = await backtests.listing(connection, "corridor-smoke", [AREA], limit=2)
        rest = await backtests.listing(connection, "corridor-smoke", [AREA], (first[-1].asked_at, first[-1].id))
    assert [one.id for one in (*first, *rest)] == ids[::-1]
    assert SMOKE.hash == first[0].hash


async def test_versions_are_played_with_the_working_days_in_force(month: Month) -> None:
    async with month.pool.connection() as connection:
        shipped = (await beside(connection, "Asia/Shanghai")).calendar
        assert shipped is not None
        free = {"version": "2026.9", "holidays": shipped.holidays | {date(2026, 3, 2)}}
        await import_calendar(connection, shipped.model_copy(update=free), "people/xu")
        around = await beside(connection, "Asia/Shanghai")
    folder = RULESETS / "noise-exceedance"
    tried = Texts(folder.name, *((folder / name).read_text(encoding="utf-8") for name in (RULESET, TEMPLATE)))

    (compiled,) = versions_of(tried, tried, around)

    assert {hours.calendar.version for hours in compiled.times_of_day.values()} == {"2026.9"}
