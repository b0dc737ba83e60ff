"""What an author's working copy of a ruleset said before, so that one can go back.

Revision ID: 0016
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UP = (
    """CREATE TABLE ruleset_drafts_before (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        ruleset text NOT NULL,
        person uuid NOT NULL,
        definition text NOT NULL,
        template text NOT NULL,
        FOREIGN KEY (ruleset, person) REFERENCES ruleset_drafts (ruleset, person) ON DELETE CASCADE
    )""",
    "CREATE INDEX ruleset_drafts_before_latest ON ruleset_drafts_before (person, ruleset, id DESC)",
    "GRANT SELECT, INSERT, DELETE ON ruleset_drafts_before TO linli_app",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE ruleset_drafts_before")
