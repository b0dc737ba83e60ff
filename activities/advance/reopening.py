"""What began again lately after its case was closed: the case is taken up again (`after_close: reopen`)."""

from uuid import UUID

from activities.advance.turn import Turn
from domain.cases import Case
from domain.commands import Reopen
from domain.matters import AfterClose, News
from store.pool import Connection

AGAIN = "结案后又出现同样的情况"  # the reason that the record gives
NEWER = "SELECT id FROM cases WHERE dedupe_key = %s AND closed_at IS NULL AND id <> %s"
HAND_OVER = "INSERT INTO case_inbox (case_id, body) VALUES (%s, %s) RETURNING pg_notify('linli_case_inbox', '')"


async def passed_on(connection: Connection, turn: Turn, news: News) -> bool:
    """Reopen a closed case whose matter began again, so that it hears the news like any open one.

    True where a newer case of the same key is open by now: that one hears them instead.
    """
    case, matter = turn.case, news.matter
    if not isinstance(case, Case) or not case.settled or matter is None or news.kind != "began":
        return False
    if matter.policy.after_close is not AfterClose.REOPEN or matter.dedupe_key != case.dedupe_key:
        return False
    newer = await _newer(connection, case)
    if newer is not None:
        await connection.execute(HAND_OVER, (newer, news.model_dump_json()))
        return True
    turn.apply(Reopen(reason=AGAIN), transport=news.transport)
    return False


async def _newer(connection: Connection, case: Case) -> UUID | None:
    found = await (await connection.execute(NEWER, (case.dedupe_key, case.id))).fetchone()
    return found[0] if found else None
