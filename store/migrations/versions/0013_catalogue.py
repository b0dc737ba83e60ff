"""The catalogue of categories and the list of duties as versions; the newest of each counts.

`imported_by` null: the shipped one. `codes`: how national, city and local codes are written.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

VERSION = """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        hash text NOT NULL,
        content text NOT NULL,
        imported_by uuid REFERENCES people (id),
        imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        note text NOT NULL DEFAULT ''"""

UP = (
    f"CREATE TABLE catalogue_versions ({VERSION}, codes json NOT NULL)",
    f"CREATE TABLE duty_versions ({VERSION})",
    "GRANT SELECT, INSERT ON catalogue_versions, duty_versions TO linli_app",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE duty_versions, catalogue_versions")
