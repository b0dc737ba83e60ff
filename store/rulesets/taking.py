"""Taking a step: decided under the ruleset's lock, written down, audited and told, in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.people import RULE, Actor
from domain.rulesets import Approve, Ask, Asked, Command, Context, Event, Refused, RollBack, Ruleset, Start, decide
from store.anchoring import record
from store.pool import Connection
from store.rulesets.news import tell_author
from store.rulesets.steps import append, done_before, locked, standing

DUE = "SELECT id, hash FROM rulesets WHERE starts_at <= clock_timestamp() ORDER BY starts_at, hash"
NEXT = """
    SELECT min(starts_at) FROM rulesets
    WHERE starts_at > clock_timestamp() AND starts_at < clock_timestamp() + interval '1 hour'"""
LAST = "SELECT max(id) FROM ruleset_steps WHERE hash = %s"
NOW = "SELECT clock_timestamp()"
UNKNOWN_AREAS = "SELECT area FROM unnest(%s::text[]) AS area WHERE area NOT IN (SELECT path FROM areas)"
DONE_AS = {
    "ask": "asked",
    "approve": "approved",
    "refuse": "refused",
    "withdraw": "withdrawn",
    "retire": "retired",
    "roll_back": "rolled_back",
}


@dataclass(frozen=True)
class Taken:
    """How the ruleset stands after a step. `events` is empty where the same request had been carried out before."""

    ruleset: Ruleset
    events: tuple[Event, ...]


@dataclass(frozen=True)
class _Request:
    ruleset: str
    command: Command
    actor: Actor
    by: UUID | None
    key: UUID | None

    @property
    def version(self) -> str | None:
        return None if isinstance(self.command, RollBack) else self.command.version

    async def done(self, connection: Connection) -> bool:
        """Whether the very same was carried out before. Raises KeyTaken."""
        if self.key is None:
            return False
        step = DONE_AS[self.command.name]
        return await done_before(connection, self.key, self.ruleset, self.version, step, self.by)


async def take(
    connection: Connection,
    ruleset: str,
    command: Command,
    actor: Actor,
    *,
    problems: Callable[[str], Awaitable[int]] | None = None,
    key: UUID | None = None,
) -> Taken:
    """Carry out `command`, or nothing of it.

    `problems` counts what keeps a version from coming into force (`store.rulesets.faults`). `key` makes a repeated
    request the same request. Raises Refused, or KeyTaken where the key was used for something else.
    """
    by = None if actor.id == RULE else UUID(actor.id)
    request = _Request(ruleset, command, actor, by, key)
    found = await _faults(connection, request, problems) if problems else 0
    async with connection.transaction():
        await locked(connection, ruleset)
        before = await standing(connection, ruleset)
        if await request.done(connection):
            return Taken(before, ())
        if isinstance(command, Ask):
            await _known(connection, command)
        events = decide(before, command, await _context(connection, actor, found))
        after = await append(connection, ruleset, before, events, by=by, note=command.note, key=key)
        subject = f"{ruleset}@{events[-1].version[:12]}"
        said = {"events": [event.model_dump(mode="json") for event in events], "note": command.note}
        await record(connection, actor.id, f"ruleset.{command.name}", subject, said)
        await _tell(connection, ruleset, before, events, actor, command.note)
    return Taken(after, events)


async def due_starts(connection: Connection) -> list[tuple[str, str]]:
    """Ruleset and hash of what was approved and should begin by now."""
    return [(ruleset, hash_) for ruleset, hash_ in await (await connection.execute(DUE)).fetchall()]


async def next_start(connection: Connection) -> datetime | None:
    """When the next version begins that was approved for a time within the coming hour."""
    found = await (await connection.execute(NEXT)).fetchone()
    start: datetime | None = found[0] if found else None
    return start


async def _context(connection: Connection, actor: Actor, problems: int = 0) -> Context:
    now = await (await connection.execute(NOW)).fetchone()
    assert now is not None  # noqa: S101 - a select without a table answers
    return Context(actor=actor, now=now[0], problems=problems)


async def _faults(connection: Connection, request: _Request, problems: Callable[[str], Awaitable[int]]) -> int:
    """How many faults the version has; finding them takes its time, so what is refused anyway is refused before."""
    version = request.version
    if version is None or not isinstance(request.command, Ask | Approve | Start) or await request.done(connection):
        return 0
    decide(await standing(connection, request.ruleset), request.command, await _context(connection, request.actor))
    return await problems(version)


async def _known(connection: Connection, command: Ask) -> None:
    unknown = await (await connection.execute(UNKNOWN_AREAS, (list(command.areas),))).fetchone()
    if unknown is not None:
        raise Refused("area-unknown", field="areas", area=unknown[0])


async def _tell(
    connection: Connection, ruleset: str, before: Ruleset, events: tuple[Event, ...], actor: Actor, note: str
) -> None:
    """Who may approve hears of what is asked; who asked, of the answer."""
    first = events[0]
    if first.step not in ("asked", "approved", "refused") or actor.id == RULE:
        return
    asking = first if isinstance(first, Asked) else before.versions[first.version].asking
    assert asking is not None  # noqa: S101 - only what was asked is approved or refused
    params = {"by": actor.name, "to": asking.stage.value, "note": note, "asker": asking.by}
    last = await (await connection.execute(LAST, (first.version,))).fetchone()
    key = f"{first.step}:{first.version}:{last[0] if last else 0}"
    await tell_author(connection, ruleset, first.version, first.step, key, **params)
