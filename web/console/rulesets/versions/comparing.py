"""Two texts side by side, what is the same in long stretches left out."""

from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 3  # lines that are shown on either side of a change


@dataclass(frozen=True)
class Row:
    """A line of each side with its number; `kind`: same, changed, added, removed, or skipped (`lines` of them)."""

    kind: str
    before: tuple[int, str] | None = None
    after: tuple[int, str] | None = None
    lines: int = 0


def rows_of(before: str, after: str) -> list[Row]:
    """Nothing where both say the same."""
    left, right = before.splitlines(), after.splitlines()
    found: list[Row] = []
    if left == right:
        return found
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            found += _same(left, a, b, c, first=a == 0, last=b == len(left) and d == len(right))
            continue
        for n in range(max(b - a, d - c)):
            old = (a + n + 1, left[a + n]) if a + n < b else None
            new = (c + n + 1, right[c + n]) if c + n < d else None
            found.append(Row("changed" if old and new else "added" if new else "removed", old, new))
    return found


def _same(left: list[str], a: int, b: int, c: int, *, first: bool, last: bool) -> list[Row]:
    rows = [Row("same", (n + 1, left[n]), (c + n - a + 1, left[n])) for n in range(a, b)]
    head, tail = (0 if first else AROUND), (0 if last else AROUND)
    if len(rows) <= head + tail + 1:
        return rows
    hidden = Row("skipped", lines=len(rows) - head - tail)
    return [*rows[:head], hidden, *rows[len(rows) - tail :]]
