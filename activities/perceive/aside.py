"""A signal that perception fails at is put aside, so that those behind it are judged."""

import json
from typing import Any
from uuid import UUID

import structlog

from activities.perceive.writing import MOVE, Lost
from domain.intake import Unreadable
from store.pool import Connection
from store.quarantine_rows import NOT_JUDGED, keep

log = structlog.get_logger("perception")


async def put_aside(
    connection: Connection, signal: UUID, body: dict[str, Any], error: Exception, moved: tuple[int, int, int, int]
) -> None:
    """Into the quarantine, with the position behind it. `moved`: to, partition, epoch, from. Raises Lost."""
    log.error("a signal is put aside", signal=str(signal), exc_info=error)
    source = body.get("source")
    said = source if isinstance(source, dict) else {}
    aside = Unreadable(
        adapter=str(said.get("adapter") or "unknown"),
        channel=str(said.get("channel") or ""),
        reason=NOT_JUDGED,
        detail=f"规则判断感知信息 {signal} 时出错：{type(error).__name__}",
        raw=json.dumps(body, ensure_ascii=False).encode(),
    )
    async with connection.transaction():
        if (await connection.execute(MOVE, moved)).rowcount == 0:
            raise Lost
        await keep(connection, [aside])
