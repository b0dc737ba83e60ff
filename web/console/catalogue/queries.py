"""What the pages of the catalogue show of what is in force."""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.catalogue import Category
from rules.duties import Duty, Part
from store.catalogue import InForce

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What one looks for; empty: everything."""

    q: str = ""
    kind: str = ""
    group: str = ""  # the large class, 大类
    unit: str = ""
    part: str = ""

    @property
    def query(self) -> dict[str, str]:
        return dict(vars(self))


@dataclass(frozen=True)
class Line:
    """A category with who leads and who handles, as kinds of units."""

    category: Category
    leads: tuple[str, ...]
    handlers: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    lines: list[Line]
    total: int
    next: str


def listed(now: InForce, wanted: Wanted, after: str) -> Listed:
    """A page of categories in the order of the table, behind the code `after`."""
    duties = _by_category(now)
    found = [_line(category, duties.get(category.code, ())) for category in _found(now, wanted)]
    behind = _behind([line.category.code for line in found], after)
    shown = found[behind : behind + PAGE]
    return Listed(shown, len(found), shown[-1].category.code if behind + PAGE < len(found) else "")


def _found(now: InForce, wanted: Wanted) -> Iterator[Category]:
    text = wanted.q.casefold()
    for category in now.catalogue.values():
        said = (category.code, category.label_zh, category.label_en, category.filing, *category.codes.values())
        if (
            (not text or any(text in one.casefold() for one in said))
            and wanted.kind in ("", category.kind)
            and wanted.group in ("", category.class_zh)
        ):
            yield category


def _by_category(now: InForce) -> dict[str, tuple[Duty, ...]]:
    found: dict[str, list[Duty]] = {}
    for duty in now.duties.items:
        found.setdefault(duty.category, []).append(duty)
    return {code: tuple(duties) for code, duties in found.items()}


def _line(category: Category, duties: tuple[Duty, ...]) -> Line:
    leads, handlers = (tuple(d.unit_kind for d in duties if d.part is part) for part in (Part.LEAD, Part.HANDLE))
    return Line(category, leads, handlers)


def _behind(keys: list[str], after: str) -> int:
    return keys.index(after) + 1 if after in keys else 0


@dataclass(frozen=True)
class ListedDuties:
    duties: list[Duty]
    total: int
    next: str


def listed_duties(now: InForce, wanted: Wanted, after: str) -> ListedDuties:
    """A page of duties in the order of the table, behind the duty of the key `after`."""
    text = wanted.q.casefold()
    found = [
        duty
        for duty in now.duties.items
        if wanted.unit in ("", duty.unit_kind)
        and wanted.part in ("", duty.part)
        and (not text or any(text in one.casefold() for one in _said(now, duty)))
    ]
    behind = _behind([duty.key for duty in found], after)
    shown = found[behind : behind + PAGE]
    return ListedDuties(shown, len(found), shown[-1].key if behind + PAGE < len(found) else "")


def _said(now: InForce, duty: Duty) -> tuple[str, ...]:
    category = now.catalogue.get(duty.category)
    return (duty.category, category.label_zh if category else "", duty.ground, duty.note)
