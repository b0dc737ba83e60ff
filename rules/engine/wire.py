"""How client and engine speak over the Unix socket: four bytes of length, then JSON.

Request `{"rules": {key: text}, "ask": [[key, facts], ...]}`; answer `{"hits": [[id, ...], ...]}`, or
`{"unknown": [key, ...]}` where a ruleset must be sent (again) first, or `{"error": text}`.
"""

import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct(">I")
LARGEST = 64 * 1024 * 1024


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message; None where the other side has gone. Raises ConnectionError on what is no message."""
    head = _exactly(connection, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > LARGEST:
        raise ConnectionError(f"a message of {length} bytes")
    body = _exactly(connection, length)
    message = None if body is None else json.loads(body)
    return message if isinstance(message, dict) else None


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


@contextmanager
def short_name(path: Path) -> Iterator[str]:
    """A name of the socket at `path` that fits the 108 bytes a socket's name may have."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}" if Path("/proc/self/fd").is_dir() else str(path)
    finally:
        os.close(folder)
