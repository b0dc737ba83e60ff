"""The way into the inbox: one durable, idempotent write per batch, in an order that no reader can miss (DESIGN §5).

Rows of a partition are numbered under its advisory lock, which is held to the commit: a reader that has seen a number
has seen every lower one.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import AsyncPipeline, errors

from domain.canonical import canonical_json
from domain.intake import IntakeUnavailable, Taken, Unreadable
from domain.places import Level, at_level
from domain.signals import Signal, said
from settings import Settings
from store.failpoints import reached
from store.pool import Connection, Pool, columns, pool
from store.quarantine_rows import conflict, keep, unstorable

INTAKE_LOCK = 1  # class of the advisory locks on partitions; always taken before cases and units
CHANNEL = "linli_inbox"  # NOTIFY after every commit; the payload is the partition
NUL = r"\u0000"  # as JSON says it: the column takes it, and whoever reads a text out of it fails
TRIES = 3  # the same id came in at once through another partition: look again

REPORT = "report"  # the type of a resident's report, whose source is no device
REGISTER = """
SELECT d.adapter, d.device_id, CASE WHEN d.registered THEN d.place END, CASE WHEN d.registered THEN d.tags END
FROM devices AS d
JOIN unnest(%s::text[], %s::text[]) AS asked (adapter, device_id) USING (adapter, device_id)
"""
NOW_IN_ORDER = """
SELECT greatest(clock_timestamp(), max(last)) FROM (
    SELECT (SELECT received_at FROM inbox WHERE partition = p ORDER BY seq DESC LIMIT 1) AS last
    FROM unnest(%s::smallint[]) AS p) AS lasts
"""
PUT = """
WITH numbered AS (UPDATE partition_seq SET last = last + %(count)s WHERE id = %(partition)s RETURNING last)
INSERT INTO inbox (id, partition, seq, digest, body, received_at)
SELECT u.id, %(partition)s, numbered.last - %(count)s + u.place, u.digest, u.body::json, %(at)s
FROM numbered, unnest(%(ids)b::uuid[], %(digests)b::bytea[], %(bodies)b::text[]) WITH ORDINALITY
    AS u (id, digest, body, place)
"""
NEW_DEVICES = """
INSERT INTO devices (adapter, device_id) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING
"""


class Message(NamedTuple):
    """What one message of a device holds."""

    signals: Sequence[Signal]
    unreadable: Sequence[Unreadable] = ()


@dataclass(slots=True)
class _Row:
    """A signal on its way into the inbox."""

    message: int  # which one of the batch it came with
    signal: Signal
    digest: bytes
    partition: int = 0

    @property
    def device(self) -> tuple[str, str]:
        """By adapter and id, as the register knows it."""
        return self.signal.source.adapter, self.signal.source.device_id


class _Known(NamedTuple):
    """What the register says of a device: where it is, and which truths go with all its signals."""

    place: str | None
    tags: Sequence[str] | None


UNKNOWN = _Known(None, None)


@dataclass
class _Batch:
    """What is written in one transaction, and what of each message was not new."""

    rows: list[_Row]
    unreadable: list[Unreadable]
    duplicates: list[int]
    quarantined: list[int]
    new_devices: list[tuple[str, str]] = field(default_factory=list)

    def taken(self, messages: Sequence[Message]) -> list[Taken]:
        """What became of each message."""
        counts = zip(messages, self.duplicates, self.quarantined, strict=True)
        return [
            Taken(
                stored=len(message.signals) - duplicates - quarantined + len(message.unreadable),
                duplicates=duplicates,
                quarantined=quarantined,
            )
            for message, duplicates, quarantined in counts
        ]


class StoreIntake:
    """Implements `domain.intake.Intake` over Postgres."""

    def __init__(self, connections: Pool) -> None:
        self._pool = connections

    async def take(self, signals: Sequence[Signal], unreadable: Sequence[Unreadable] = ()) -> Taken:
        """Store what a device said, once; returns after commit. Raises IntakeUnavailable."""
        (taken,) = await self.take_each([Message(signals, unreadable)])
        return taken

    async def take_each(self, messages: Sequence[Message]) -> list[Taken]:
        """Several messages in one commit; raises IntakeUnavailable, and then none of them is stored."""
        try:
            return await self._take(messages)
        except (psycopg.DataError, psycopg.IntegrityError, ValueError) as error:
            return await self._apart(messages, error)
        except (psycopg.Error, OSError) as error:
            raise IntakeUnavailable(str(error)) from error

    async def _apart(self, messages: Sequence[Message], error: Exception) -> list[Taken]:
        """One of them cannot be stored for what it says: the others are, and that one is put aside."""
        if len(messages) > 1:
            return [(await self.take_each([message]))[0] for message in messages]
        (message,) = messages
        if not message.signals:
            raise IntakeUnavailable(str(error)) from error
        if len(message.signals) == 1:
            aside = (*message.unreadable, unstorable(message.signals[0], error))
            return await self.take_each([Message((), aside)])
        parts = [await self.take([signal]) for signal in message.signals]
        parts.append(await self.take((), message.unreadable))
        return [
            Taken(
                stored=sum(part.stored for part in parts),
                duplicates=sum(part.duplicates for part in parts),
                quarantined=sum(part.quarantined for part in parts),
            )
        ]

    async def _take(self, messages: Sequence[Message]) -> list[Taken]:
        for attempt in range(1, TRIES + 1):
            try:
                async with self._pool.connection() as connection:
                    batch = await _placed(connection, messages)
                    async with connection.pipeline() as pipeline, connection.transaction():
                        await _write(connection, pipeline, batch)
                break
            except errors.UniqueViolation:
                if attempt == TRIES:
                    raise
        reached("after-inbox-commit")
        return batch.taken(messages)


async def _placed(connection: Connection, messages: Sequence[Message]) -> _Batch:
    """The batch with every signal's place, partition and what the register knows of its device filled in."""
    rows = [
        _Row(number, signal, digest(signal)) for number, message in enumerate(messages) for signal in message.signals
    ]
    unreadable = [one for message in messages for one in message.unreadable]
    batch = _Batch(rows, unreadable, [0] * len(messages), [len(message.unreadable) for message in messages])
    if not rows:
        return batch
    devices = sorted({row.device for row in rows})
    async with connection.pipeline():
        found = await connection.execute(REGISTER, columns(devices))
        counted = await connection.execute("SELECT count(*) FROM partition_seq")
    register = {(adapter, device): _Known(place, tags) for adapter, device, place, tags in await found.fetchall()}
    (partitions,) = await counted.fetchone() or (1,)
    reports = {row.device for row in rows if row.signal.type == REPORT}
    batch.new_devices = [device for device in devices if device not in register and device not in reports]
    for row in rows:
        known = register.get(row.device, UNKNOWN)
        place = known.place or row.signal.location.place_code
        row.partition = partition_of(place, *row.device, partitions)
        if place != row.signal.location.place_code:
            location = row.signal.location.model_copy(update={"place_code": place})
            row.signal = row.signal.model_copy(update={"location": location})
        if known.tags:
            fields = row.signal.fields | dict.fromkeys(known.tags, True)
            row.signal = row.signal.model_copy(update={"fields": fields})
    return batch


async def _write(connection: Connection, pipeline: AsyncPipeline, batch: _Batch) -> None:
    fresh, at = await _fresh(connection, pipeline, batch)
    for partition in sorted({row.partition for row in fresh}):
        rows = [row for row in fresh if row.partition == partition]
        bodies = [row.signal.model_copy(update={"received_at": at}).model_dump_json() for row in rows]
        if any(NUL in body for body in bodies):
            raise ValueError("U+0000")
        values = {"count": len(rows), "partition": partition, "at": at, "bodies": bodies}
        values |= {"ids": [row.signal.id for row in rows], "digests": [row.digest for row in rows]}
        await connection.execute(PUT, values)
        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(partition)))
    if batch.new_devices:
        await connection.execute(NEW_DEVICES, columns(batch.new_devices))
    await keep(connection, batch.unreadable)


async def _fresh(connection: Connection, pipeline: AsyncPipeline, batch: _Batch) -> tuple[list[_Row], datetime]:
    """Lock the partitions; then what of the batch is new, and the time that counts as its arrival."""
    partitions = sorted({row.partition for row in batch.rows})
    for partition in partitions:
        await connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (INTAKE_LOCK, partition))
    ids = [row.signal.id for row in batch.rows]
    stored = await connection.execute("SELECT id, digest FROM inbox WHERE id = ANY(%b)", (ids,))
    clock = await connection.execute(NOW_IN_ORDER, (partitions,))
    await pipeline.sync()
    digests: dict[UUID, bytes] = dict(await stored.fetchall())
    (at,) = await clock.fetchone() or (None,)
    fresh: list[_Row] = []
    for row in batch.rows:
        if row.signal.id not in digests:
            digests[row.signal.id] = row.digest
            fresh.append(row)
        elif digests[row.signal.id] == row.digest:
            batch.duplicates[row.message] += 1
        else:
            batch.quarantined[row.message] += 1
            batch.unreadable.append(await conflict(connection, row.signal, [one.signal for one in fresh]))
    return fresh, at


def digest(signal: Signal) -> bytes:
    """What a signal says, short: equal for every copy of it, whenever and however it came."""
    return hashlib.sha256(canonical_json(said(signal)).encode()).digest()


def partition_of(place: str | None, adapter: str, device_id: str, partitions: int) -> int:
    """Where a signal is judged: with all of its community, or with its device where the place is not known."""
    community = at_level(place, Level.COMMUNITY) if place else None
    key = community or f"{adapter}/{device_id}"
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % partitions


@asynccontextmanager
async def open_intake(settings: Settings) -> AsyncIterator[StoreIntake]:
    """The intake of a process of its own; it opens while Postgres is down, and says so when it is used."""
    connections = pool(settings.database_url, most=4)
    await connections.open(wait=False)
    try:
        yield StoreIntake(connections)
    finally:
        await connections.close()
