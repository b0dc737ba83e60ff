"""The further cases that a graver rule names for a case which is open already: opened once it has become graver."""

from collections.abc import Sequence
from uuid import UUID

from activities.advance.choosing import open_children
from activities.advance.turn import Turn
from domain.cases import Case, is_worse
from domain.matters import Matter, News
from store.ids import new_id
from store.pool import Connection, columns

# one that is open already stays by itself, as where the main case is opened (`activities.perceive.placing`)
OPEN = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, title, parent)
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[],
                         %b::text[], %b::uuid[])
    ON CONFLICT (dedupe_key) WHERE closed_at IS NULL DO NOTHING
    RETURNING dedupe_key, id"""
TELL = """
    INSERT INTO case_inbox (case_id, body)
    SELECT c, b::json FROM unnest(%b::uuid[], %b::text[]) AS row (c, b)
    RETURNING pg_notify('linli_case_inbox', '')"""


async def with_further(connection: Connection, turn: Turn, news: News) -> News:
    """The news with the number of cases that were opened for it now (`matter.children`): what the case then hears.

    From here on `turn.children` names these too.
    """
    case, matter = turn.case, news.matter
    if not news.children or matter is None or not isinstance(case, Case) or case.settled or not is_worse(matter, case):
        return news
    born = await _open(connection, case.id, news)
    if born:
        turn.children = await open_children(connection, case.id)
    return news.model_copy(update={"matter": matter.model_copy(update={"children": born}), "children": ()})


async def _open(connection: Connection, parent: UUID, news: News) -> int:
    matters = {child.dedupe_key: child.model_copy(update={"parent": parent}) for child in news.children}
    found = await connection.execute(OPEN, columns(_rows(list(matters.values()), parent, news)))
    opened = await found.fetchall()
    told = [(case, news.model_copy(update={"matter": matters[key], "children": ()})) for key, case in opened]
    if told:
        await connection.execute(TELL, columns([(case, one.model_dump_json()) for case, one in told]))
    return len(told)


def _rows(matters: Sequence[Matter], parent: UUID, news: News) -> list[tuple[object, ...]]:
    """In the keys' order, as everybody opens cases."""
    return [
        (new_id(), one.dedupe_key, one.ruleset, one.place, news.received_at, news.at, one.title, parent)
        for one in sorted(matters, key=lambda each: each.dedupe_key)
    ]
