"""隔离区: what could not be read, why, which file mends it, and reading it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters import mapping
from domain.intake import Unreadable
from domain.people import Role
from domain.signals import Signal
from store.quarantine import Quarantined, listing, replay
from web.problems import Problem
from web.render import page
from web.security import needs
from web.services import services

router = APIRouter(include_in_schema=False)
MANAGERS = needs(Role.DEVICE_MANAGER, Role.SYSTEM_ADMIN)
PAGE = 50
PREVIEW = 400  # bytes
ROW = 16


@dataclass(frozen=True)
class Row:
    """A message with what can be seen of its bytes."""

    message: Quarantined
    preview: str
    more: bool


def _row(message: Quarantined) -> Row:
    head = message.raw[:PREVIEW]
    try:
        text = message.raw.decode()[:PREVIEW]
        preview = text if text.isprintable() or "\n" in text else _hex(head)
    except UnicodeDecodeError:
        preview = _hex(head)
    return Row(message, preview, len(message.raw) > PREVIEW)


def _hex(raw: bytes) -> str:
    return "\n".join(
        f"{start:04x}  {raw[start : start + ROW].hex(' '):<{ROW * 3}} "
        + "".join(chr(byte) if chr(byte).isprintable() and byte < 0x7F else "." for byte in raw[start : start + ROW])  # noqa: PLR2004 - ASCII
        for start in range(0, len(raw), ROW)
    )


@router.get("/console/quarantine", dependencies=[MANAGERS])
async def show(request: Request, after: UUID | None = None, all: str = "") -> Response:  # noqa: A002 - the query's word
    return await _page(request, after=after, everything=all == "1")


async def _page(
    request: Request, *, after: UUID | None, everything: bool, refused: Mapping[str, object] | None = None
) -> Response:
    found = await listing(services(request).pool, after=after, limit=PAGE + 1, waiting=not everything)
    rows = [_row(message) for message in found[:PAGE]]
    following = rows[-1].message.id if len(found) > PAGE else None
    context = {
        "rows": rows,
        "next": following,
        "everything": everything,
        "refused": refused,
        "done": request.query_params.get("done") == "replay",
    }
    return page(request, "console/quarantine/page.html", context, status=422 if refused else 200)


@router.post("/console/quarantine/{quarantine_id}/replay", dependencies=[MANAGERS])
async def replay_one(request: Request, quarantine_id: UUID) -> Response:
    """Read it again with the mapping now in force."""
    served = services(request)

    def read(adapter: str, channel: str, raw: bytes, at: datetime) -> tuple[tuple[Signal, ...], tuple[Unreadable, ...]]:
        reading = mapping.read(adapter, channel, raw, at, home=served.settings.home)
        return reading.signals, reading.unreadable

    result = await replay(served.reach.pool, quarantine_id, read)
    if result is None:
        raise Problem(404, "not-found")
    if result.ok:
        return RedirectResponse("/console/quarantine?done=replay", 303)
    refused = {"id": quarantine_id, "reason": result.reason, "field": result.field, "detail": result.detail}
    return await _page(request, after=None, everything=False, refused=refused)
