"""What an open case covers: muted and joined matters, storms; and who acts on it beside the handler.

`decisions.effect`: what became of the matter that a decision wanted. Each unit that is called to act beside the
handler (会办) has a task of its own.

Revision ID: 0015
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

EFFECT = """
    ALTER TABLE decisions ADD COLUMN effect text
        CHECK (effect IN ('opened', 'again', 'reopened', 'muted', 'joined', 'storm', 'none'))"""
CASES = "ALTER TABLE cases ADD COLUMN parent uuid REFERENCES cases (id)"
INDEXES = {
    "decisions_covered": "decisions (case_id, at DESC, id DESC) WHERE effect IN ('muted', 'joined', 'storm')",
    "cases_of_ruleset": "cases (ruleset, received_at)",
    "cases_open_of_ruleset": "cases (ruleset, place) WHERE closed_at IS NULL",
    "cases_closed_key": "cases (dedupe_key, closed_at DESC) WHERE closed_at IS NOT NULL",
    "cases_by_parent": "cases (parent) WHERE parent IS NOT NULL",
    "tasks_joint": "tasks (unit) WHERE kind = 'answer_joint' AND done_at IS NULL",
}
TASKS_OPEN = (
    "DROP INDEX tasks_open",
    "CREATE UNIQUE INDEX tasks_open ON tasks (case_id, kind, coalesce(unit, '')) WHERE done_at IS NULL",
)


def upgrade() -> None:
    op.execute(EFFECT)
    op.execute(CASES)
    for name, index in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {index}")
    for statement in TASKS_OPEN:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM tasks WHERE kind = 'answer_joint'")
    op.execute("DROP INDEX tasks_open")
    op.execute("CREATE UNIQUE INDEX tasks_open ON tasks (case_id, kind) WHERE done_at IS NULL")
    op.execute(f"DROP INDEX {', '.join(INDEXES)}")
    op.execute("ALTER TABLE cases DROP COLUMN parent")
    op.execute("ALTER TABLE decisions DROP COLUMN effect")
