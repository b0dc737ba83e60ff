"""docs/scenarios/sources.md has every standard and every law that the rulesets lean on, with where it was checked."""

import re

from docs.scenario_list import HERE
from settings.model import RULESETS

SOURCES = HERE / "sources.md"
CITING = (
    *sorted(RULESETS.glob("*/README.md")),
    *(RULESETS / name for name in ("duties.csv", "catalogue.yaml")),
    *(HERE / "incident.csv", HERE.parent / "glossary.md"),
)
STANDARD = r"(?:GB/T|GB|GBZ|GA|HJ|JGJ|CJ/T|CJJ|TSG T|DB31/)\s?\d[\d.]*(?:-\d{2,4})?"
CITATION = re.compile(STANDARD + r"|《[^》]+》")
CHECKED = re.compile(r"https?://|\btext\b")


def cited() -> dict[str, str]:
    """Each citation, with a file that has it."""
    return {found: str(path) for path in CITING for found in CITATION.findall(path.read_text(encoding="utf-8"))}


def sources() -> dict[str, str]:
    """Each source, by what its line begins with, and where it was checked."""
    rows = (line.strip("| \n").split(" | ") for line in SOURCES.read_text(encoding="utf-8").splitlines())
    return {found[0]: row[-1] for row in rows if len(row) > 2 and (found := CITATION.match(row[0]))}


def covers(source: str, citation: str) -> bool:
    """An undated citation stands for any edition and any part."""
    return source == citation or source.startswith((f"{citation}-", f"{citation}."))


def test_every_citation_stands_in_the_list_of_sources() -> None:
    listed = sources()
    missing = {one: file for one, file in cited().items() if not any(covers(source, one) for source in listed)}
    assert missing == {}


def test_every_source_is_cited_by_somebody() -> None:
    assert [one for one in sources() if not any(covers(one, citation) for citation in cited())] == []


def test_every_source_says_where_it_was_checked_or_that_it_was_not() -> None:
    assert len(sources()) > 50
    assert [one for one, checked in sources().items() if not CHECKED.search(checked)] == []
