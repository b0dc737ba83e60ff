"""Writes docs/scenarios/README.md out of the rulesets: `python -m docs.generate` in the project's folder."""  # noqa: INP001

import csv
from collections.abc import Iterator
from pathlib import Path

import yaml

from adapters.manifests import HERE as ADAPTERS
from rules.compiled import Compiled
from rules.findings import FOLDER as PATROL
from rules.load import load_all
from settings.model import RULESETS

HERE = Path(__file__).parent / "scenarios"
PAGE = HERE / "README.md"
PAGES_OF_PEOPLE = {"report": "the residents' and the desk's report pages"}
HEAD = """\
# The incident scenarios and how far each is

*Generated from `rulesets/` and `docs/scenarios/incident.csv` by `python -m docs.generate`; do not edit by hand.*

Every scenario has a folder in `rulesets/` with its rules, its template, its numbers with their reasons, and its tests.
The standards and laws that they name, and where each was checked: [sources](sources.md).
"Arrives through" names the adapter that reads such a message today. Where it says *ready made*, no adapter reads the
vendor's own message yet: a gateway sends the signal in [our own format](../../adapters/plain/README.md).

| scenario | | rules | tests | signals | arrives through |
| --- | --- | ---: | ---: | --- | --- |
"""


def page() -> str:
    compiled = {one.id: one for one in load_all(RULESETS)}
    adapters = dict(_brought())
    with (HERE / "incident.csv").open(encoding="utf-8", newline="") as rows:
        return HEAD + "".join(_row(row["id"], row["label"], compiled, adapters) for row in csv.DictReader(rows))


def _brought() -> Iterator[tuple[str, str]]:
    """Each type of signal that an adapter's mapping makes, with the adapter."""
    for path in sorted(ADAPTERS.glob("*/mapping.yaml")):
        for made in yaml.safe_load(path.read_text(encoding="utf-8")).get("signals", ()):
            yield made["type"], path.parent.name


def _row(scenario: str, label: str, compiled: dict[str, Compiled], adapters: dict[str, str]) -> str:
    if scenario == PATROL:
        link = f"[`{scenario}`](../../rulesets/{scenario}/README.md)"
        return f"| {link} | {label} | – | – | found by people | the grid worker's phone |\n"
    of = compiled[scenario]
    types = list(dict.fromkeys(listened.type for listened in of.signals.values()))
    ways = list(dict.fromkeys(adapters.get(kind) or PAGES_OF_PEOPLE.get(kind, "*ready made*") for kind in types))
    cells = [
        f"[`{scenario}`](../../rulesets/{scenario}/README.md)",
        label,
        str(len(of.rules)),
        str(len(of.form.tests)),
        ", ".join(f"`{kind}`" for kind in types),
        ", ".join(ways),
    ]
    return f"| {' | '.join(cells)} |\n"
