"""People's passwords and sessions in the store."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from builders import WANG
from databases import Database

from store import sessions
from store.people import LoginRefused, colleagues, hash_password, log_in
from store.pool import Pool, pool
from store.seed.accounts import PASSWORD

pytestmark = pytest.mark.servers


@pytest.fixture
async def connections(seeded: Database) -> AsyncIterator[Pool]:
    async with pool(seeded.app_dsn, sees_nothing=True) as opened:
        yield opened


async def test_the_right_password_names_the_person(connections: Pool) -> None:
    assert await log_in(connections, "c07.wang", PASSWORD) == UUID(WANG.id)


async def test_a_right_password_forgets_the_wrong_ones(connections: Pool) -> None:
    for _ in range(3):
        for _ in range(4):
            assert await log_in(connections, "c07.wang", "no") == LoginRefused()
        assert await log_in(connections, "c07.wang", PASSWORD) == UUID(WANG.id)


async def test_the_fifth_wrong_password_locks(connections: Pool) -> None:
    answers = [await log_in(connections, "c07.wang", "no") for _ in range(5)]
    locked = answers[-1]
    assert isinstance(locked, LoginRefused)
    assert locked.locked_until is not None
    assert await log_in(connections, "c07.wang", PASSWORD) == locked


async def test_who_no_longer_works_here_neither_logs_in_nor_keeps_a_session(connections: Pool) -> None:
    token = await sessions.begin(connections, UUID(WANG.id))
    async with connections.connection() as connection:
        await connection.execute("UPDATE people SET active = false WHERE id = %s", (WANG.id,))
    assert await log_in(connections, "c07.wang", PASSWORD) == LoginRefused()
    assert await sessions.find(connections, token) is None


async def test_a_session_lasts_twelve_hours_and_can_be_revoked(connections: Pool) -> None:
    person = UUID(WANG.id)
    kept, revoked, old = [await sessions.begin(connections, person) for _ in range(3)]
    await sessions.revoke(connections, revoked)
    async with connections.connection() as connection:
        await connection.execute(
            "UPDATE sessions SET expires_at = expires_at - interval '12 hours' WHERE token_hash = sha256(%s)",
            (old.encode(),),
        )
    assert [await sessions.find(connections, token) is not None for token in (kept, revoked, old)] == [
        True,
        False,
        False,
    ]
    assert await sessions.revoke_all(connections, person) == 1
    assert await sessions.find(connections, kept) is None


async def test_a_case_is_handed_to_handlers_of_the_unit(connections: Pool) -> None:
    async with connections.connection() as connection:
        names = [name for _, name in await colleagues(connection, "property-c07")]
    assert sorted(names) == sorted(["王建国", "李卫民", "张志强", "刘永刚", "保安周阿根"])


def test_a_password_is_kept_as_argon2() -> None:
    assert hash_password("secret").startswith("$argon2id$")
