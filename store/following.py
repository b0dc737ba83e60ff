"""What a follow link shows: the report, the case that came of it or that it follows, and when what happened."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.cases import Case, Ending
from domain.matters import Evidence
from store.case_pages import last_handlings, standing
from store.evidence import kept
from store.nearby import BUILDING
from store.organisation import nearest_label
from store.pool import Connection
from store.reports import KeptPhoto, Report, followers, found, photos_of

MOST_LINKS = 5  # from a follower case to its main one
SHOWN_AFTER = (Ending.SOLVED, Ending.EXPLAINED)  # endings whose photos go to the reporter with the reply
OWN = "SELECT id FROM cases WHERE report = %s"
HAPPENED = "SELECT type, max(at) FROM case_events WHERE case_id = %s GROUP BY type"
AROUND = f"""
    SELECT {nearest_label(BUILDING.replace("c.place", "%(place)s::text"))},
           (SELECT label FROM units WHERE id = %(unit)s)"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Followed:
    """`own` is the case of this report; `case` the one it is worked on as: itself, its main one, or what it follows."""

    report: Report
    own: Case | None
    case: Case | None
    place_label: str | None
    unit_label: str | None
    happened: dict[str, datetime]  # by type of event, the last time
    photos: list[KeptPhoto]
    after: list[KeptPhoto]
    people: int  # who reported it or said "me too"


async def follow(connection: Connection, token: str) -> Followed | None:
    """What the link shows; None: there is no such link. `connection` sees all cases."""
    report = await found(connection, token)
    if report is None:
        return None
    own = await _own(connection, report.id)
    first = await standing(connection, report.follows) if report.follows else own
    case = await _main(connection, first)
    place, unit = (case.place, case.unit) if case else (report.place, None)
    labels = await (await connection.execute(AROUND, {"place": place, "unit": unit})).fetchone() or (None, None)
    happened = await (await connection.execute(HAPPENED, (case.id,))).fetchall() if case else []
    return Followed(
        report=report,
        own=own,
        case=case,
        place_label=labels[0],
        unit_label=labels[1],
        happened=dict(happened),
        photos=await photos_of(connection, report.id),
        after=await _after(connection, case),
        people=1 + await followers(connection, case.id) if case else 1,
    )


async def _own(connection: Connection, report: UUID) -> Case | None:
    row = await (await connection.execute(OWN, (report,))).fetchone()
    return await standing(connection, row[0]) if row else None


async def _main(connection: Connection, case: Case | None) -> Case | None:
    """Where a case was linked, the one it is now part of."""
    for _ in range(MOST_LINKS):
        if case is None or case.linked_to is None:
            break
        case = await standing(connection, case.linked_to) or case
    return case


async def _after(connection: Connection, case: Case | None) -> list[KeptPhoto]:
    """The handler's photos, once they are released with the reply."""
    if case is None or case.ending not in SHOWN_AFTER:
        return []
    handled = (await last_handlings(connection, [case.id])).get(case.id)
    brought = [piece.id for piece in handled.evidence if piece.kind is Evidence.PHOTO_AFTER] if handled else []
    pieces = [await kept(connection, piece) for piece in brought]
    return [KeptPhoto(piece.id, piece.path) for piece in pieces if piece is not None]
