"""Where somebody on patrol has been.

Revision ID: 0011
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UP = (
    """CREATE TABLE patrol_checks (
        id uuid PRIMARY KEY,
        person uuid NOT NULL REFERENCES people (id),
        place text COLLATE "C" NOT NULL,
        via text NOT NULL CHECK (via IN ('qr', 'position')),
        lat double precision,
        lon double precision,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    )""",
    "CREATE INDEX patrol_checks_of_person ON patrol_checks (person, at DESC)",
    "GRANT SELECT, INSERT ON patrol_checks TO linli_app",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE patrol_checks")
