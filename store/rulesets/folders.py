"""What was last seen of the folders that rulesets are copied into: which version each became, or what is wrong."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from rules.problems import Problem
from store.pool import Connection

STILL_CHANGING = "still-changing"  # the code of a problem
Origin = Literal["shipped", "home"]
KEEP = """
    INSERT INTO ruleset_folders (origin, name, digest, hash, problems) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (origin, name) DO UPDATE
    SET digest = excluded.digest, hash = excluded.hash, problems = excluded.problems, seen_at = clock_timestamp()"""
ALL = "SELECT origin, name, digest, hash, problems, seen_at FROM ruleset_folders ORDER BY name, origin"
TAKEN = """
    SELECT EXISTS (SELECT FROM ruleset_folders f JOIN rulesets r ON r.hash = f.hash
                   WHERE f.origin = %s AND f.name = %s AND f.digest = %s)"""
DROP_OTHERS = "DELETE FROM ruleset_folders WHERE origin = %s AND NOT name = ANY (%s)"


@dataclass(frozen=True)
class Folder:
    """`hash` None: it cannot run, for the reasons in `problems`.

    `digest` is of the files as they lay there and of what they were compiled beside.
    """

    origin: Origin
    name: str
    digest: str
    hash: str | None
    problems: tuple[Problem, ...]
    seen_at: datetime

    @property
    def still_changing(self) -> bool:
        """Since `seen_at`; it is taken once it lies still."""
        return any(problem.code == STILL_CHANGING for problem in self.problems)


async def folders(connection: Connection) -> list[Folder]:
    """All folders, by name."""
    found = await connection.execute(ALL)
    return [
        Folder(origin, name, digest, version, tuple(Problem(**problem) for problem in problems), seen_at)
        for origin, name, digest, version, problems, seen_at in await found.fetchall()
    ]


async def is_taken(connection: Connection, origin: Origin, name: str, digest: str) -> bool:
    """Whether a version was made of just this."""
    row = await (await connection.execute(TAKEN, (origin, name, digest))).fetchone()
    return row is not None and bool(row[0])


def in_json(problems: Sequence[Problem]) -> str:
    """As the store keeps them."""
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False)


async def keep_folder(
    connection: Connection, origin: Origin, name: str, digest: str, hash_: str | None, problems: Sequence[Problem] = ()
) -> None:
    await connection.execute(KEEP, (origin, name, digest, hash_, in_json(problems)))


async def forget_folders(connection: Connection, origin: Origin, left: Sequence[str]) -> None:
    """Folders that are there no more, all but `left`, are shown no more; the versions they became stay."""
    await connection.execute(DROP_OTHERS, (origin, list(left)))
