"""Calls that the desk has to make: to the unit of a case, and to the units beside it (会办) that have no accounts.

Revision ID: 0018
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

DUE = "coalesce(due_at, '9990-01-01 00:00:00+00'::timestamptz)"  # what stands is listed behind what runs
CALLS = """
    CREATE FUNCTION linli_calls(state json) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce((state->>'by_phone')::boolean AND state->>'stage' IN ('assigned', 'handling'), false)
        OR EXISTS (SELECT FROM json_array_elements(state->'parties') party
                   WHERE (party->>'by_phone')::boolean AND party->>'by' IS NULL)"""
COLUMN = "ALTER TABLE cases ADD COLUMN to_call boolean GENERATED ALWAYS AS (linli_calls(state)) STORED"
INDEX = f"CREATE INDEX cases_to_call ON cases ({DUE}, id) WHERE closed_at IS NULL AND to_call"
BEFORE = f"""
    CREATE INDEX cases_to_call ON cases ({DUE}, id)
    WHERE closed_at IS NULL AND by_phone AND stage IN ('assigned', 'handling')"""


def upgrade() -> None:
    for statement in (CALLS, COLUMN, "DROP INDEX cases_to_call", INDEX):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX cases_to_call")
    op.execute("ALTER TABLE cases DROP COLUMN to_call")
    op.execute("DROP FUNCTION linli_calls")
    op.execute(BEFORE)
