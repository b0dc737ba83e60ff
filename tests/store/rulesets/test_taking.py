"""Steps of versions, as they are kept: once, under their key, with a trace of who took them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from databases import Database
from psycopg import errors
from stages import DOOR, Authors, a_draft, put_in

from domain.people import BY_RULE
from domain.rulesets import Approve, Ask, Refused, Retire, RollBack, Stage, Start, Withdraw
from store.pool import Connection, pool
from store.rulesets import (
    CHANNEL,
    KeyTaken,
    contradictions,
    due_starts,
    listing,
    news_of,
    next_start,
    steps,
    take,
    versions,
)

AREAS = ("/310110/kj/c07/",)


async def stages(connection: Connection) -> dict[str, Stage]:
    return {row.hash: row.stage for row in await versions(connection, DOOR)}


async def active(connection: Connection) -> str:
    return next(hash_ for hash_, stage in (await stages(connection)).items() if stage is Stage.ACTIVE)


async def test_a_version_takes_the_place_of_the_shipped_one_and_roll_back_brings_it_back(
    connection: Connection, who: Authors
) -> None:
    old = await active(connection)
    new = await a_draft(connection, who.xu, "请关门。")
    await take(connection, DOOR, Ask(version=new, stage=Stage.ACTIVE, note="试过了"), who.approver)
    with pytest.raises(Refused, match="own-version"):
        await take(connection, DOOR, Approve(version=new), who.writer)
    await take(connection, DOOR, Withdraw(version=new), who.approver)
    await put_in(connection, who, new, Stage.SHADOW)
    assert await stages(connection) == {old: Stage.ACTIVE, new: Stage.SHADOW}
    await put_in(connection, who, new, Stage.ACTIVE)
    assert await stages(connection) == {old: Stage.RETIRED, new: Stage.ACTIVE}
    await take(connection, DOOR, RollBack(active=new, note="误报多"), who.writer)
    assert await stages(connection) == {old: Stage.ACTIVE, new: Stage.RETIRED}
    said = [(row.step, row.stage, row.by_name, row.note) for row in await steps(connection, DOOR)]
    assert said[2:5] == [
        ("drafted", "draft", "徐文博", ""),
        ("asked", "active", "裴思远", "试过了"),
        ("withdrawn", "active", "裴思远", ""),
    ]
    assert said[-1] == ("rolled_back", "active", "徐文博", "误报多")


async def test_what_is_written_of_a_version_is_what_its_steps_amount_to(connection: Connection, who: Authors) -> None:
    one, other = await a_draft(connection, who.xu, "一"), await a_draft(connection, None, "二")
    await put_in(connection, who, one, Stage.CANARY, AREAS)
    await put_in(connection, who, other, Stage.CANARY, (*AREAS, "/310110/kj/c08/"))
    await put_in(connection, who, one, Stage.SHADOW)
    await take(connection, DOOR, Retire(version=other), who.approver)
    assert await contradictions(connection) == []
    await connection.execute("UPDATE rulesets SET stage = 'canary' WHERE hash = %s", (other,))
    assert await contradictions(connection) == [f"{DOOR}@{other[:12]}: canary, by its steps retired"]


async def test_a_repeated_request_is_the_same_request(connection: Connection, who: Authors) -> None:
    version, key = await a_draft(connection, who.xu, "一"), uuid4()
    ask = Ask(version=version, stage=Stage.SHADOW)
    first = await take(connection, DOOR, ask, who.writer, key=key)
    again = await take(connection, DOOR, ask, who.writer, key=key)
    assert (len(first.events), again.events) == (1, ())
    assert again.ruleset == first.ruleset
    with pytest.raises(KeyTaken):
        await take(connection, DOOR, Approve(version=version), who.approver, key=key)
    with pytest.raises(KeyTaken):
        await take(connection, DOOR, ask, who.approver, key=key)


async def test_faults_are_counted_before_a_version_is_asked_for(connection: Connection, who: Authors) -> None:
    version = await a_draft(connection, who.xu, "一")

    async def three(asked: str) -> int:
        assert asked == version
        return 3

    with pytest.raises(Refused, match="not-sound"):
        await take(connection, DOOR, Ask(version=version, stage=Stage.SHADOW), who.writer, problems=three)
    assert await stages(connection) == {**await stages(connection), version: Stage.DRAFT}


async def test_a_canary_is_tried_in_areas_that_there_are(connection: Connection, who: Authors) -> None:
    version = await a_draft(connection, who.xu, "一")
    ask = Ask(version=version, stage=Stage.CANARY, areas=(*AREAS, "/310110/nowhere/"))
    with pytest.raises(Refused, match="area-unknown"):
        await take(connection, DOOR, ask, who.writer)


async def test_what_was_approved_for_later_is_due_when_its_time_has_come(connection: Connection, who: Authors) -> None:
    version = await a_draft(connection, who.xu, "一")
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    await take(connection, DOOR, Ask(version=version, stage=Stage.ACTIVE, starts_at=soon), who.writer)
    assert await next_start(connection) is None
    await take(connection, DOOR, Approve(version=version), who.approver)
    assert await next_start(connection) == soon
    while not await due_starts(connection):
        assert (await stages(connection))[version] is Stage.DRAFT
    assert await due_starts(connection) == [(DOOR, version)]
    await take(connection, DOOR, Start(version=version), BY_RULE)
    assert (await active(connection), await due_starts(connection)) == (version, [])


async def test_perception_is_told_of_every_step(connection: Connection, who: Authors, seeded: Database) -> None:
    version = await a_draft(connection, who.xu, "一")
    async with pool(seeded.app_dsn) as others, others.connection() as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        await put_in(connection, who, version, Stage.SHADOW)
        heard = [note async for note in listener.notifies(timeout=60, stop_after=1)]
    assert {note.channel for note in heard} == {CHANNEL}


async def test_who_may_approve_hears_of_what_is_asked(connection: Connection, who: Authors) -> None:
    version = await a_draft(connection, who.xu, "一")
    await put_in(connection, who, version, Stage.SHADOW)
    told = [(news.reason, news.params["by"], news.params["asker"]) for news in await news_of(connection, DOOR)]
    assert told == [("approved", "裴思远", who.writer.id), ("asked", "徐文博", who.writer.id)]


async def test_the_list_says_what_is_in_force_and_what_waits(connection: Connection, who: Authors) -> None:
    version, other = await a_draft(connection, who.xu, "一"), await a_draft(connection, who.pei, "二")
    await put_in(connection, who, version, Stage.CANARY, AREAS)
    await take(connection, DOOR, Ask(version=other, stage=Stage.SHADOW), who.writer)
    found = next(row for row in await listing(connection) if row.id == DOOR)
    assert (found.active, found.canary, found.shadow) == (await active(connection), version, None)
    assert (found.canary_areas, found.drafts, found.asked, found.starts_at) == (list(AREAS), 1, 1, None)
    assert found.title
    assert found.health.false_alarm_rate is None


async def test_the_application_changes_no_text_and_removes_no_trace(
    connection: Connection, who: Authors, seeded: Database
) -> None:
    version = await a_draft(connection, who.xu, "一")
    for statement in (
        "UPDATE rulesets SET definition = '' WHERE hash = %s",
        "UPDATE rulesets SET template = '' WHERE hash = %s",
        "UPDATE rulesets SET author = NULL WHERE hash = %s",
        "DELETE FROM rulesets WHERE hash = %s",
        "DELETE FROM ruleset_steps WHERE hash = %s",
        "UPDATE ruleset_steps SET by = NULL WHERE hash = %s",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            await connection.execute(statement.encode(), (version,))
    for stage in ("active", "shadow", "canary"):
        with psycopg.connect(seeded.owner_dsn) as owner, pytest.raises(errors.UniqueViolation):
            owner.execute(
                "UPDATE rulesets SET stage = %s WHERE hash IN (SELECT hash FROM rulesets WHERE id = %s)", (stage, DOOR)
            )
