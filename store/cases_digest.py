"""What cases there are, as one number: whichever ids they got and whenever their signals arrived."""

from hashlib import sha256
from typing import Any

from domain.canonical import canonical_json
from store.pool import Pool

CASES = "SELECT ruleset, dedupe_key, category, priority, tier, unit FROM cases"


def digest_of(cases: list[tuple[Any, ...]]) -> str:
    """SHA-256 over the sorted list of (ruleset, matter, dedupe key, category, priority, tier, unit)."""
    spoken = [[ruleset, key.split("/", 2)[1], key, *rest] for ruleset, key, *rest in cases]
    return sha256(canonical_json(sorted(spoken, key=canonical_json)).encode()).hexdigest()


async def cases_digest(connections: Pool) -> tuple[str, int]:
    """The digest of all cases, open and closed, and how many there are."""
    async with connections.connection() as connection:
        found = await (await connection.execute(CASES)).fetchall()
    return digest_of(found), len(found)
