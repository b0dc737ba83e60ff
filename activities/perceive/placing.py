"""Where matters go: a case of their own, one that is open, one that closed lately, one that covers them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from domain.matters import AfterClose, Matter, News
from rules.compiled import Correlation, Guard
from rules.detections import Detection
from rules.effects import Effect
from store.ids import new_id
from store.pool import Connection, columns

OPEN_CASES = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, title, parent)
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[],
                         %b::text[], %b::uuid[])
    ON CONFLICT (dedupe_key) WHERE closed_at IS NULL
    DO UPDATE SET last_seen = greatest(cases.last_seen, excluded.last_seen)
    RETURNING dedupe_key, id"""


class Wanted(NamedTuple):
    """A matter, by the first conclusion that wants it, and the news that tell of it."""

    matter: Matter
    detection: Detection
    news: News
    guard: Guard
    children: tuple[Matter, ...] = ()
    correlate: tuple[Correlation, ...] = ()

    @property
    def key(self) -> str:
        return self.matter.dedupe_key

    @property
    def reopens(self) -> bool:
        return self.matter.policy.after_close is AfterClose.REOPEN


class Placed(NamedTuple):
    """The case that a matter went to. `matter`: as it is told to a case that it has just opened."""

    case: UUID
    effect: Effect
    matter: Matter | None = None


class Told(NamedTuple):
    """What a case hears."""

    case: UUID
    news: News


async def open_cases(connection: Connection, wanted: Iterable[Wanted]) -> tuple[dict[str, Placed], list[Told]]:
    """A case for each key, and what the cases hear that are opened with it; an open one is only seen again."""
    each = {one.key: one for one in wanted}
    found = await _open(connection, [(one.matter, one.detection, None) for one in each.values()])
    parents = {key: case for key, (case, new) in found.items() if new and each[key].children}
    born = {key: await _open_children(connection, each[key], case) for key, case in sorted(parents.items())}
    placed = {}
    for key, (case, new) in found.items():
        matter = each[key].matter.model_copy(update={"children": len(born.get(key, ()))})
        placed[key] = Placed(case, Effect.OPENED if new else Effect.AGAIN, matter)
    return placed, [told for children in born.values() for told in children]


async def _open_children(connection: Connection, one: Wanted, parent: UUID) -> list[Told]:
    """The cases that come with the one that was opened now; where one is open already, it stays by itself."""
    matters = {child.dedupe_key: child.model_copy(update={"parent": parent}) for child in one.children}
    found = await _open(connection, [(child, one.detection, parent) for child in matters.values()])
    news = {key: one.news.model_copy(update={"matter": child}) for key, child in matters.items()}
    return [Told(case, news[key]) for key, (case, new) in found.items() if new]


async def _open(
    connection: Connection, wanted: Sequence[tuple[Matter, Detection, UUID | None]]
) -> dict[str, tuple[UUID, bool]]:
    """One row per dedupe key, in the keys' order: the case, and whether it is new."""
    if not wanted:
        return {}
    rows = [
        (new_id(), m.dedupe_key, m.ruleset, m.place, detection.received_at, detection.at, m.title, parent)
        for m, detection, parent in sorted(wanted, key=lambda each: each[0].dedupe_key)
    ]
    mine = {row[0] for row in rows}
    opened = await connection.execute(OPEN_CASES, columns(rows))
    return {key: (case, case in mine) for key, case in await opened.fetchall()}
