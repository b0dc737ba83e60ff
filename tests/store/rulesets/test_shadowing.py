"""What a version in shadow would have done, against what was done; how a ruleset's cases turned out."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from builders import UNIT_2
from stages import DOOR, Authors, a_draft, put_in

from domain.rulesets import Stage
from store.pool import Connection
from store.rulesets import listing, shadowing

DECIDED = """
    INSERT INTO decisions (id, signal_id, ruleset, hash, rule, detection, case_id, at, explanation, stage, matter)
    VALUES (%s, %s, %s, %s, %s, 'open', %s, %s, '{}', %s, %s)"""
CASE = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, closed_at, ending, state)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
NOW = datetime.now(UTC)


async def decided(
    connection: Connection,
    hash_: str,
    rule: str | None,
    signal: UUID,
    *,
    stage: str = "active",
    case: UUID | None = None,
    key: str | None = None,
    at: datetime = NOW,
) -> None:
    matter = json.dumps({"dedupe_key": key, "title": f"门开着 {key}", "place": UNIT_2}) if key else None
    await connection.execute(DECIDED, (uuid4(), signal, DOOR, hash_, rule, case, at, stage, matter))


async def a_version_in_shadow(connection: Connection, who: Authors) -> tuple[str, str, datetime]:
    """Its hash, the active one's, and since when."""
    version = await a_draft(connection, who.xu, "一")
    await put_in(connection, who, version, Stage.SHADOW)
    found = next(row for row in await listing(connection) if row.id == DOOR)
    began = await (await connection.execute("SELECT since FROM rulesets WHERE hash = %s", (version,))).fetchone()
    assert began is not None
    assert found.active is not None
    return version, found.active, began[0]


async def test_without_a_version_in_shadow_there_is_nothing_to_compare(connection: Connection) -> None:
    assert await shadowing(connection, DOOR) is None


async def test_one_matter_that_speaks_often_would_have_been_one_case(connection: Connection, who: Authors) -> None:
    version, _, began = await a_version_in_shadow(connection, who)
    for minutes in (0, 5, 60, 26 * 60, 51 * 60):  # a day later it would be open no more
        at = began + timedelta(minutes=minutes)
        await decided(connection, version, "open", uuid4(), stage="shadow", key="k1", at=at)
    await decided(connection, version, "counted", uuid4(), stage="shadow", at=began)
    found = await shadowing(connection, DOOR)
    assert found is not None
    assert [(rule.rule, rule.would_hit, rule.would_open) for rule in found.rules] == [("counted", 1, 0), ("open", 5, 3)]
    assert len(found.more) == 3
    assert found.more[0].title == "门开着 k1"


async def test_cases_are_new_the_same_or_gone_by_the_signals_that_opened_them(
    connection: Connection, who: Authors
) -> None:
    version, active, began = await a_version_in_shadow(connection, who)
    at = began + timedelta(seconds=1)
    both, alone, before = uuid4(), uuid4(), uuid4()
    same, gone = uuid4(), uuid4()
    await decided(connection, version, "open", both, stage="shadow", key="k1", at=at)
    await decided(connection, active, "open", both, case=same, at=at)
    await decided(connection, version, "open", alone, stage="shadow", key="k2", at=at)
    await decided(connection, active, "held", uuid4(), case=gone, at=at)
    await decided(connection, active, "held", before, case=uuid4(), at=began - timedelta(hours=1))
    found = await shadowing(connection, DOOR)
    assert found is not None
    assert [example.case_id for example in found.same] == [same]
    assert [example.title for example in found.more] == ["门开着 k2"]
    assert [(example.rule, example.case_id) for example in found.fewer] == [("held", gone)]
    assert [(rule.rule, rule.would_open, rule.did_open) for rule in found.rules] == [("held", 0, 1), ("open", 2, 1)]


async def test_a_period_begins_no_earlier_than_the_shadow(connection: Connection, who: Authors) -> None:
    _, _, began = await a_version_in_shadow(connection, who)
    found = await shadowing(connection, DOOR, began - timedelta(days=9))
    assert found is not None
    assert found.since == began


@pytest.mark.parametrize(
    ("outcomes", "rate"), [(("true", "true", "false", "fault"), 0.5), (("test",), 1.0), ((None,), None)]
)
async def test_false_alarms_are_what_closed_cases_turned_out_to_be(
    connection: Connection, outcomes: tuple[str | None, ...], rate: float | None
) -> None:
    for number, outcome in enumerate(outcomes):
        ending = "solved" if outcome else None
        row = (uuid4(), f"k{number}", DOOR, UNIT_2, NOW, NOW, NOW if outcome else None, ending)
        await connection.execute(CASE, (*row, json.dumps({"outcome": outcome})))
    found = {row.id: row.health for row in await listing(connection)}
    assert (found[DOOR].cases, found[DOOR].false_alarm_rate) == (len(outcomes), rate)
    assert (found["corridor-smoke"].cases, found["corridor-smoke"].false_alarm_rate) == (0, None)
