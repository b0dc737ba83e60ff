"""Messages: who is told, over which channel, and what became of it; logins that a message leads to.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PEOPLE = """
    ALTER TABLE people ADD COLUMN wecom_id text UNIQUE, ADD COLUMN phone bytea"""

MESSAGES = """
    CREATE TABLE messages (
        id uuid PRIMARY KEY,
        key text NOT NULL UNIQUE,
        outbox_id bigint REFERENCES outbox (id),
        case_id uuid REFERENCES cases (id),
        person uuid REFERENCES people (id),
        report uuid,
        to_label text NOT NULL,
        channel text NOT NULL CHECK (channel IN ('wecom', 'sms', 'voice', 'none')),
        reason text NOT NULL,
        urgency smallint NOT NULL DEFAULT 0,
        title text NOT NULL,
        text text NOT NULL,
        url text NOT NULL DEFAULT '',
        bundle text CHECK (bundle IN ('digest', 'red-list', 'summary')),
        told_in uuid REFERENCES messages (id),
        state text NOT NULL CHECK (state IN ('waiting', 'sent', 'read', 'failed', 'given-up')),
        tries integer NOT NULL DEFAULT 0,
        next_at timestamptz NOT NULL,
        error_code text,
        error text,
        created_at timestamptz NOT NULL,
        sent_at timestamptz,
        read_at timestamptz
    )"""

INDEXES = (
    "CREATE INDEX messages_waiting ON messages (next_at, id) WHERE state = 'waiting' AND told_in IS NULL",
    "CREATE INDEX messages_by_case ON messages (case_id, created_at)",
    "CREATE INDEX messages_told_in ON messages (told_in) WHERE told_in IS NOT NULL",
    "CREATE INDEX messages_pushed ON messages (person, sent_at) WHERE sent_at IS NOT NULL AND told_in IS NULL",
    "CREATE INDEX messages_unread ON messages (sent_at) WHERE urgency > 0 AND state = 'sent'",
)

OUTBOX = (
    "ALTER TABLE outbox ADD COLUMN addressed_at timestamptz",
    "UPDATE outbox SET addressed_at = created_at",  # from before anybody was told: no news any more
    "DROP INDEX outbox_waiting",
    "CREATE INDEX outbox_waiting ON outbox (id) WHERE addressed_at IS NULL",
    """CREATE FUNCTION linli_outbox_filled() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN PERFORM pg_notify('linli_outbox', ''); RETURN NULL; END $$""",
    """CREATE TRIGGER outbox_filled AFTER INSERT ON outbox
       FOR EACH STATEMENT EXECUTE FUNCTION linli_outbox_filled()""",
)

# A card that was sent or read shows on the pages that are open.
HINTS = (
    """CREATE FUNCTION linli_message_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
       SET search_path = public, pg_temp AS $$
       BEGIN
           PERFORM pg_notify('linli_cases', json_build_object('id', id, 'place', place)::text)
           FROM cases WHERE id = NEW.case_id;
           RETURN NULL;
       END $$""",
    """CREATE TRIGGER message_moved AFTER UPDATE OF state ON messages
       FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION linli_message_moved()""",
)

LOGINS = (
    "ALTER TABLE sessions ADD COLUMN case_id uuid REFERENCES cases (id)",
    """CREATE TABLE one_time_links (
        token_hash bytea PRIMARY KEY,
        person uuid NOT NULL REFERENCES people (id),
        case_id uuid NOT NULL REFERENCES cases (id),
        message uuid REFERENCES messages (id),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )""",
    """CREATE TABLE login_states (
        state_hash bytea PRIMARY KEY,
        browser_hash bytea NOT NULL,
        case_id uuid,
        message uuid,
        expires_at timestamptz NOT NULL
    )""",
    "CREATE INDEX login_states_by_age ON login_states (expires_at)",
)

# a session that came by a one-time link sees its case and nothing else: its scope is 'case:<id>'
CASE_SEEN = "linli_sees(place) OR current_setting('linli.scope', true) = 'case:' || {column}::text"
SEEN_WITH_ITS_CASE = """
    ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
    CREATE POLICY messages_seen ON messages
        USING (current_setting('linli.scope', true) = '*' OR EXISTS (SELECT FROM cases WHERE cases.id = case_id))
        WITH CHECK (true)"""


def upgrade() -> None:
    for statement in (PEOPLE, MESSAGES, *INDEXES, *HINTS, *OUTBOX, *LOGINS, SEEN_WITH_ITS_CASE):
        op.execute(statement)
    op.execute(f"ALTER POLICY cases_seen ON cases USING ({CASE_SEEN.format(column='id')})")
    op.execute(f"ALTER POLICY tasks_seen ON tasks USING ({CASE_SEEN.format(column='case_id')})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON messages, one_time_links TO linli_app")
    op.execute("GRANT SELECT, INSERT, DELETE ON login_states TO linli_app")


def downgrade() -> None:
    op.execute("ALTER POLICY cases_seen ON cases USING (linli_sees(place))")
    op.execute("ALTER POLICY tasks_seen ON tasks USING (linli_sees(place))")
    op.execute("DROP TABLE login_states, one_time_links, messages")
    op.execute("DROP FUNCTION linli_message_moved()")
    op.execute("ALTER TABLE sessions DROP COLUMN case_id")
    op.execute("DROP TRIGGER outbox_filled ON outbox")
    op.execute("DROP FUNCTION linli_outbox_filled()")
    op.execute("DROP INDEX outbox_waiting")
    op.execute("ALTER TABLE outbox DROP COLUMN addressed_at")
    op.execute("CREATE INDEX outbox_waiting ON outbox (id) WHERE sent_at IS NULL")
    op.execute("ALTER TABLE people DROP COLUMN wecom_id, DROP COLUMN phone")
