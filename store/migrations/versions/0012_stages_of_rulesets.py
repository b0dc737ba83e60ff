"""What becomes of a version of a ruleset: stages, approvals, areas, what it would have done.

`ruleset_steps` is the record, `rulesets.stage, areas, starts_at, since` what it amounts to. `ruleset_drafts` are the
working copies of the editor, `ruleset_folders` what was last seen of the folders that are looked through,
`ruleset_news` what authors are to be told.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RULESETS = """
    ALTER TABLE rulesets
        ADD COLUMN title text NOT NULL DEFAULT '',
        ADD COLUMN author uuid REFERENCES people (id),
        ADD COLUMN note text NOT NULL DEFAULT '',
        ADD COLUMN based_on text,
        ADD COLUMN areas text[] NOT NULL DEFAULT '{}',
        ADD COLUMN starts_at timestamptz,
        ADD COLUMN since timestamptz NOT NULL DEFAULT clock_timestamp(),
        ADD COLUMN crashes integer NOT NULL DEFAULT 0,
        ADD COLUMN quarantined_at timestamptz,
        ADD COLUMN faults json"""  # why perception cannot run it

STEPS = """
    CREATE TABLE ruleset_steps (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        ruleset text NOT NULL,
        hash text NOT NULL REFERENCES rulesets (hash),
        step text NOT NULL CHECK (step IN ('drafted', 'asked', 'approved', 'refused', 'withdrawn', 'started',
                                           'retired', 'rolled_back')),
        stage text NOT NULL CHECK (stage IN ('draft', 'shadow', 'canary', 'active', 'retired')),
        by uuid REFERENCES people (id),
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        note text NOT NULL DEFAULT '',
        areas text[] NOT NULL DEFAULT '{}',
        starts_at timestamptz,
        key uuid UNIQUE
    )"""

DRAFTS = """
    CREATE TABLE ruleset_drafts (
        ruleset text NOT NULL,
        person uuid NOT NULL REFERENCES people (id),
        definition text NOT NULL,
        template text NOT NULL,
        based_on text,
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (ruleset, person)
    )"""

FOLDERS = """
    CREATE TABLE ruleset_folders (
        origin text NOT NULL CHECK (origin IN ('shipped', 'home')),
        name text NOT NULL,
        digest text NOT NULL,
        hash text,
        problems json NOT NULL DEFAULT '[]',
        seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (origin, name)
    )"""

NEWS = (
    """CREATE TABLE ruleset_news (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL UNIQUE,
        ruleset text NOT NULL,
        hash text,
        reason text NOT NULL,
        params json NOT NULL DEFAULT '{}',
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        addressed_at timestamptz
    )""",
    "CREATE INDEX ruleset_news_waiting ON ruleset_news (id) WHERE addressed_at IS NULL",
    "CREATE INDEX ruleset_news_of_ruleset ON ruleset_news (ruleset, id)",
    """CREATE TRIGGER ruleset_news_came AFTER INSERT ON ruleset_news
       FOR EACH STATEMENT EXECUTE FUNCTION linli_outbox_filled()""",
)

# what the versions did before anybody wrote down their steps: each was active until the next one took its place
HISTORY = (
    """INSERT INTO ruleset_steps (ruleset, hash, step, stage, at)
       SELECT id, hash, 'drafted', 'draft', created_at FROM rulesets ORDER BY created_at, hash""",
    """INSERT INTO ruleset_steps (ruleset, hash, step, stage, at)
       SELECT id, hash, step, CASE step WHEN 'started' THEN 'active' ELSE 'retired' END, created_at
       FROM rulesets, (VALUES (1, 'started'), (2, 'retired')) AS both_of (n, step)
       WHERE stage = 'retired' ORDER BY created_at, hash, n""",
    """INSERT INTO ruleset_steps (ruleset, hash, step, stage, at)
       SELECT id, hash, 'started', stage, created_at FROM rulesets
       WHERE stage NOT IN ('draft', 'retired') ORDER BY created_at, hash""",
    """UPDATE rulesets SET since = created_at,
           title = coalesce(substring(definition FROM '(?n)^title:[ \t]*(.+?)[ \t]*$'), '')""",
)

INDEXES = (
    "CREATE UNIQUE INDEX rulesets_shadow ON rulesets (id) WHERE stage = 'shadow'",
    "CREATE UNIQUE INDEX rulesets_canary ON rulesets (id) WHERE stage = 'canary'",
    "CREATE INDEX rulesets_by_id ON rulesets (id, created_at)",
    "CREATE INDEX rulesets_starting ON rulesets (starts_at) WHERE starts_at IS NOT NULL",
    "CREATE INDEX ruleset_steps_of_ruleset ON ruleset_steps (ruleset, id)",
    "CREATE INDEX decisions_by_ruleset ON decisions (ruleset, at)",
)

DECISIONS = """
    ALTER TABLE decisions
        ADD COLUMN stage text NOT NULL DEFAULT 'active' CHECK (stage IN ('shadow', 'canary', 'active')),
        ADD COLUMN matter json"""

OUTCOMES = "ALTER TABLE cases ADD COLUMN outcome text GENERATED ALWAYS AS (state->>'outcome') STORED"

# texts never change: only what becomes of them may be written
GRANTS = (
    "REVOKE UPDATE ON rulesets FROM linli_app",
    "GRANT UPDATE (stage, areas, starts_at, since, crashes, quarantined_at, faults) ON rulesets TO linli_app",
    "GRANT SELECT, INSERT ON ruleset_steps TO linli_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ruleset_drafts, ruleset_folders TO linli_app",
    "GRANT SELECT, INSERT ON ruleset_news TO linli_app",
    "GRANT UPDATE (addressed_at) ON ruleset_news TO linli_app",
)


def upgrade() -> None:
    for statement in (RULESETS, STEPS, DRAFTS, FOLDERS, *NEWS, *HISTORY, *INDEXES, DECISIONS, OUTCOMES, *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX decisions_by_ruleset, rulesets_starting, rulesets_by_id")
    op.execute("DROP INDEX rulesets_canary, rulesets_shadow")
    op.execute("ALTER TABLE cases DROP COLUMN outcome")
    op.execute("ALTER TABLE decisions DROP COLUMN matter, DROP COLUMN stage")
    op.execute("DROP TABLE ruleset_news, ruleset_folders, ruleset_drafts, ruleset_steps")
    op.execute("""
        ALTER TABLE rulesets DROP COLUMN title, DROP COLUMN author, DROP COLUMN note, DROP COLUMN based_on,
            DROP COLUMN areas, DROP COLUMN starts_at, DROP COLUMN since, DROP COLUMN crashes,
            DROP COLUMN quarantined_at, DROP COLUMN faults""")
    op.execute("GRANT UPDATE ON rulesets TO linli_app")
