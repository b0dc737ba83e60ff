"""A ruleset that would open more cases than anybody can work."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from concluded import Partition, a_ruleset, began

from activities.perceive.concluding import Conclusion
from domain.matters import STORM, Priority
from rules.storms import beyond

GUARDED = a_ruleset("doors", more="storm: {per_hour: 5}")
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SUMMARY = f"doors/{STORM}/310110/kj/"
OF_DOORS = "SELECT count(*) FROM cases WHERE starts_with(dedupe_key, 'doors/main/')"
SUMMARIES = "SELECT id, title FROM cases WHERE dedupe_key = %s"


def a_place(number: int) -> str:
    return f"/310110/kj/c07/n021/b{number:03}/u1/"


def doors(first: int, last: int, **said: bool) -> list[Conclusion]:
    return [began(GUARDED, a_place(number), **said) for number in range(first, last)]


async def counted(partition: Partition) -> int:
    [(count,)] = await partition.rows(OF_DOORS)
    return int(count)


async def the_summary(partition: Partition) -> UUID:
    [(case, title)] = await partition.rows(SUMMARIES, SUMMARY)
    assert title == "门磁异常：一小时内超过 5 件，已合并"
    return UUID(str(case))


def test_the_hour_slides() -> None:
    opened = [NOW - timedelta(minutes=minutes) for minutes in (70, 59, 30)]
    wanted = [NOW, NOW + timedelta(minutes=2), NOW + timedelta(minutes=3)]
    assert beyond(opened, wanted, 3) == [False, False, True]


def test_what_another_reader_opened_a_moment_later_counts() -> None:
    later = [NOW + timedelta(seconds=1), NOW + timedelta(minutes=59)]
    assert beyond(later, [NOW], 2) == [True]
    assert beyond([NOW + timedelta(seconds=1), NOW + timedelta(minutes=61)], [NOW], 2) == [False]


async def test_past_the_limit_one_summary_case_takes_the_rest(partition: Partition) -> None:
    await partition.concludes(*doors(0, 3))
    await partition.concludes(*doors(3, 9))
    await partition.concludes(*doors(9, 12))
    assert await counted(partition) == 5
    case = await the_summary(partition)
    effects = await partition.effects()
    assert [effect for effect, _ in effects].count("opened") == 5
    assert [place for effect, place in effects if effect == "storm"] == [case] * 7


async def test_the_summary_hears_only_what_is_more_urgent(partition: Partition) -> None:
    await partition.concludes(*doors(0, 9))
    case = await the_summary(partition)
    await partition.rows("UPDATE cases SET priority_rank = %s RETURNING id", Priority.NORMAL.rank)
    await partition.concludes(*doors(9, 20))
    await partition.concludes(*doors(20, 22), *doors(22, 24, urgent=True))
    priorities = [news.matter.priority for news in await partition.heard(case) if news.matter]
    assert priorities == [Priority.NORMAL, Priority.URGENT]


async def test_the_lead_handles_the_summary(partition: Partition) -> None:
    await partition.concludes(*doors(0, 6))
    [news] = await partition.heard(await the_summary(partition))
    assert news.matter is not None
    assert (news.matter.handler, news.matter.category, news.matter.place) == (
        "urban-operations",
        "ruleset-storm",
        "/310110/kj/",
    )


async def test_the_author_is_told_once_per_storm(partition: Partition) -> None:
    await partition.concludes(*doors(0, 9))
    await partition.concludes(*doors(9, 20))
    told = await partition.rows("SELECT ruleset, hash, reason, params FROM ruleset_news")
    params = {"per_hour": 5, "case": str(await the_summary(partition))}
    assert told == [("doors", GUARDED.hash, "storm", params)]


async def test_an_open_case_is_told_in_a_storm_too(partition: Partition) -> None:
    await partition.concludes(*doors(0, 9))
    await partition.concludes(*doors(0, 1))
    assert (await partition.effects())[-1][0] == "again"


async def test_an_hour_later_cases_are_opened_again(partition: Partition) -> None:
    await partition.concludes(*doors(0, 9))
    await partition.rows("UPDATE cases SET received_at = received_at - interval '61 minutes' RETURNING id")
    await partition.concludes(*doors(20, 22))
    assert [effect for effect, _ in await partition.effects()][-2:] == ["opened", "opened"]


async def test_what_was_away_for_hours_is_no_storm(partition: Partition) -> None:
    """Twelve cases came in twelve hours, and are read in one go."""
    hours = [began(GUARDED, a_place(n), at=NOW + timedelta(hours=n)) for n in range(12)]
    await partition.concludes(*hours)
    assert await counted(partition) == 12


async def test_where_nothing_is_said_five_hundred_an_hour_hold(partition: Partition) -> None:
    plain = a_ruleset("doors")
    await partition.concludes(*(began(plain, a_place(number)) for number in range(600)))
    assert await counted(partition) == 500


@pytest.mark.parametrize("rounds", [4])
async def test_readers_that_race_stay_within_the_limit_together(partition: Partition, rounds: int) -> None:
    readers = [Partition(partition.connections, number=number) for number in range(4)]

    async def reads(reader: Partition) -> None:
        for again in range(rounds):
            first = 100 * reader.number + 10 * again
            await reader.concludes(*doors(first, first + 3))

    await asyncio.gather(*map(reads, readers))
    assert await counted(partition) == 5
    await the_summary(partition)
