"""The road of a case through a real Temporal server and Postgres."""

import asyncio
from uuid import uuid4

import pytest
from road import Road

from activities.ensure import has_workflow
from activities.reconcile import rebuild
from domain.cases import EvidenceRef
from domain.commands import Comment, Handle, Inspect, Sign
from domain.matters import Evidence
from domain.people import Actor
from store.verifying import verify

pytestmark = pytest.mark.servers
AFTER = EvidenceRef(id=uuid4(), kind=Evidence.PHOTO_AFTER)


async def inspector(road: Road) -> Actor:
    return await road.one(
        "SELECT name FROM people WHERE 'inspector' = ANY (roles) AND NOT 'handler' = ANY (roles) LIMIT 1"
    )


async def test_a_case_is_filed_dispatched_handled_reworked_inspected_and_closed(road: Road) -> None:
    case_id, handler = await road.assigned()
    judge = await inspector(road)
    handle = Handle(outcome="solved", evidence=(AFTER,))

    assert (await road.give(case_id, Sign(), handler)).accepted
    assert (await road.give(case_id, handle, handler)).accepted
    assert (await road.give(case_id, Inspect(passed=True), handler)).code == "not-permitted"
    assert (await road.give(case_id, Inspect(passed=False, note="门口仍堵"), judge)).accepted
    assert (await road.give(case_id, handle, handler)).accepted
    assert (await road.give(case_id, Inspect(passed=True), judge)).accepted

    assert await road.events(case_id) == [
        *("received", "filed", "dispatched", "signed", "handled", "inspected", "handled", "inspected", "closed")
    ]
    async with asyncio.timeout(60):
        await road.reach.client.get_workflow_handle(f"case/{case_id}").result()
    async with road.reach.pool.connection() as connection, connection.transaction():
        assert (await verify(connection)).faults == []


async def test_of_two_who_sign_at_once_one_wins_and_the_other_hears_who(road: Road) -> None:
    case_id, handler = await road.assigned()
    liaison = await road.one("SELECT name FROM people WHERE unit = %s AND 'liaison' = ANY (roles)", handler.unit)

    answers = await asyncio.gather(road.give(case_id, Sign(), handler), road.give(case_id, Sign(), liaison))

    winner, loser = sorted(zip(answers, (handler, liaison), strict=True), key=lambda pair: not pair[0].accepted)
    assert winner[0].accepted
    assert (loser[0].code, loser[0].params) == ("already-signed", {"by": winner[1].name})
    assert (await road.events(case_id)).count("signed") == 1


async def test_the_same_key_twice_gives_one_event_and_the_same_answer(road: Road) -> None:
    case_id, handler = await road.assigned()
    key = uuid4()

    answers = await asyncio.gather(*(road.give(case_id, Comment(text="已联系车主"), handler, key) for _ in range(5)))

    assert all(answer.accepted for answer in answers)
    assert (await road.events(case_id)).count("commented") == 1
    other = await road.give(case_id, Comment(text="另一句话"), handler, key)
    assert other.code == "idempotency-conflict"


async def test_a_terminated_workflow_is_healed_by_the_next_command(road: Road) -> None:
    case_id, handler = await road.assigned()
    await road.reach.client.get_workflow_handle(f"case/{case_id}").terminate("lost")

    assert (await road.give(case_id, Sign(), handler)).accepted
    assert await has_workflow(road.reach.client, case_id)


async def test_rebuild_restores_every_open_case_once(road: Road) -> None:
    case_id, _ = await road.assigned()
    await road.reach.client.get_workflow_handle(f"case/{case_id}").terminate("lost")

    assert await rebuild(road.reach.pool, road.reach.client) == (1, 1)
    assert await rebuild(road.reach.pool, road.reach.client) == (0, 1)
