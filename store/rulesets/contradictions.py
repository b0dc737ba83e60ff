"""Where what is written of a version is not what its steps amount to."""

from store.pool import Connection
from store.rulesets.steps import standing
from store.rulesets.versions import versions

ALL = "SELECT DISTINCT id FROM rulesets ORDER BY id"


async def contradictions(connection: Connection) -> list[str]:
    """One line for each such version; none where all is well."""
    found = []
    for (ruleset,) in await (await connection.execute(ALL)).fetchall():
        stands = (await standing(connection, ruleset)).versions
        for row in await versions(connection, ruleset):
            version = stands.get(row.hash)
            if version is None or (version.stage, version.areas) != (row.stage, tuple(row.areas)):
                meant = version.stage.value if version else "unknown"
                found.append(f"{ruleset}@{row.hash[:12]}: {row.stage.value}, by its steps {meant}")
    return found
