"""Second round trip: what a decision must know besides the case: who is free, who is meant, where the place is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import AsyncPipeline

from domain.cases import Case
from domain.commands import Arrive, Command, Dispatch, HandTo, Reassign
from domain.lifecycle import Context
from domain.people import Actor, PersonRef
from domain.places import Point
from store.pool import Connection

UNIT = """
    SELECT id FROM units WHERE kind = %(handler)s AND starts_with(%(place)s, area)
    ORDER BY length(area) DESC, id LIMIT 1"""
# Held to the end of the transaction, and taken before the count: two cases never see the same least load.
LOCK_UNIT = f"SELECT id, pg_advisory_xact_lock(hashtextextended(id, 7)) FROM ({UNIT}) unit"  # noqa: S608 - constants
LEAST_LOADED = f"""
    SELECT p.id, p.display_name, p.unit
    FROM people p
    LEFT JOIN cases c ON c.person = p.id AND c.closed_at IS NULL AND c.stage IN ('assigned', 'handling')
    WHERE p.unit = ({UNIT}) AND p.active AND 'handler' = ANY (p.roles) AND p.skills @> %(skills)s::text[]
      AND EXISTS (SELECT FROM unnest(p.areas) area WHERE starts_with(%(place)s, area))
      AND EXISTS (SELECT FROM rosters r WHERE r.person_id = p.id AND r.starts_at <= %(now)s AND r.ends_at > %(now)s)
    GROUP BY p.id ORDER BY count(c.id), p.id LIMIT 1"""  # noqa: S608 - constants
NEXT_NUMBER = "SELECT nextval('case_numbers')"


@dataclass(frozen=True)
class Candidate:
    unit: str
    person: PersonRef | None


@dataclass(frozen=True)
class Chosen:
    """Everything a filing and a dispatch need, looked up in one go."""

    serial: int
    candidate: Candidate | None


async def choose(connection: Connection, pipeline: AsyncPipeline, case: Case, now: datetime) -> Chosen:
    """The unit of the asked kind nearest to the place, and its least loaded person who covers it and is on duty."""
    wanted = {"handler": case.handler, "place": case.place, "skills": list(case.skills), "now": now}
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
    return Chosen(serial[0], Candidate(unit=found[0], person=who))


def case_number(prefix: str, day: datetime, serial: int) -> str:
    """`KJ-20261121-000123`: the date of filing where people live, then a serial; unique, gaps allowed."""
    return f"{prefix}-{day:%Y%m%d}-{serial:06d}"


@dataclass(frozen=True)
class Meant:
    """Whom, which unit and where a person's command means."""

    person: PersonRef | None = None
    unit_known: bool = True
    place_at: Point | None = None

    def context(self, actor: Actor, now: datetime) -> Context:
        return Context(actor=actor, now=now, person=self.person, unit_known=self.unit_known, place_at=self.place_at)


async def look_up(connection: Connection, case: Case, command: Command) -> Meant:
    """What the command names, as the store knows it."""
    match command:
        case Dispatch(unit=unit, person=named) | Reassign(unit=unit, person=named):
            found = await connection.execute("SELECT FROM units WHERE id = %s", (unit,))
            known = await found.fetchone() is not None
            return Meant(person=await _worker(connection, named) if named else None, unit_known=known)
        case HandTo(person=named):
            return Meant(person=await _worker(connection, named))
        case Arrive(lat=float()):
            return Meant(place_at=await _position(connection, case.place))
        case _:
            return Meant()


async def _worker(connection: Connection, person: UUID) -> PersonRef | None:
    found = await connection.execute(
        "SELECT id, display_name, unit FROM people WHERE id = %s AND active AND 'handler' = ANY (roles)", (person,)
    )
    row = await found.fetchone()
    return PersonRef(id=str(row[0]), name=row[1], unit=row[2]) if row else None


async def _position(connection: Connection, place: str) -> Point | None:
    found = await connection.execute(
        """SELECT lat, lon FROM areas WHERE starts_with(%s, path) AND lat IS NOT NULL
           ORDER BY length(path) DESC LIMIT 1""",
        (place,),
    )
    row = await found.fetchone()
    return Point(lat=row[0], lon=row[1]) if row else None
