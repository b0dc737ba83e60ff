"""Rows of the quarantine as intake writes them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from domain.intake import Unreadable
from domain.signals import Signal, said
from store.ids import new_id
from store.pool import Connection, columns

SAME_WITHIN = "10 seconds"  # the same bytes refused for the same reason: one row
KEEP = f"""
INSERT INTO quarantine (id, adapter, channel, reason, field, detail, mapping, sha256, raw)
SELECT DISTINCT ON (u.adapter, u.channel, u.reason, u.field, u.sha256) u.*
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::bytea[], %s::bytea[])
    AS u (id, adapter, channel, reason, field, detail, mapping, sha256, raw)
WHERE NOT EXISTS (
    SELECT FROM quarantine AS q
    WHERE q.at > clock_timestamp() - interval '{SAME_WITHIN}' AND q.replayed_at IS NULL
      AND (q.sha256, q.adapter, q.channel, q.reason) = (u.sha256, u.adapter, u.channel, u.reason)
      AND q.field IS NOT DISTINCT FROM u.field)
"""  # noqa: S608 - a constant of ours
IDENTITY_CONFLICT = "identity-conflict"
UNSTORABLE = "unstorable"
NOT_JUDGED = "not-judged"
FOR_GOOD = (IDENTITY_CONFLICT, UNSTORABLE, NOT_JUDGED)  # no other mapping would change it


async def keep(connection: Connection, unreadable: Sequence[Unreadable]) -> None:
    """Keep what could not be read, as it came."""
    if not unreadable:
        return
    different = {(one.adapter, one.channel, one.reason, one.field, one.raw): one for one in unreadable}
    rows = (
        (
            new_id(),
            storable(one.adapter),
            storable(one.channel),
            one.reason,
            one.field and storable(one.field),
            storable(one.detail),
            one.mapping,
            hashlib.sha256(one.raw).digest(),
            one.raw,
        )
        for one in different.values()
    )
    await connection.execute(KEEP, columns(rows))


def storable(text: str) -> str:
    """The text without what Postgres cannot hold."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


async def conflict(connection: Connection, signal: Signal, just_now: Sequence[Signal]) -> Unreadable:
    """The refusal of a signal whose id already says something else, naming what differs."""
    first = next((one for one in just_now if one.id == signal.id), None)
    if first is None:
        found = await connection.execute("SELECT body::text FROM inbox WHERE id = %s", (signal.id,))
        row = await found.fetchone()
        first = Signal.model_validate_json(row[0]) if row else signal
    return Unreadable(
        adapter=signal.source.adapter,
        channel=signal.source.channel,
        reason=IDENTITY_CONFLICT,
        field=differing(said(first), said(signal)),
        detail=f"编号 {signal.id} 已有内容不同的感知信息，以先到的为准",
        raw=signal.model_dump_json().encode(),
    )


def differing(first: Any, second: Any, path: str = "") -> str | None:
    """Where two JSON values differ first, as a dotted path; None where they do not."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(first.keys() | second.keys()):
            found = differing(first.get(key), second.get(key), f"{path}.{key}" if path else key)
            if found is not None:
                return found
        return None
    return None if first == second else path


def unstorable(signal: Signal, error: Exception) -> Unreadable:
    return Unreadable(
        adapter=signal.source.adapter,
        channel=signal.source.channel,
        reason=UNSTORABLE,
        detail=f"数据库不能保存：{' '.join(str(error).split())[:300]}",
        raw=repr(signal).encode("ascii", "backslashreplace"),
    )
