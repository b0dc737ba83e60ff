"""Outlines for maps, and what the wall board counts: each number has an index.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Immutable, as every instant in a case's state names its offset.
YELLOW = """
    CREATE FUNCTION linli_yellow(state json) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT min((clock->>'yellow')::timestamptz) FROM json_array_elements(state->'plan'->'clocks') AS clock
        WHERE clock->>'due' IS NOT NULL
    $$"""
COLUMNS = """
    ALTER TABLE cases
        ADD COLUMN yellow_at timestamptz GENERATED ALWAYS AS (linli_yellow(state)) STORED,
        ADD COLUMN pause text GENERATED ALWAYS AS (state->'pause'->>'kind') STORED"""
INDEXES = {
    "cases_filed": "cases (filed_at DESC, id DESC) WHERE filed_at IS NOT NULL",
    "cases_closed": "cases (closed_at DESC, id DESC) WHERE closed_at IS NOT NULL",
    "cases_open": "cases (received_at DESC, id DESC) WHERE closed_at IS NULL",
    "cases_due": "cases (due_at, id) WHERE closed_at IS NULL",
    "cases_paused": "cases (pause, received_at DESC, id DESC) WHERE closed_at IS NULL AND pause IS NOT NULL",
    "case_events_news": (
        "case_events (at DESC) WHERE type IN ('filed', 'declined', 'linked', 'dispatched', 'signed', 'handled',"
        " 'settled', 'worsened', 'closed', 'reopened')"
    ),
}


def upgrade() -> None:
    op.execute("ALTER TABLE areas ADD COLUMN outline json")
    op.execute(YELLOW)
    op.execute(COLUMNS)
    for name, index in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {index}")


def downgrade() -> None:
    op.execute(f"DROP INDEX {', '.join(INDEXES)}")
    op.execute("ALTER TABLE cases DROP COLUMN yellow_at, DROP COLUMN pause")
    op.execute("DROP FUNCTION linli_yellow(json)")
    op.execute("ALTER TABLE areas DROP COLUMN outline")
