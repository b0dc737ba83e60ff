"""An installation from before stages: its versions get the steps that they took, and roll-back goes where it should."""

import psycopg
from alembic import command
from alembic.config import Config
from databases import Database

from domain.rulesets import Stage
from store.migrate import MIGRATIONS, sqlalchemy_url, upgrade
from store.pool import pool
from store.rulesets import standing, versions

OLD = """
    INSERT INTO rulesets (hash, id, stage, definition, template, created_at)
    VALUES (%s, 'old', %s, %s, '', now() - make_interval(days => %s))"""


def downgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = sqlalchemy_url(database.owner_dsn)
    command.downgrade(config, revision)


async def test_versions_from_before_stages_have_their_steps(database: Database) -> None:
    downgrade(database, "0011")
    with psycopg.connect(database.owner_dsn) as owner:
        for hash_, stage, days in (("a", "retired", 9), ("b", "active", 8), ("c", "retired", 3), ("d", "draft", 1)):
            owner.execute(OLD, (hash_, stage, "ruleset: old\ntitle: 旧规则 \nlead: x\n", days))
    upgrade(database.owner_dsn)
    async with pool(database.app_dsn) as connections, connections.connection() as connection:
        found = await standing(connection, "old")
        rows = await versions(connection, "old")
    assert {id_: version.stage for id_, version in found.versions.items()} == {row.hash: row.stage for row in rows}
    assert (found.at(Stage.ACTIVE), found.formerly) == (found.versions["b"], ("a", "c"))
    assert {row.title for row in rows} == {"旧规则"}
