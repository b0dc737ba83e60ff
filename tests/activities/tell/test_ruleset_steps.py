"""Who may approve a version hears of it; who asked hears the answer."""

from typing import Any

import pytest
from stages import DOOR, a_draft, authors

from domain.rulesets import Approve, Ask, Stage
from store.rulesets import take

pytestmark = pytest.mark.servers


async def test_an_asking_reaches_the_other_author_and_its_answer_the_asker(desk: Any) -> None:
    async with desk.pool.connection() as connection:
        who = await authors(connection)
        version = await a_draft(connection, None, "请关门。")
        await take(connection, DOOR, Ask(version=version, stage=Stage.CANARY, areas=("/310110/kj/c07/",)), who.writer)
    await desk.rounds()
    (asked,) = desk.phones.inbox()
    assert (asked["to"], "徐文博申请小范围试点" in asked["text"]) == ("rules.pei", True)
    async with desk.pool.connection() as connection:
        await take(connection, DOOR, Approve(version=version, note="可以"), who.approver)
    await desk.rounds()
    (answer,) = [told for told in desk.phones.inbox() if told["to"] == "rules.xu"]
    assert "裴思远批准了小范围试点。可以" in answer["text"]
