"""Wrong passwords are counted per account and source, among the `attempts`, and no more beside the person.

Revision ID: 0019
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE people DROP COLUMN failed_logins, DROP COLUMN locked_until")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE people ADD COLUMN failed_logins integer NOT NULL DEFAULT 0, ADD COLUMN locked_until timestamptz"
    )
