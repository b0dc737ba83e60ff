"""The latest of what is heard around, for the partitions that did not hear it themselves.

Revision ID: 0017
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UP = (
    """CREATE TABLE ambient (
        signal_type text COLLATE "C" NOT NULL,
        field text COLLATE "C" NOT NULL,
        area text COLLATE "C" NOT NULL,
        event_time timestamptz NOT NULL,
        signal_id text COLLATE "C" NOT NULL,
        value json NOT NULL,
        PRIMARY KEY (signal_type, field, area)
    )""",
    "GRANT SELECT, INSERT, UPDATE ON ambient TO linli_app",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE ambient")
