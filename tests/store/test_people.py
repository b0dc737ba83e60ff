"""People's passwords and sessions in the store."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from builders import WANG
from databases import Database

from store import sessions
from store.logins import LOCKED_FOR, ONE_IN, WRONG_ANYWHERE, Lock, Source
from store.people import LoginRefused, colleagues, hash_password, log_in
from store.pool import Pool, pool
from store.seed.accounts import PASSWORD

pytestmark = pytest.mark.servers
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACCOUNT = b"account"
OFFICE, STRANGER, OWN_DEVICE = (
    Source(b"office", ACCOUNT),
    Source(b"stranger", ACCOUNT),
    Source(b"own device", ACCOUNT, known=True),
)


@pytest.fixture
async def connections(seeded: Database) -> AsyncIterator[Pool]:
    async with pool(seeded.app_dsn, sees_nothing=True) as opened:
        yield opened


async def try_(
    connections: Pool,
    password: str = "no",
    source: Source = OFFICE,
    after: timedelta = timedelta(),
    name: str = "c07.wang",
) -> UUID | LoginRefused:
    return await log_in(connections, name, password, source, NOW + after)


async def test_the_right_password_names_the_person(connections: Pool) -> None:
    assert await try_(connections, PASSWORD) == UUID(WANG.id)


async def test_a_right_password_forgets_the_wrong_ones(connections: Pool) -> None:
    for _ in range(3):
        for _ in range(4):
            assert await try_(connections) == LoginRefused()
        assert await try_(connections, PASSWORD) == UUID(WANG.id)


@pytest.mark.parametrize("name", ["c07.wang", "nobody"])
async def test_the_fifth_wrong_password_locks_and_so_for_a_name_that_nobody_has(connections: Pool, name: str) -> None:
    answers = [await try_(connections, name=name) for _ in range(5)]
    assert answers == [LoginRefused()] * 4 + [LoginRefused(Lock(NOW + LOCKED_FOR))]
    assert await try_(connections, PASSWORD, name=name) == answers[-1]


async def test_of_a_password_that_was_typed_as_the_name_nothing_is_stored(connections: Pool) -> None:
    await try_(connections, name=PASSWORD)
    async with connections.connection() as connection:
        senders = await (await connection.execute("SELECT sender FROM attempts")).fetchall()
    assert {sender for (sender,) in senders} == {OFFICE.key, OFFICE.account}


async def test_a_lock_ends_by_itself_and_one_more_wrong_password_renews_it(connections: Pool) -> None:
    for _ in range(5):
        await try_(connections)
    later = LOCKED_FOR + timedelta(seconds=1)
    assert await try_(connections, after=later) == LoginRefused(Lock(NOW + later + LOCKED_FOR))
    assert await try_(connections, PASSWORD, after=2 * later) == UUID(WANG.id)


async def test_a_stranger_keeps_nobody_out(connections: Pool) -> None:
    for _ in range(6):
        refused = await try_(connections, source=STRANGER)
    assert refused == LoginRefused(Lock(NOW + LOCKED_FOR))
    assert await try_(connections, PASSWORD) == UUID(WANG.id)


async def test_many_strangers_slow_each_other_down_and_not_a_device_that_the_account_knows(connections: Pool) -> None:
    many = [Source(f"stranger {n}".encode(), ACCOUNT) for n in range(WRONG_ANYWHERE // 4 + 1)]
    answers = [await try_(connections, source=source) for source in many for _ in range(4)]
    slowed = LoginRefused(Lock(NOW + ONE_IN, everywhere=True))
    assert answers[:WRONG_ANYWHERE] == [LoginRefused()] * (WRONG_ANYWHERE - 1) + [slowed]
    assert await try_(connections, PASSWORD, source=OFFICE) == slowed
    assert await try_(connections, PASSWORD, source=OWN_DEVICE) == UUID(WANG.id)
    elsewhere = Source(OFFICE.key, b"another account")
    assert await try_(connections, PASSWORD, source=elsewhere, name="c07.li") != slowed
    assert await try_(connections, PASSWORD, source=OFFICE, after=ONE_IN) == UUID(WANG.id)


async def test_a_device_that_was_stolen_is_locked_like_any_other(connections: Pool) -> None:
    answers = [await try_(connections, source=OWN_DEVICE) for _ in range(5)]
    assert answers[-1] == LoginRefused(Lock(NOW + LOCKED_FOR))


async def test_of_many_tries_at_once_no_more_than_the_first_five_count(connections: Pool) -> None:
    tries = [try_(connections) for _ in range(12)] + [try_(connections, PASSWORD)]
    answers = await asyncio.gather(*tries)
    assert answers.count(LoginRefused()) == 4
    assert UUID(WANG.id) not in answers


async def test_who_no_longer_works_here_neither_logs_in_nor_keeps_a_session(connections: Pool) -> None:
    token = await sessions.begin(connections, UUID(WANG.id))
    async with connections.connection() as connection:
        await connection.execute("UPDATE people SET active = false WHERE id = %s", (WANG.id,))
    assert await try_(connections, PASSWORD) == LoginRefused()
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
