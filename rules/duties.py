"""The list of duties (权责清单): which kind of unit leads, handles or assists in which category, and on what ground."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from rules.catalogue import Catalogue
from rules.problems import Problem, RulesetInvalid, nearest
from rules.tables import Cells, Column, Reader, Table, one_of, read_cells, read_csv, required, write_csv

DUTIES = "duties.csv"
COLUMNS = (
    Column("unit_kind", "单位种类"),
    Column("category", "类别编码"),
    Column("part", "职责", {"lead": "牵头", "handle": "处置", "assist": "协助"}),
    Column("ground", "依据"),
    Column("note", "备注"),
)


class Part(StrEnum):
    """What a unit has to do with a category."""

    LEAD = "lead"
    HANDLE = "handle"
    ASSIST = "assist"


@dataclass(frozen=True, slots=True)
class Duty:
    unit_kind: str
    category: str
    part: Part
    ground: str  # the law, regulation or agreement it rests on
    note: str

    @property
    def key(self) -> str:
        return f"{self.unit_kind}/{self.category}/{self.part}"


@dataclass(frozen=True)
class Duties:
    """Every duty, in the order of the table."""

    items: tuple[Duty, ...] = ()

    def of(self, category: str) -> tuple[Duty, ...]:
        """Who has to do with `category`."""
        return tuple(duty for duty in self.items if duty.category == category)

    def lacks(self, handler: str, category: str) -> bool:
        """Whether nothing says that units of the kind `handler` do the work of `category`.

        Also where the category has no duty at all; never where there is no list of duties.
        """
        return bool(self.items) and (handler, category) not in self._handled

    @cached_property
    def _handled(self) -> AbstractSet[tuple[str, str]]:
        return frozenset((duty.unit_kind, duty.category) for duty in self.items if duty.part is Part.HANDLE)


_READERS: dict[str, Reader] = {
    "unit_kind": required,
    "category": required,
    "part": one_of({part.value: part for part in Part}),
    "ground": required,
    "note": str,
}


def load_duties(path: Path, catalogue: Catalogue | None = None, kinds: AbstractSet[str] | None = None) -> Duties:
    """Reads duties.csv; raises RulesetInvalid naming line and column."""
    return read_duties(path.read_text(encoding="utf-8-sig"), path.name, catalogue, kinds)


def read_duties(
    text: str, file: str, catalogue: Catalogue | None = None, kinds: AbstractSet[str] | None = None
) -> Duties:
    return duties_of(read_csv(text, file, COLUMNS), catalogue, kinds)


def duties_of(table: Table, catalogue: Catalogue | None = None, kinds: AbstractSet[str] | None = None) -> Duties:
    """The duties of `table`; `kinds` are the kinds of units there are. What is None is not checked.

    Raises RulesetInvalid with every fault, each with its line and column.
    """
    found: dict[str, Duty] = {}
    problems: list[Problem] = []
    for row in table.rows:
        values, faults = read_cells(row.cells, _READERS)
        kind, category = row.cells["unit_kind"], row.cells["category"]
        if category and catalogue is not None and category not in catalogue:
            faults.append(("category", f"目录里没有类别 {category!r}"))
        if kind and kinds is not None and kind not in kinds:
            faults.append(("unit_kind", f"没有 {kind!r} 这种单位"))
        if not faults:
            duty = Duty(**values)
            if found.setdefault(duty.key, duty) is not duty:
                faults.append(("part", "同一项职责写了两次"))
        near = {"category": (category, catalogue or ()), "unit_kind": (kind, kinds or ())}
        problems += [
            Problem(table.file, row.line, column, reason, nearest(*near[column]) if column in near else "")
            for column, reason in faults
        ]
    if problems:
        raise RulesetInvalid(problems)
    return Duties(tuple(found.values()))


def cells_of(duty: Duty) -> Cells:
    """The duty as a row of the table."""
    return {column.name: str(getattr(duty, column.name)) for column in COLUMNS}


def as_csv(duties: Iterable[Duty]) -> str:
    return write_csv(COLUMNS, map(cells_of, duties))
