"""Calendars, each version once and for ever: a deadline names the one it was reckoned with.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE calendars (
            name text NOT NULL,
            version text NOT NULL,
            body json NOT NULL,
            imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            imported_by text NOT NULL,
            PRIMARY KEY (name, version)
        )""")
    op.execute("GRANT SELECT, INSERT ON calendars TO linli_app")


def downgrade() -> None:
    op.execute("DROP TABLE calendars")
