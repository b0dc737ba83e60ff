"""The duty desk: what waits for it, each list from an index of its own; what one shift hands to the next.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DUE = "coalesce(due_at, '9990-01-01 00:00:00+00'::timestamptz)"  # what stands is listed behind what runs
FOUND_BY_DEVICE = "report IS NULL AND ruleset <> 'grid-patrol-finding'"
FOUND_BY_PERSON = "(report IS NOT NULL OR ruleset = 'grid-patrol-finding')"
INDEXES = {
    "cases_alarms": (
        f"cases (stage, {DUE}, id) WHERE closed_at IS NULL AND stage IN ('received', 'verifying')"
        f" AND {FOUND_BY_DEVICE}"
    ),
    "cases_intake": (
        f"cases (stage, {DUE}, id) WHERE closed_at IS NULL AND stage IN ('received', 'verifying')"
        f" AND {FOUND_BY_PERSON}"
    ),
    "cases_at_desk": f"cases (stage, {DUE}, id) WHERE closed_at IS NULL AND stage IN ('dispatching', 'closing')",
    "cases_to_rule": f"cases (awaits, {DUE}, id) WHERE closed_at IS NULL AND awaits IS NOT NULL",
    "cases_to_call": f"cases ({DUE}, id) WHERE closed_at IS NULL AND by_phone AND stage IN ('assigned', 'handling')",
    "rosters_by_time": "rosters (ends_at, starts_at)",
}
HANDOVERS = (
    """CREATE TABLE handovers (
        id uuid PRIMARY KEY,
        unit text NOT NULL,
        given_by uuid NOT NULL REFERENCES people (id),
        given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        note text NOT NULL,
        counts json NOT NULL,
        items json NOT NULL
    )""",
    """CREATE TABLE handovers_taken (
        handover uuid PRIMARY KEY REFERENCES handovers (id),
        taken_by uuid NOT NULL REFERENCES people (id),
        taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        note text NOT NULL
    )""",
    "CREATE INDEX handovers_of_unit ON handovers (unit, given_at DESC, id DESC)",
    "GRANT SELECT, INSERT ON handovers, handovers_taken TO linli_app",
)


def upgrade() -> None:
    op.execute("ALTER TABLE cases ADD COLUMN by_phone boolean GENERATED ALWAYS AS ((state->>'by_phone')::boolean) STORED")
    for name, index in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {index}")
    op.execute("DROP INDEX cases_awaiting")
    for statement in HANDOVERS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE handovers_taken, handovers")
    op.execute("CREATE INDEX cases_awaiting ON cases (awaits, due_at, id) WHERE awaits IS NOT NULL AND closed_at IS NULL")
    op.execute(f"DROP INDEX {', '.join(INDEXES)}")
    op.execute("ALTER TABLE cases DROP COLUMN by_phone")
