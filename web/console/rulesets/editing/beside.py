"""What lint found, for the form: each finding stands beside the control that it names, else at the top of its part."""

from typing import Any

YAML, TEMPLATE = "ruleset.yaml", "template.zh.j2"


class Beside:
    """The findings that no control has shown yet."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        self._within: dict[str, list[int]] = {}  # every part that a finding is in, so that no control reads all of them
        self._left = dict(enumerate(problems))
        for number, one in self._left.items():
            for part in _parts(one["field"]) if one["file"] == YAML else ():
                self._within.setdefault(part, []).append(number)

    def take(self, place: str) -> list[dict[str, Any]]:
        """Those of the part of the YAML at `place` (`perceive/over/enter`), which are shown by whoever asks."""
        within = self._within.pop(place.replace("/", "."), [])
        return [self._left.pop(number) for number in within if number in self._left]

    def of_template(self) -> list[dict[str, Any]]:
        here = [number for number, one in self._left.items() if one["file"] == TEMPLATE]
        return [self._left.pop(number) for number in here]


def _parts(field: str) -> list[str]:
    """`a.b.c` is in `a`, `a.b` and itself."""
    words = field.split(".")
    return [".".join(words[:count]) for count in range(1, len(words) + 1)]


def part_of(field: str) -> str:
    """The part of the form where a finding's `field` is, as its address says."""
    first, second, third = [*field.split("."), "", ""][:3]
    if first == "classify":
        return "table" if second == "columns" else f"rule-{third if second == 'rows' else second}"
    named = {"signals": "signal", "perceive": "perceive", "facts": "fact", "hours": "hours", "tests": "test-part"}
    if first in named:
        return f"{named[first]}-{second}"
    return "case" if first in ("case", "storm") else "about"
