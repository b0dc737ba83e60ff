"""What lint found, for the form: each finding stands beside the control that it names, else at the top of its part."""

from typing import Any

YAML, TEMPLATE = "ruleset.yaml", "template.zh.j2"


class Beside:
    """The findings that no control has shown yet."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        self._left = list(problems)

    def take(self, place: str) -> list[dict[str, Any]]:
        """Those of the part of the YAML at `place` (`perceive/over/enter`), which are shown by whoever asks."""
        dotted = place.replace("/", ".")
        here = [one for one in self._left if one["file"] == YAML and f"{one['field']}.".startswith(f"{dotted}.")]
        self._left = [one for one in self._left if one not in here]
        return here

    def of_template(self) -> list[dict[str, Any]]:
        here = [one for one in self._left if one["file"] == TEMPLATE]
        self._left = [one for one in self._left if one not in here]
        return here


def part_of(field: str) -> str:
    """The part of the form where a finding's `field` is, as its address says."""
    first, second, third = [*field.split("."), "", ""][:3]
    if first == "classify":
        return "table" if second == "columns" else f"rule-{third if second == 'rows' else second}"
    named = {"signals": "signal", "perceive": "perceive", "facts": "fact", "hours": "hours", "tests": "test-part"}
    if first in named:
        return f"{named[first]}-{second}"
    return "case" if first in ("case", "storm") else "about"
