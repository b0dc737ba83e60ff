"""Versions of the catalogue and of the list of duties: what counts, who imported it, what an import would break."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from databases import Database

from rules.catalogue import Catalogue, load_catalogue
from rules.compile import SHANGHAI
from rules.duties import Duties
from settings.model import RULESETS
from store.catalogue import (
    ChangedMeanwhile,
    InForce,
    catalogue_versions,
    current,
    current_catalogue,
    current_duties,
    current_hashes,
    duty_versions,
    kinds_of_units,
    put_catalogue,
    put_duties,
)
from store.catalogue_imports import broken_by, rulesets_using
from store.pool import Connection, pool
from store.seed import seed_catalogue
from store.seed.load import person_id

ADMIN = person_id("sysadmin.gu")
SHIPPED = load_catalogue(RULESETS / "catalogue.csv")


@pytest.fixture
async def connection(seeded: Database) -> AsyncIterator[Connection]:
    async with pool(seeded.app_dsn) as connections, connections.connection() as connection:
        yield connection


def with_limit(catalogue: Catalogue, code: str, limit: timedelta) -> Catalogue:
    return {**catalogue, code: replace(catalogue[code], limit=limit)}


async def imported(connection: Connection, catalogue: Catalogue, now: InForce, by: UUID = ADMIN) -> bool:
    return await put_catalogue(connection, catalogue, now.forms, by, base=now.catalogue_hash, note="试")


async def test_where_nothing_was_stored_the_shipped_files_count(database: Database) -> None:
    async with pool(database.app_dsn) as connections, connections.connection() as connection:
        assert await current_catalogue(connection) == SHIPPED
        assert (await current_hashes(connection))[0] == (await current(connection)).catalogue_hash


async def test_the_shipped_tables_are_the_first_versions(connection: Connection) -> None:
    assert await current_catalogue(connection) == SHIPPED
    for versions in (await catalogue_versions(connection), await duty_versions(connection)):
        assert [one.imported_by for one in versions] == [None]
    now = await current(connection)
    assert await current_hashes(connection) == (now.catalogue_hash, now.duties_hash)


async def test_what_was_imported_counts_from_then_on(connection: Connection) -> None:
    now = await current(connection)
    changed = with_limit(now.catalogue, "lift-ebike", timedelta(hours=3))
    assert await imported(connection, changed, now)
    assert (await current_catalogue(connection))["lift-ebike"].limit == timedelta(hours=3)
    newest, first = await catalogue_versions(connection)
    assert (newest.imported_by, newest.note, first.imported_by) == ("顾海波", "试", None)
    found = await connection.execute("SELECT actor, action FROM audit ORDER BY seq DESC LIMIT 1")
    assert await found.fetchone() == (str(ADMIN), "catalogue.import")


async def test_the_same_again_changes_nothing(connection: Connection) -> None:
    now = await current(connection)
    assert not await imported(connection, now.catalogue, now)
    assert not await put_duties(connection, now.duties, ADMIN, base=now.duties_hash)


async def test_who_saw_the_difference_to_an_older_version_is_told(connection: Connection) -> None:
    before = await current(connection)
    assert await imported(connection, with_limit(SHIPPED, "lift-ebike", timedelta(hours=3)), before)
    with pytest.raises(ChangedMeanwhile):
        await imported(connection, with_limit(SHIPPED, "lift-ebike", timedelta(hours=2)), before)


async def test_duties_have_versions_of_their_own(connection: Connection) -> None:
    now = await current(connection)
    fewer = Duties(tuple(duty for duty in now.duties.items if duty.unit_kind != "sports"))
    assert await put_duties(connection, fewer, ADMIN, base=now.duties_hash)
    assert (await current_duties(connection)).lacks("sports", "fitness-fault")
    assert "sports" in await kinds_of_units(connection)
    assert await current_catalogue(connection) == SHIPPED


async def test_an_import_is_told_to_whoever_runs_rulesets(connection: Connection, seeded: Database) -> None:
    now = await current(connection)
    async with await psycopg.AsyncConnection.connect(seeded.app_dsn, autocommit=True) as listening:
        await listening.execute("LISTEN linli_rulesets")
        assert await imported(connection, with_limit(SHIPPED, "lift-ebike", timedelta(hours=3)), now)
        await connection.commit()
        heard = [notice.channel async for notice in listening.notifies(timeout=60, stop_after=1)]
    assert heard == ["linli_rulesets"]


def shipped_with(folder: Path, code: str, before: str, after: str) -> Path:
    """The shipped tables, with one cell of a category changed by a new release."""
    for name in ("catalogue.csv", "catalogue.yaml", "duties.csv"):
        text = (RULESETS / name).read_text(encoding="utf-8")
        lines = (
            line.replace(f",{before},", f",{after},") if line.startswith(f"{code},") else line
            for line in text.splitlines(keepends=True)
        )
        (folder / name).write_text("".join(lines), encoding="utf-8")
    return folder


async def test_a_new_release_changes_what_nobody_imported(
    connection: Connection, seeded: Database, tmp_path: Path
) -> None:
    folder = shipped_with(tmp_path, "lift-ebike", "4h", "3h")
    await seeding(seeded, folder)
    assert (await current_catalogue(connection))["lift-ebike"].limit == timedelta(hours=3)
    await seeding(seeded, folder)
    assert len(await catalogue_versions(connection)) == 2
    assert len(await duty_versions(connection)) == 1


async def test_a_new_release_leaves_what_people_imported(
    connection: Connection, seeded: Database, tmp_path: Path
) -> None:
    now = await current(connection)
    assert await imported(connection, with_limit(SHIPPED, "lift-ebike", timedelta(hours=2)), now)
    await connection.commit()
    await seeding(seeded, shipped_with(tmp_path, "lift-ebike", "4h", "3h"))
    assert (await current_catalogue(connection))["lift-ebike"].limit == timedelta(hours=2)


async def seeding(seeded: Database, folder: Path) -> None:
    await asyncio.to_thread(seed_catalogue, seeded.owner_dsn, folder)


async def test_an_import_that_breaks_nothing_has_nothing_to_answer_for(connection: Connection) -> None:
    now = await current(connection)
    longer = with_limit(SHIPPED, "lift-ebike", timedelta(hours=5))
    assert await broken_by(connection, longer, now, SHANGHAI) == ()


async def test_a_category_that_is_gone_is_named_with_all_who_use_it(connection: Connection) -> None:
    now = await current(connection)
    without = {code: category for code, category in SHIPPED.items() if code != "dog-attack"}
    broken = await broken_by(connection, without, now, SHANGHAI)
    assert {fault.file for fault in broken} == {"citizen-report", "grid-patrol-finding", "unleashed-dog", "权责清单"}


async def test_a_floor_that_a_ruleset_in_force_falls_below_is_named(connection: Connection) -> None:
    now = await current(connection)
    category = replace(SHIPPED["flooding"], close_by_rule=False)
    broken = await broken_by(connection, {**SHIPPED, "flooding": category}, now, SHANGHAI)
    assert {fault.file for fault in broken} == {"water-leak-burst"}
    assert {fault.field.rsplit(".", 1)[-1] for fault in broken} == {"close"}


async def test_one_sees_which_rulesets_open_a_category(connection: Connection) -> None:
    used = await rulesets_using(connection)
    assert used["gas-smell"] == ["citizen-report"]
    assert "river-outfall" not in used
