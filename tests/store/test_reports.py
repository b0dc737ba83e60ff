"""What residents report, where it is kept: sealed, unseen by other areas, and one step with intake."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psycopg
import pytest
from databases import Database
from psycopg import errors
from road import KEY

from domain.intake import IntakeUnavailable, Taken, Unreadable
from domain.signals import Signal
from store.batching import BatchingIntake
from store.contacts import Contacts
from store.evidence import EvidenceStore
from store.intake import StoreIntake
from store.pool import Pool, pool, viewed_by
from store.reports import SEES_ALL, NewReport, accept, follow_token, found

pytestmark = pytest.mark.servers
BUILDING = "/310110/kj/c07/n021/b03/"
CONTACTS = Contacts(KEY)
A_REPORT = NewReport(form="f" * 43, text="楼道灯不亮", place=BUILDING, phone="13812345678", name="李阿婆")


@pytest.fixture
async def connections(seeded: Database) -> AsyncIterator[Pool]:
    async with pool(seeded.app_dsn, sees_nothing=True) as opened:
        yield opened


@pytest.fixture
def objects(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


class Refusing:
    """An intake that is down."""

    async def take(self, signals: Sequence[Signal], unreadable: Sequence[Unreadable] = ()) -> Taken:
        raise IntakeUnavailable(f"{len(signals)} and {len(unreadable)}")


def counted(database: Database) -> tuple[int, int]:
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        row = connection.execute("SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM inbox)").fetchone()
    assert row
    return row


async def test_thirty_copies_at_once_are_one_report(
    connections: Pool, objects: EvidenceStore, seeded: Database
) -> None:
    async with pool(seeded.app_dsn) as system:
        intake = BatchingIntake(StoreIntake(system))
        tokens = await asyncio.gather(*(accept(connections, intake, CONTACTS, objects, A_REPORT) for _ in range(30)))
    assert set(tokens) == {follow_token(CONTACTS, A_REPORT.id)}
    assert counted(seeded) == (1, 1)


async def test_without_intake_nothing_is_kept(connections: Pool, objects: EvidenceStore, seeded: Database) -> None:
    with pytest.raises(IntakeUnavailable):
        await accept(connections, Refusing(), CONTACTS, objects, A_REPORT)
    assert counted(seeded) == (0, 0)


async def test_a_report_whose_commit_was_lost_is_completed_by_the_next_try(
    connections: Pool, objects: EvidenceStore, seeded: Database
) -> None:
    class Dying(StoreIntake):
        """Takes, and the process dies before the report is committed."""

        async def take(self, signals: Sequence[Signal], unreadable: Sequence[Unreadable] = ()) -> Taken:
            await super().take(signals, unreadable)
            raise ConnectionError("gone")

    async with pool(seeded.app_dsn) as system:
        with pytest.raises(ConnectionError):
            await accept(connections, Dying(system), CONTACTS, objects, A_REPORT)
        assert counted(seeded) == (0, 1)
        await accept(connections, StoreIntake(system), CONTACTS, objects, A_REPORT)
    assert counted(seeded) == (1, 1)


async def test_neither_name_nor_phone_nor_link_stands_in_the_clear(
    connections: Pool, objects: EvidenceStore, seeded: Database
) -> None:
    async with pool(seeded.app_dsn) as system:
        token = await accept(connections, StoreIntake(system), CONTACTS, objects, A_REPORT)
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        row = connection.execute("SELECT reports::text, (SELECT string_agg(body::text, '') FROM inbox) FROM reports")
        kept = "".join(row.fetchone() or ())
    for secret in ("13812345678", "李阿婆", token, token.encode().hex(), "李阿婆".encode().hex()):
        assert secret not in kept


async def test_a_report_is_seen_where_it_is_and_nowhere_else(
    connections: Pool, objects: EvidenceStore, seeded: Database
) -> None:
    async with pool(seeded.app_dsn) as system:
        token = await accept(connections, StoreIntake(system), CONTACTS, objects, A_REPORT)
    for areas, seen in ((SEES_ALL, True), (("/310110/kj/c07/",), True), (("/310110/kj/c08/",), False), ((), False)):
        async with viewed_by(connections, areas) as connection:
            assert (await found(connection, token) is not None) is seen, areas


async def test_photos_of_reports_are_only_added(seeded: Database) -> None:
    with psycopg.connect(seeded.app_dsn, autocommit=True) as connection:
        for statement in ("UPDATE report_photos SET width = 1", "DELETE FROM report_photos"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)
