"""What residents report: with photos, a follow link and, apart and sealed, how to reach them.

Revision ID: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

REPORTS = """
    ALTER TABLE reports
        DROP COLUMN case_id,
        ALTER COLUMN place SET DEFAULT '/unplaced/',
        ALTER COLUMN place SET NOT NULL,
        ADD COLUMN place_kind text NOT NULL DEFAULT '',
        ADD COLUMN lat double precision,
        ADD COLUMN lon double precision,
        ADD COLUMN hint text NOT NULL DEFAULT '',
        ADD COLUMN phone bytea,
        ADD COLUMN phone_blind bytea,
        ADD COLUMN name bytea,
        ADD COLUMN on_behalf_by uuid REFERENCES people (id),
        ADD COLUMN elder boolean NOT NULL DEFAULT false,
        ADD COLUMN follows uuid REFERENCES cases (id)"""
PHOTOS = """
    CREATE TABLE report_photos (
        id uuid PRIMARY KEY,
        report_id uuid NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
        sha256 bytea NOT NULL,
        path text NOT NULL,
        media_type text NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        exif json NOT NULL,
        kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )"""
ATTEMPTS = """
    CREATE UNLOGGED TABLE attempts (
        what text NOT NULL,
        sender bytea NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    )"""
INDEXES = (
    "CREATE INDEX reports_by_phone ON reports (phone_blind, received_at DESC) WHERE phone_blind IS NOT NULL",
    "CREATE INDEX reports_by_followed ON reports (follows) WHERE follows IS NOT NULL",
    "CREATE INDEX reports_by_place ON reports (place, received_at DESC)",
    "CREATE INDEX report_photos_by_report ON report_photos (report_id)",
    "CREATE INDEX attempts_by_sender ON attempts (what, sender, at)",
    "CREATE INDEX attempts_by_age ON attempts (at)",
)
SEEN = (
    "ALTER TABLE reports ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY reports_seen ON reports USING (linli_sees(place)) WITH CHECK (true)",
    "ALTER TABLE report_photos ENABLE ROW LEVEL SECURITY",
    """CREATE POLICY report_photos_seen ON report_photos
       USING (current_setting('linli.scope', true) = '*' OR EXISTS (SELECT FROM reports WHERE reports.id = report_id))
       WITH CHECK (true)""",
    "GRANT SELECT, INSERT ON report_photos TO linli_app",
    "GRANT SELECT, INSERT, DELETE ON attempts TO linli_app",
)


def upgrade() -> None:
    for statement in (REPORTS, PHOTOS, ATTEMPTS, *INDEXES, *SEEN):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE attempts")
    op.execute("DROP TABLE report_photos")
    op.execute("DROP POLICY reports_seen ON reports")
    op.execute("ALTER TABLE reports DISABLE ROW LEVEL SECURITY")
    op.execute("DROP INDEX reports_by_place")
    gone = "place_kind lat lon hint phone phone_blind name on_behalf_by elder follows".split()
    op.execute("ALTER TABLE reports " + ", ".join(f"DROP COLUMN {name}" for name in gone))
    op.execute("ALTER TABLE reports ALTER COLUMN place DROP NOT NULL, ALTER COLUMN place DROP DEFAULT")
    op.execute("ALTER TABLE reports ADD COLUMN case_id uuid REFERENCES cases (id)")
