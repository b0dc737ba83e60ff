"""Checks the record: every case's chain, its projection, and the audit record with its anchors."""

import json
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

from domain.cases import Case, NewCase
from domain.events import Recorded, plan_in, upcast
from domain.lifecycle import evolve
from store.anchoring import anchored_heads, audit_link
from store.chain import StoredEvent, link
from store.pool import Connection

EVENTS = """
    SELECT case_id, version, type, v, data::text, at, actor, actor_name, transport, command_id, hash
    FROM case_events ORDER BY case_id, version"""
HEADS = "SELECT id, version, head, state::text FROM cases"
AUDIT = "SELECT seq, at, actor, action, subject, data::text, hash, data FROM audit ORDER BY seq"


class Fault(NamedTuple):
    """Where the record contradicts itself: `event` is the version within the case, None for the case itself."""

    code: str
    case: UUID | None
    event: int | None
    detail: str


class Verified(NamedTuple):
    cases: int
    events: int
    faults: list[Fault]


class _Walk:
    """One case's events in order: the head and the case that they add up to."""

    def __init__(self, case_id: UUID) -> None:
        self.case: Case | NewCase = NewCase(id=case_id)
        self.head = b""
        self.version = 0
        self.broken = False

    def step(self, stored: StoredEvent, said: bytes) -> Fault | None:
        self.version += 1
        if stored.version != self.version:
            self.broken = True
            return Fault("event-missing", stored.case_id, self.version, f"found {stored.version} instead")
        self.head = link(self.head, stored)
        if self.head != said:
            self.broken = True
            return Fault("event-changed", stored.case_id, stored.version, "its hash does not follow from its content")
        self.case = evolve(self.case, _recorded(stored))
        return None


def _recorded(stored: StoredEvent) -> Recorded:
    data = json.loads(stored.data)
    return Recorded(
        version=stored.version,
        at=stored.at,
        by=stored.actor,
        transport=stored.transport,
        event=upcast(stored.type, stored.v, data),
        plan=plan_in(data),
    )


async def verify(connection: Connection) -> Verified:
    """Walk every chain once, in a snapshot; faults name case and event."""
    faults: list[Fault] = []
    cases = events = 0
    found = await connection.execute(HEADS)
    heads = {case_id: (version, bytes(head), state) for case_id, version, head, state in await found.fetchall()}
    hashes: dict[tuple[UUID, int], bytes] = {}
    walks: dict[UUID, _Walk] = {}
    async for stored, said in _events(connection):
        events += 1
        hashes[stored.case_id, stored.version] = said
        walk = walks.setdefault(stored.case_id, _Walk(stored.case_id))
        if not walk.broken and (fault := walk.step(stored, said)):
            faults.append(fault)
    for case_id, (version, head, state) in heads.items():
        cases += 1
        walk = walks.get(case_id) or _Walk(case_id)
        if not walk.broken:
            faults += _against_projection(case_id, walk, version, head, state)
    faults += await _audit(connection, hashes)
    return Verified(cases, events, faults)


async def _events(connection: Connection) -> AsyncIterator[tuple[StoredEvent, bytes]]:
    async with connection.cursor(name="events") as cursor:
        await cursor.execute(EVENTS)
        async for *columns, said in cursor:
            yield StoredEvent(*columns), bytes(said)


def _against_projection(case_id: UUID, walk: _Walk, version: int, head: bytes, state: str | None) -> list[Fault]:
    if walk.version != version or walk.head != head:
        return [Fault("events-cut-off", case_id, walk.version, f"the case says version {version}")]
    if version and (state is None or Case.model_validate_json(state) != walk.case):
        return [Fault("projection-differs", case_id, None, "the events add up to something else")]
    return []


async def _audit(connection: Connection, hashes: dict[tuple[UUID, int], bytes]) -> list[Fault]:
    faults: list[Fault] = []
    head = b""
    found = await connection.execute(AUDIT)
    rows = await found.fetchall()
    for expected, (seq, at, actor, action, subject, text, said, data) in enumerate(rows, start=1):
        head = audit_link(head, at, actor, action, subject, text)
        if seq != expected or head != bytes(said):
            return [*faults, Fault("audit-changed", None, seq, f"{action} {subject}")]
        if action == "anchor":
            for case_id, (version, anchored) in anchored_heads(data).items():
                if hashes.get((case_id, version)) != anchored:
                    faults.append(Fault("chain-rewritten", case_id, version, f"differs from anchor {seq}"))
    return faults
