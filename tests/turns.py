"""Turns of cases on a real store, without Temporal: what `advance` does when it is called."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from activities.advance import House, advance
from activities.receiving import receive
from domain.cases import Case
from domain.commands import Command
from domain.events import Recorded, plan_in, upcast
from domain.matters import Matter, News
from domain.people import Actor, Role
from store.pool import Pool
from workflows.ports import Outcome

KEEP = "INSERT INTO commands (id, case_id, actor, name, body, transport) VALUES (%s, %s, %s, %s, %s, 'console')"


@dataclass(frozen=True)
class Turns:
    """A store, and the house whose cases move in it."""

    connections: Pool
    house: House = field(default_factory=lambda: House("KJ", ZoneInfo("Asia/Shanghai")))

    async def rows(self, query: str, *wanted: object) -> list[tuple[Any, ...]]:
        async with self.connections.connection() as connection:
            return await (await connection.execute(query.encode(), wanted)).fetchall()

    async def begun(self, matter: Matter) -> UUID:
        """A case of `matter` as far as the system brings it by itself."""
        case_id = await self.received(matter)
        await self.move(case_id)
        return case_id

    async def received(self, matter: Matter) -> UUID:
        """A case of `matter` that has not had its turn yet."""
        case_id = uuid4()
        assert await receive(self.connections, matter, case_id, "mobile")
        return case_id

    async def move(self, case_id: UUID) -> None:
        await advance(self.connections, self.house, case_id)

    async def give(self, case_id: UUID, actor: Actor, command: Command) -> Outcome:
        return await self.carried_out(case_id, await self.kept(case_id, actor, command))

    async def kept(self, case_id: UUID, actor: Actor, command: Command) -> UUID:
        """A command that waits to be carried out."""
        command_id = uuid4()
        row = (command_id, case_id, actor.id, command.name, command.model_dump_json())
        async with self.connections.connection() as connection:
            await connection.execute(KEEP, row)
        return command_id

    async def carried_out(self, case_id: UUID, command_id: UUID) -> Outcome:
        advanced = await advance(self.connections, self.house, case_id, command_id)
        assert advanced.outcome is not None
        return advanced.outcome

    async def done(self, case_id: UUID, actor: Actor, *commands: Command) -> Case:
        """Commands that are accepted, one after the other; the case after them."""
        for command in commands:
            outcome = await self.give(case_id, actor, command)
            assert outcome.accepted, (command.name, outcome.code, outcome.params)
        return await self.case(case_id)

    async def case(self, case_id: UUID) -> Case:
        [(state,)] = await self.rows("SELECT state::text FROM cases WHERE id = %s", case_id)
        return Case.model_validate_json(state)

    async def record(self, case_id: UUID) -> list[Recorded]:
        found = await self.rows(
            "SELECT version, at, actor, transport, type, v, data FROM case_events WHERE case_id = %s ORDER BY version",
            case_id,
        )
        return [
            Recorded(version=n, at=at, by=by, transport=way, event=upcast(kind, v, data), plan=plan_in(data))
            for n, at, by, way, kind, v, data in found
        ]

    async def holder(self, case_id: UUID) -> Actor:
        """Whom the system chose."""
        person = (await self.case(case_id)).person
        assert person is not None
        return Actor(id=person.id, name=person.name, roles=frozenset({Role.HANDLER}), unit=person.unit)

    async def news(self, case_id: UUID, matter: Matter) -> None:
        """The same matter began again."""
        at = datetime.now(UTC)
        told = News(kind="began", detection="again", ruleset=matter.ruleset, at=at, received_at=at, matter=matter)
        row = (case_id, told.model_dump_json())
        async with self.connections.connection() as connection:
            await connection.execute("INSERT INTO case_inbox (case_id, body) VALUES (%s, %s)", row)
        await self.move(case_id)

    async def told(self, case_id: UUID) -> list[tuple[str, str, int]]:
        """Whom, why and how loudly, in the order in which it was said: a person's id or an audience."""
        return await self.rows(
            "SELECT coalesce(person::text, audience), reason, urgency FROM outbox WHERE case_id = %s ORDER BY id",
            case_id,
        )
