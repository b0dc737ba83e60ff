"""What a new table would change of the one in force: rows added, changed field by field, removed."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules.tables import Cells


@dataclass(frozen=True, slots=True)
class ChangedCell:
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    key: str
    cells: tuple[ChangedCell, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows by their key; the order of rows does not count."""

    added: tuple[str, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def difference(before: Mapping[str, Cells], after: Mapping[str, Cells]) -> Difference:
    changed = (ChangedRow(key, _changed_cells(before[key], cells)) for key, cells in after.items() if key in before)
    return Difference(
        added=tuple(key for key in after if key not in before),
        changed=tuple(row for row in changed if row.cells),
        removed=tuple(key for key in before if key not in after),
    )


def _changed_cells(before: Cells, after: Cells) -> tuple[ChangedCell, ...]:
    return tuple(
        ChangedCell(column, before[column], cell) for column, cell in after.items() if before.get(column) != cell
    )
