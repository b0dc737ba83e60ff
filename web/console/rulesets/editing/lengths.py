"""Lengths of time as people write them. Runs at the workbench."""

from rules.durations import in_words
from rules.reading import Path
from web.console.rulesets.creating.shapes import duration

LENGTHS = frozenset({"for", "within", "late", "over", "per", "every", "at", "return_within", "reopen_within"})


def shortened(path: Path, given: str) -> str:
    """`5 分钟` as the language has it (`5m`) where `path` says how long; all else as it was written."""
    if path[-1] not in LENGTHS and path[-2:-1] != ("sla",):
        return given
    return short(given)


def short(given: str) -> str:
    try:
        return given if given.isascii() else in_words(duration(given))
    except ValueError:
        return given
