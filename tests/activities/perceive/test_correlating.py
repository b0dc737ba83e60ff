"""What keeps a matter from a case of its own."""

import asyncio

import pytest
from concluded import UNIT, Partition, a_ruleset, began, ended

from activities.perceive.writing import Lost
from domain.rulesets import Stage

OTHER_UNIT = "/310110/kj/c07/n021/b03/u1/"
OTHER_BUILDING = "/310110/kj/c07/n021/b04/u1/"
COMMUNITY = "/310110/kj/c07/n021/"
OUTAGE = a_ruleset("power-outage", title="停电")


def doors(by: str = "place.building", how: str = "mute", with_: str = "power-outage"):  # noqa: ANN201
    return a_ruleset("doors", case=f", correlate: [{{with: {with_}, by: {by}, as: {how}}}]")


async def test_a_matter_of_its_own_opens_a_case_and_comes_again(partition: Partition) -> None:
    await partition.concludes(began(doors()), began(doors()))
    await partition.concludes(began(doors()))
    [(case, key)] = await partition.opened()
    assert key == f"doors/main{UNIT}"
    assert await partition.effects() == [("opened", case), ("again", case), ("again", case)]
    assert [news.kind for news in await partition.heard(case)] == ["began"] * 3


@pytest.mark.parametrize("at", [UNIT, OTHER_UNIT, COMMUNITY, "/310110/kj/c07/n021/b03/"])
async def test_an_open_case_mutes_what_lies_in_the_same_building(partition: Partition, at: str) -> None:
    await partition.concludes(began(OUTAGE, at))
    await partition.concludes(began(doors()))
    [(outage, _)] = await partition.opened()
    assert await partition.effects() == [("opened", outage), ("muted", outage)]
    assert len(await partition.heard(outage)) == 1


async def test_what_is_muted_is_remembered_with_what_it_would_have_been(partition: Partition) -> None:
    await partition.concludes(began(OUTAGE))
    await partition.concludes(began(doors(), urgent=True))
    [(matter,)] = await partition.rows("SELECT matter FROM decisions WHERE effect = 'muted'")
    assert (matter["title"], matter["priority"], matter["place"]) == (f"{UNIT}门磁异常", "urgent", UNIT)


async def test_the_next_building_is_not_covered(partition: Partition) -> None:
    await partition.concludes(began(OUTAGE, OTHER_BUILDING))
    await partition.concludes(began(doors()))
    assert [effect for effect, _ in await partition.effects()] == ["opened", "opened"]


async def test_an_alarm_of_the_district_mutes_its_parts(partition: Partition) -> None:
    await partition.concludes(began(OUTAGE, OTHER_BUILDING))
    await partition.concludes(began(doors(by="place.district")))
    assert [effect for effect, _ in await partition.effects()] == ["opened", "muted"]


async def test_a_gateway_that_is_down_mutes_what_speaks_through_it(partition: Partition) -> None:
    gateway = a_ruleset("power-outage", then=", dedupe: gateway")
    await partition.concludes(began(gateway, None, device="mqtt/gw1/gw1"))
    await partition.concludes(began(doors(by="gateway"), device="mqtt/gw1/d7"))
    await partition.concludes(began(doors(by="gateway"), OTHER_UNIT, device="mqtt/gw2/d8"))
    assert [effect for effect, _ in await partition.effects()] == ["opened", "muted", "opened"]


async def test_only_the_named_matter_mutes(partition: Partition) -> None:
    await partition.concludes(began(OUTAGE))
    await partition.concludes(began(doors(with_="power-outage/planned")), began(doors(with_="power-outage/main")))
    assert [effect for effect, _ in await partition.effects()] == ["opened", "opened", "again"]


async def test_a_closed_case_mutes_nothing(partition: Partition) -> None:
    await partition.concludes(began(OUTAGE))
    await partition.rows("UPDATE cases SET closed_at = now(), ending = 'solved' RETURNING id")
    await partition.concludes(began(doors()))
    assert [effect for effect, _ in await partition.effects()] == ["opened", "opened"]


async def test_a_case_of_its_own_hears_of_it_whatever_covers_it(partition: Partition) -> None:
    await partition.concludes(began(doors()))
    await partition.concludes(began(OUTAGE))
    await partition.concludes(began(doors()), ended(doors()))
    [(door, _), (_outage, _)] = await partition.opened()
    assert [effect for effect, _ in await partition.effects()] == ["opened", "opened", "again"]
    assert [news.kind for news in await partition.heard(door)] == ["began", "began", "ended"]


async def test_what_opens_in_the_same_transaction_covers_too(partition: Partition) -> None:
    await partition.concludes(began(doors()), began(OUTAGE), began(doors(), OTHER_UNIT))
    assert sorted(effect for effect, _ in await partition.effects()) == ["muted", "muted", "opened"]


async def test_a_case_that_takes_a_matter_in_hears_of_it(partition: Partition) -> None:
    await partition.concludes(began(OUTAGE))
    await partition.concludes(began(doors(how="join")))
    [(outage, _)] = await partition.opened()
    assert await partition.effects() == [("opened", outage), ("joined", outage)]
    first, second = await partition.heard(outage)
    assert (first.kind, second.kind) == ("began", "joined")
    assert second.matter is not None
    assert second.matter.ruleset == "doors"


async def test_a_shadow_is_only_remembered(partition: Partition) -> None:
    await partition.concludes(began(doors(), stage=Stage.SHADOW))
    assert await partition.opened() == []
    [(stage, effect, case, matter)] = await partition.rows("SELECT stage, effect, case_id, matter FROM decisions")
    assert (stage, effect, case, matter["dedupe_key"]) == ("shadow", "none", None, f"doors/main{UNIT}")


async def test_what_closed_lately_is_told_that_it_came_back(partition: Partition) -> None:
    again = a_ruleset("doors", case=", after_close: reopen, reopen_within: 3d")
    await partition.concludes(began(again))
    await partition.rows("UPDATE cases SET closed_at = now() - interval '2 days', ending = 'solved' RETURNING id")
    await partition.concludes(began(again))
    [(case, _)] = await partition.opened()
    assert await partition.effects() == [("opened", case), ("reopened", case)]
    assert len(await partition.heard(case)) == 2


@pytest.mark.parametrize(("days", "ending"), [(4, "solved"), (1, "linked"), (1, "voided")])
async def test_what_closed_long_ago_or_was_none_gets_a_new_case(partition: Partition, days: int, ending: str) -> None:
    again = a_ruleset("doors", case=", after_close: reopen, reopen_within: 3d")
    await partition.concludes(began(again))
    await partition.rows(
        "UPDATE cases SET closed_at = now() - make_interval(days => %s), ending = %s RETURNING id", days, ending
    )
    await partition.concludes(began(again))
    assert [effect for effect, _ in await partition.effects()] == ["opened", "opened"]


async def test_two_partitions_that_race_for_a_key_open_one_case(partition: Partition) -> None:
    other = Partition(partition.connections, number=1)
    mine = [began(doors()) for _ in range(20)]
    theirs = [began(doors()) for _ in range(20)]
    await asyncio.gather(
        *(each.concludes(*some) for each, some in ((partition, mine), (other, theirs))),
    )
    [(case, _)] = await partition.opened()
    assert sorted(await partition.effects()) == [("again", case)] * 39 + [("opened", case)]


async def test_a_partition_that_was_lost_writes_nothing(partition: Partition) -> None:
    partition.position = 7
    with pytest.raises(Lost):
        await partition.concludes(began(doors()))
    assert await partition.opened() == []
