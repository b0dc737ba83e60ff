"""What a case waits for, whose report it began with, what it is part of; units that are reached by telephone only.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = (
    "ALTER TABLE units ADD COLUMN accounts boolean NOT NULL DEFAULT true",
    "ALTER TABLE outbox ADD COLUMN urgency smallint NOT NULL DEFAULT 0",
    """ALTER TABLE cases ADD COLUMN report uuid, ADD COLUMN linked_to uuid REFERENCES cases (id),
        ADD COLUMN awaits text CHECK (awaits IN ('return', 'request'))""",
    "CREATE UNIQUE INDEX cases_by_report ON cases (report) WHERE report IS NOT NULL",
    "CREATE INDEX cases_by_main ON cases (linked_to) WHERE linked_to IS NOT NULL",
    "CREATE INDEX cases_awaiting ON cases (awaits, due_at, id) WHERE awaits IS NOT NULL AND closed_at IS NULL",
    # Whose a kind of matter turned out to be: the next dispatch there begins with it.
    """CREATE TABLE precedents (
        id uuid PRIMARY KEY,
        category text NOT NULL,
        handler text NOT NULL,
        area text COLLATE "C" NOT NULL,
        unit text NOT NULL,
        owner text NOT NULL REFERENCES units (id),
        ground text NOT NULL,
        case_id uuid NOT NULL REFERENCES cases (id),
        ruled_at timestamptz NOT NULL
    )""",
    "CREATE INDEX precedents_by_matter ON precedents (category, handler, ruled_at DESC)",
    "GRANT SELECT, INSERT ON precedents TO linli_app",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE precedents")
    op.execute("ALTER TABLE cases DROP COLUMN report, DROP COLUMN linked_to, DROP COLUMN awaits")
    op.execute("ALTER TABLE outbox DROP COLUMN urgency")
    op.execute("ALTER TABLE units DROP COLUMN accounts")
