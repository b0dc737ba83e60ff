"""The shipped rulesets, as versions in the table `rulesets`."""

from pathlib import Path

import psycopg

from rules.load import load_all
from settings.model import RULESETS


def load_rulesets(owner_dsn: str, folder: Path = RULESETS) -> None:
    """Make what lies in `folder` the active version of each ruleset, and retire the version it replaces. Idempotent.

    A version that somebody moved to draft, shadow or canary stays there. Raises RulesetInvalid before anything
    is written.
    """
    shipped = load_all(folder)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('linli.rulesets', 0))")
        for compiled in shipped:
            known = connection.execute("SELECT stage FROM rulesets WHERE hash = %s", (compiled.hash,)).fetchone()
            if known is not None and known[0] != "retired":
                continue
            connection.execute(
                "UPDATE rulesets SET stage = 'retired' WHERE id = %s AND stage = 'active'", (compiled.id,)
            )
            source = folder / compiled.id
            connection.execute(
                """INSERT INTO rulesets (hash, id, stage, definition, template) VALUES (%s, %s, 'active', %s, %s)
                   ON CONFLICT (hash) DO UPDATE SET stage = 'active'""",
                (
                    compiled.hash,
                    compiled.id,
                    (source / "ruleset.yaml").read_text(encoding="utf-8"),
                    (source / "template.zh.j2").read_text(encoding="utf-8"),
                ),
            )
