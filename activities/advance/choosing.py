"""Second round trip: what a decision must know besides the case: who is free, who is meant, where the place is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import AsyncPipeline

from domain.cases import Case
from domain.commands import Arrive, CallParties, Command, Dispatch, HandTo, Link, Reassign, Reopen, ReturnIt
from domain.lifecycle import Context, Main
from domain.people import Actor, PersonRef
from domain.places import Point
from store.organisation import positions
from store.pool import Connection

# Whose it turned out to be: by a return that was granted on this case, else on one of its kind around there.
RULED = """coalesce(%(meant_for)s::text, (
        SELECT owner FROM precedents
        WHERE category = %(category)s AND precedents.handler = %(handler)s AND starts_with(%(place)s, area)
        ORDER BY ruled_at DESC LIMIT 1))"""
UNIT = f"""coalesce({RULED}, (
        SELECT id FROM units WHERE kind = %(handler)s AND starts_with(%(place)s, area)
        ORDER BY length(area) DESC, id LIMIT 1))"""  # noqa: S608 - constants
# Held to the end of the transaction, and taken before the count: two cases never see the same least load.
LOCK_UNIT = f"""
    SELECT id, NOT accounts, id = {RULED}, pg_advisory_xact_lock(hashtextextended(id, 7))
    FROM units WHERE id = {UNIT}"""  # noqa: S608 - constants
# The load is counted for each candidate from the index: joined, the planner reads all cases there ever were.
LEAST_LOADED = f"""
    SELECT p.id, p.display_name, p.unit
    FROM people p
    WHERE p.unit = {UNIT} AND p.active AND 'handler' = ANY (p.roles) AND p.skills @> %(skills)s::text[]
      AND EXISTS (SELECT FROM unnest(p.areas) area WHERE starts_with(%(place)s, area))
      AND EXISTS (SELECT FROM rosters r WHERE r.person_id = p.id AND r.starts_at <= %(now)s AND r.ends_at > %(now)s)
    ORDER BY (SELECT count(*) FROM cases c
              WHERE c.person = p.id AND c.closed_at IS NULL AND c.stage IN ('assigned', 'handling')), p.id
    LIMIT 1"""  # noqa: S608 - constants
PARTIES = """
    SELECT found.id, NOT found.accounts FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (kind, n)
    CROSS JOIN LATERAL (SELECT id, accounts FROM units WHERE kind = wanted.kind AND starts_with(%s, area)
                        ORDER BY length(area) DESC, id LIMIT 1) AS found
    ORDER BY n"""
OPEN_CHILDREN = "SELECT coalesce(number, title) FROM cases WHERE parent = %s AND closed_at IS NULL ORDER BY id"
NEXT_NUMBER = "SELECT nextval('case_numbers')"


@dataclass(frozen=True)
class Candidate:
    unit: str
    person: PersonRef | None
    by_phone: bool
    ruled: bool  # by a return that was granted before, not by kind and place


@dataclass(frozen=True)
class Chosen:
    """Everything a filing and a dispatch need, looked up in one go."""

    serial: int
    candidate: Candidate | None


async def choose(connection: Connection, pipeline: AsyncPipeline, case: Case, now: datetime) -> Chosen:
    """The unit of the asked kind nearest to the place, and its least loaded person who covers it and is on duty."""
    wanted = {
        "handler": case.handler,
        "place": case.place,
        "skills": list(case.skills),
        "now": now,
        "category": case.category,
        "meant_for": case.meant_for,
    }
    number = await connection.execute(NEXT_NUMBER)
    unit = await connection.execute(LOCK_UNIT, wanted)
    person = await connection.execute(LEAST_LOADED, wanted)
    await pipeline.sync()
    serial = await number.fetchone()
    found, free = await unit.fetchone(), await person.fetchone()
    assert serial is not None  # noqa: S101 - a sequence always answers
    if found is None:
        return Chosen(serial[0], None)
    who = PersonRef(id=str(free[0]), name=free[1], unit=free[2]) if free else None
    return Chosen(serial[0], Candidate(unit=found[0], person=who, by_phone=found[1], ruled=bool(found[2])))


async def parties_of(connection: Connection, case: Case) -> CallParties:
    """The nearest unit of each kind that is to act beside the handler; a kind that has none there is left out."""
    found = await (await connection.execute(PARTIES, (list(case.wants), case.place))).fetchall()
    by_phone = tuple(unit for unit, phone in found if phone)
    return CallParties(units=tuple(unit for unit, _ in found), by_phone=by_phone)


async def open_children(connection: Connection, case_id: UUID) -> tuple[str, ...]:
    """The open ones of the cases that were opened with it, by their numbers."""
    found = await connection.execute(OPEN_CHILDREN, (case_id,))
    return tuple(name for (name,) in await found.fetchall())


def case_number(prefix: str, day: datetime, serial: int) -> str:
    """`KJ-20261121-000123`: the date of filing where people live, then a serial; unique, gaps allowed."""
    return f"{prefix}-{day:%Y%m%d}-{serial:06d}"


@dataclass(frozen=True)
class Meant:
    """Whom, which unit and where a person's command means."""

    person: PersonRef | None = None
    unit_known: bool = True
    by_phone: bool = False
    place_at: Point | None = None
    newer: str | None = None
    main: Main | None = None

    def context(self, actor: Actor, now: datetime, children: tuple[str, ...] = ()) -> Context:
        found = {
            name: getattr(self, name) for name in ("person", "unit_known", "by_phone", "place_at", "newer", "main")
        }
        return Context(actor=actor, now=now, children=children, **found)


async def look_up(connection: Connection, case: Case, command: Command, actor: Actor) -> Meant:
    """What the command names, as the store knows it."""
    match command:
        case Dispatch() | Reassign() | HandTo() | ReturnIt():
            return await _given_to(connection, command)
        case Arrive(lat=float()):
            return Meant(place_at=(await positions(connection, [case.place])).get(case.place))
        case Link(to=to):
            return Meant(main=await _main(connection, to, actor))
        case Reopen():
            return Meant(newer=await _newer(connection, case))
        case _:
            return Meant()


async def _given_to(connection: Connection, command: Dispatch | Reassign | HandTo | ReturnIt) -> Meant:
    """The unit and the person that somebody wants to give the case to."""
    match command:
        case HandTo(person=named):
            return Meant(person=await _worker(connection, named))
        case ReturnIt(owner=owner):
            return Meant(unit_known=(await _unit(connection, owner))[0])
        case Dispatch(unit=unit, person=wanted) | Reassign(unit=unit, person=wanted):
            known, by_phone = await _unit(connection, unit)
            person = await _worker(connection, wanted) if wanted else None
            return Meant(person=person, unit_known=known, by_phone=by_phone)


async def _unit(connection: Connection, unit: str) -> tuple[bool, bool]:
    """Whether there is such a unit, and whether it is reached by telephone only."""
    found = await connection.execute("SELECT NOT accounts FROM units WHERE id = %s", (unit,))
    row = await found.fetchone()
    return row is not None, bool(row and row[0])


async def _main(connection: Connection, case_id: UUID, actor: Actor) -> Main | None:
    """The case to be linked to, where the actor sees it."""
    found = await connection.execute(
        "SELECT coalesce(number, title), linked_to, place FROM cases WHERE id = %s AND state IS NOT NULL", (case_id,)
    )
    row = await found.fetchone()
    return Main(id=case_id, name=row[0], linked_to=row[1]) if row and actor.covers(row[2]) else None


async def _newer(connection: Connection, case: Case) -> str | None:
    """An open case of the same key, by its number."""
    found = await connection.execute(
        "SELECT coalesce(number, title) FROM cases WHERE dedupe_key = %s AND closed_at IS NULL AND id <> %s",
        (case.dedupe_key, case.id),
    )
    row = await found.fetchone()
    return row[0] if row else None


async def _worker(connection: Connection, person: UUID) -> PersonRef | None:
    found = await connection.execute(
        "SELECT id, display_name, unit FROM people WHERE id = %s AND active AND 'handler' = ANY (roles)", (person,)
    )
    row = await found.fetchone()
    return PersonRef(id=str(row[0]), name=row[1], unit=row[2]) if row else None
