"""The lists that grow without end, narrowed to a person, a unit, or what waits: each read from an index of its own.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX cases_of_person ON cases (person, received_at DESC, id DESC)")
    op.execute("CREATE INDEX cases_of_unit ON cases (unit, received_at DESC, id DESC)")
    op.execute("CREATE INDEX quarantine_waiting ON quarantine (at, id) WHERE replayed_at IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX cases_of_person, cases_of_unit, quarantine_waiting")
