"""Small rulesets of one boolean signal, what they conclude of it, and a partition that commits it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from activities.perceive.concluding import Conclusion
from activities.perceive.writing import write
from domain.matters import News
from domain.rulesets import Stage
from rules.catalogue import load_catalogue
from rules.classify import classify, cleared_keys, plain_hits
from rules.compile import compile_ruleset
from rules.compiled import Compiled
from rules.detections import Change, Detection
from rules.reading import read_yaml
from store.pool import Pool

CATALOGUE = load_catalogue(Path(__file__).parents[1] / "rulesets" / "catalogue.csv")
UNIT = "/310110/kj/c07/n021/b03/u2/"
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TEMPLATE = "{% block title %}{{ place }}{{ ruleset }}{% endblock %}{% block text %}{{ rule }}{% endblock %}"
TEXT = """
ruleset: {name}
title: {title}
lead: urban-operations
signals:
  it: {{type: it.happened, fields: {{on: boolean, urgent: boolean}}}}
perceive:
  on: {{enter: {{it.on: {{eq: true}}}}, exit: {{it.on: {{eq: false}}}}, label: 发生}}
classify:
  - id: urgent
    if: {{it.urgent: {{eq: true}}}}
    then: {{category: door-left-open, priority: urgent, tier: committee, handler: property{then}}}
  - id: plain
    then: {{category: door-left-open, priority: normal, tier: committee, handler: property{then}}}
case: {{dedupe: place.unit, sla: {{sign: 10m}}{case}}}
{more}
"""


def a_ruleset(name: str, *, case: str = "", then: str = "", more: str = "", title: str = "门磁异常") -> Compiled:
    """`case`, `then` and `more` go on with what is written there: `, after_close: reopen`."""
    text = TEXT.format(name=name, title=title, case=case, then=then, more=more)
    return compile_ruleset(read_yaml(text, "ruleset.yaml"), TEMPLATE, CATALOGUE)


def began(
    compiled: Compiled,
    place: str | None = UNIT,
    *,
    device: str = "mqtt/gw1/d1",
    at: datetime | None = None,
    stage: Stage = Stage.ACTIVE,
    **facts: Any,
) -> Conclusion:
    """Its detection began at that place; `at`: when its signal came in, now where none is given."""
    detection = _detection(compiled, place, device, at or datetime.now(UTC), Change.BEGAN, facts)
    return Conclusion(detection, classify(compiled, detection, plain_hits(compiled, detection.facts)), stage=stage)


def ended(compiled: Compiled, place: str | None = UNIT, *, device: str = "mqtt/gw1/d1") -> Conclusion:
    detection = _detection(compiled, place, device, datetime.now(UTC), Change.ENDED, {})
    return Conclusion(detection, keys=cleared_keys(compiled, detection))


def _detection(
    compiled: Compiled, place: str | None, device: str, at: datetime, change: Change, facts: dict[str, Any]
) -> Detection:
    return Detection(
        ruleset=compiled.id,
        hash=compiled.hash,
        name="on",
        change=change,
        key=f"{compiled.id}/it/{device}",
        at=at,
        since=at,
        signal_id=str(uuid4()),
        device_id=device,
        place=place,
        transport="mqtt",
        received_at=at,
        fields={"on": True},
        facts={"on": "began", "it.on": True, **{f"it.{name}": value for name, value in facts.items()}},
    )


@dataclass
class Partition:
    """One partition's owner: each call commits one transaction of perception."""

    connections: Pool
    number: int = 0
    position: int = field(default=0)

    async def concludes(self, *conclusions: Conclusion) -> None:
        self.position += 1
        async with self.connections.connection() as connection:
            await connection.execute("UPDATE partitions SET epoch = 1 WHERE id = %s", (self.number,))
            await write(
                connection,
                partition=self.number,
                epoch=1,
                moved=(self.position - 1, self.position),
                states={},
                conclusions=conclusions,
            )

    async def rows(self, query: str, *wanted: object) -> list[tuple[Any, ...]]:
        async with self.connections.connection() as connection:
            return await (await connection.execute(query.encode(), wanted)).fetchall()

    async def effects(self) -> list[tuple[str, UUID | None]]:
        """What became of each matter, and the case that it went to."""
        return await self.rows("SELECT effect, case_id FROM decisions ORDER BY at, id")

    async def opened(self) -> list[tuple[UUID, str]]:
        return await self.rows("SELECT id, dedupe_key FROM cases ORDER BY received_at, id")

    async def heard(self, case_id: UUID) -> Sequence[News]:
        """What waits for a case."""
        found = await self.rows("SELECT body::text FROM case_inbox WHERE case_id = %s ORDER BY seq", case_id)
        return [News.model_validate_json(body) for (body,) in found]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
