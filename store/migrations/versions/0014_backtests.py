"""A version of a ruleset played over stored signals, as a job with progress.

`hash` is the version that is tried; where a working copy is, `definition` and `template` hold its texts. `against`
null: beside nothing. `done` of `total` signals are played. `backtest_items` are the cases that differ, and some of
those that do not.

Revision ID: 0014
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BACKTESTS = """
    CREATE TABLE backtests (
        id uuid PRIMARY KEY,
        ruleset text NOT NULL,
        hash text REFERENCES rulesets (hash),
        definition text,
        template text,
        against text REFERENCES rulesets (hash),
        since timestamptz NOT NULL,
        until timestamptz NOT NULL,
        area text COLLATE "C" NOT NULL,
        asked_by uuid NOT NULL REFERENCES people (id),
        asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
        attempts smallint NOT NULL DEFAULT 0,
        started_at timestamptz,
        ended_at timestamptz,
        done bigint NOT NULL DEFAULT 0,
        total bigint,
        result json,
        problem text,
        CHECK (since < until),
        CHECK ((hash IS NULL) = (definition IS NOT NULL AND template IS NOT NULL))
    )"""
ITEMS = """
    CREATE TABLE backtest_items (
        backtest uuid NOT NULL REFERENCES backtests (id) ON DELETE CASCADE,
        change text NOT NULL CHECK (change IN ('new', 'gone', 'moved', 'same')),
        n integer NOT NULL,
        body json NOT NULL,
        PRIMARY KEY (backtest, change, n)
    )"""
INDEXES = (
    "CREATE INDEX backtests_of_ruleset ON backtests (ruleset, asked_at DESC, id DESC)",
    "CREATE INDEX backtests_unfinished ON backtests (asked_at, id) WHERE state IN ('waiting', 'running')",
)
TOLD = (
    """CREATE FUNCTION linli_backtest_changed() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           PERFORM pg_notify('linli_backtests', NEW.id::text);
           RETURN NULL;
       END $$""",
    """CREATE TRIGGER backtests_changed AFTER INSERT OR UPDATE ON backtests
       FOR EACH ROW EXECUTE FUNCTION linli_backtest_changed()""",
)
GRANTS = (
    "GRANT SELECT, INSERT ON backtests TO linli_app",
    "GRANT UPDATE (state, attempts, started_at, ended_at, done, total, result, problem) ON backtests TO linli_app",
    "GRANT SELECT, INSERT, DELETE ON backtest_items TO linli_app",
)


def upgrade() -> None:
    for statement in (BACKTESTS, ITEMS, *INDEXES, *TOLD, *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE backtest_items, backtests")
    op.execute("DROP FUNCTION linli_backtest_changed()")
