"""What the application never does, it may not do; an empty area is nobody's sight.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEES = """
    CREATE OR REPLACE FUNCTION linli_sees(place text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT current_setting('linli.scope', true) = '*'
            OR place ^@ ANY (string_to_array(current_setting('linli.scope', true), ','{empty_is}))
    $$"""

BOUNDED = """
    CREATE FUNCTION linli_ensure_months(ahead integer) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ SELECT linli_make_months(least(ahead, 24)) $$"""  # more exhausts the locks


def upgrade() -> None:
    op.execute(SEES.format(empty_is=", ''"))
    op.execute("REVOKE UPDATE ON evidence FROM linli_app")
    op.execute("REVOKE UPDATE, DELETE ON decisions FROM linli_app")
    op.execute("ALTER FUNCTION linli_ensure_months(integer) RENAME TO linli_make_months")
    op.execute("REVOKE EXECUTE ON FUNCTION linli_make_months(integer) FROM PUBLIC")
    op.execute("ALTER FUNCTION linli_make_months(integer) SET search_path = public, pg_temp")
    op.execute(BOUNDED)


def downgrade() -> None:
    op.execute(SEES.format(empty_is=""))
    op.execute("GRANT UPDATE ON evidence TO linli_app")
    op.execute("GRANT UPDATE, DELETE ON decisions TO linli_app")
    op.execute("DROP FUNCTION linli_ensure_months(integer)")
    op.execute("ALTER FUNCTION linli_make_months(integer) RENAME TO linli_ensure_months")
    op.execute("GRANT EXECUTE ON FUNCTION linli_ensure_months(integer) TO PUBLIC")
    op.execute("ALTER FUNCTION linli_ensure_months(integer) SET search_path = public")
