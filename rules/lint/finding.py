"""What a check says of a ruleset."""

from typing import NamedTuple

from rules.reading import Path


class Finding(NamedTuple):
    """`path` is where its author wrote it, `reason` what is wrong there, `fix` what would mend it."""

    path: Path
    code: str
    reason: str
    fix: str = ""
