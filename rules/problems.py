"""What is wrong with a ruleset, said so that its author can mend it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where it is (`field` is dotted, `line` counts from 1), what was expected, the nearest valid name."""

    file: str
    line: int
    field: str
    reason: str
    fix: str = ""
    code: str = "invalid"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.reason}" + (f"（{self.fix}）" if self.fix else "")


class RulesetInvalid(ValueError):
    """A ruleset that must not run, with every fault that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def nearest(name: str, valid: Iterable[str]) -> str:
    """A sentence that helps who misspelt `name`: the nearest of `valid`, else all of them."""
    names = sorted(map(str, valid))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"是不是要写“{close[0]}”？"
    return "可以写：" + "、".join(names) if names else ""


def quoted(value: Any) -> str:
    """`value` as its author wrote it, in quotes."""
    return f"“{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)}”"
