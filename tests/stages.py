"""What tests of rulesets' versions share: two authors, texts that differ by one word, and the steps into force."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.people import Actor, Role
from domain.rulesets import Approve, Ask, Stage
from rules.catalogue import load_catalogue
from rules.compiled import Compiled
from rules.load import CATALOGUE, from_texts
from settings.model import RULESETS
from store.people import Person
from store.pool import Connection
from store.rulesets import Taken, VersionTexts, add_version, take

BY_NAME = "SELECT id, name, display_name, roles, areas, unit, NULL FROM people WHERE name = %s"
DOOR = "door-left-open"


async def until(asked: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again until the answer is true; the answer."""
    async with asyncio.timeout(60):
        while True:
            if answer := await asked():
                return answer
            await asyncio.sleep(0.02)


async def person(connection: Connection, name: str) -> Person:
    row = await (await connection.execute(BY_NAME, (name,))).fetchone()
    assert row is not None
    id_, login, label, roles, areas, unit, unit_label = row
    return Person(id_, login, label, tuple(map(Role, roles)), tuple(areas), unit, unit_label)


@dataclass(frozen=True)
class Authors:
    """Xu writes, Pei approves; both are rule authors of the demo."""

    xu: Person
    pei: Person

    @property
    def writer(self) -> Actor:
        return self.xu.actor

    @property
    def approver(self) -> Actor:
        return self.pei.actor


async def authors(connection: Connection) -> Authors:
    return Authors(await person(connection, "rules.xu"), await person(connection, "rules.pei"))


def shipped(ruleset: str = DOOR, folder: Path = RULESETS) -> tuple[str, str]:
    """Definition and template as they lie in the folder."""
    return tuple((folder / ruleset / name).read_text(encoding="utf-8") for name in ("ruleset.yaml", "template.zh.j2"))  # type: ignore[return-value]


def variant(word: str, ruleset: str = DOOR, **changed: str) -> tuple[Compiled, str]:
    """A version that says `word` in its cases' text, with `changed` words of the definition."""
    definition, template = shipped(ruleset)
    for old, new in changed.items():
        assert old in definition
        definition = definition.replace(old, new)
    template = template.replace("{% endblock %}", f"{word}{{% endblock %}}")
    return from_texts(ruleset, definition, template, load_catalogue(RULESETS / CATALOGUE)), definition


async def a_draft(connection: Connection, author: Person | None, word: str, **given: Any) -> str:
    """The hash of a new draft version."""
    compiled, definition = variant(word, **given)
    added = await add_version(connection, VersionTexts.of(compiled, definition), author=author.id if author else None)
    assert added
    return compiled.hash


async def put_in(
    connection: Connection, who: Authors, version: str, stage: Stage, areas: tuple[str, ...] = (), ruleset: str = DOOR
) -> Taken:
    """Asked for by the writer, approved by the other one."""
    await take(connection, ruleset, Ask(version=version, stage=stage, areas=areas), who.writer)
    return await take(connection, ruleset, Approve(version=version), who.approver)
