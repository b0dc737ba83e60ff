"""Brings the schema to this version, with Alembic, as the owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def sqlalchemy_url(dsn: str) -> str:
    """The same DSN as SQLAlchemy wants it, for psycopg 3."""
    return dsn.replace("postgresql://", "postgresql+psycopg://", 1)


def upgrade(owner_dsn: str) -> None:
    """Apply what is missing; idempotent. `linli_app` must exist (see `store.embedded.ensure_roles`)."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = sqlalchemy_url(owner_dsn)
    command.upgrade(config, "head")
