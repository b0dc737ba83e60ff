"""Bodies have an end: 1 MB of JSON or form text, 16 MB of uploads. What is longer is never kept in memory."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TEXT_BYTES = 1024 * 1024
UPLOAD_BYTES = 16 * 1024 * 1024
DRAINED_BYTES = 64 * 1024 * 1024  # read and dropped so that the sender hears the answer


class BodyLimits:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit = UPLOAD_BYTES if headers.get(b"content-type", b"").startswith(b"multipart/form-data") else TEXT_BYTES
        if _declared(headers) > limit:
            scope["linli.too_large"] = True
            await _drain(receive)
            await self._app(scope, _nothing, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _declared(headers: dict[bytes, bytes]) -> int:
    value = headers.get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


async def _drain(receive: Receive) -> None:
    dropped, more = 0, True
    while more and dropped < DRAINED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message.get("more_body", False)


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _counted(receive: Receive, limit: int) -> Receive:
    """For bodies that do not say how long they are."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, "body-too-large")
        return message

    return counted
