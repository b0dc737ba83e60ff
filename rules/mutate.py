"""Which small changes of a ruleset its own tests do not notice."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.calendars import Calendar
from rules.catalogue import Catalogue
from rules.compile import SHANGHAI, compile_ruleset
from rules.compiled import Compiled
from rules.load import calendar_beside, catalogue_beside, load_folder
from rules.mutants import Kind, Mutant, mutants_of
from rules.problems import RulesetInvalid
from rules.testing import run_test
from settings.model import RULESETS

_FEW = 40  # changes that one process tries before it would pay to start another


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no test notices."""

    kind: Kind
    file: str
    line: int
    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Mutated:
    """`equivalent` are the changes that provably change nothing."""

    ruleset: str
    killed: int
    equivalent: int
    survivors: tuple[Survivor, ...]

    @property
    def moved_thresholds(self) -> tuple[Survivor, ...]:
        return tuple(survivor for survivor in self.survivors if survivor.kind is Kind.THRESHOLD)


@dataclass(frozen=True)
class _Bench:
    """A ruleset with what it is compiled against, and every change of it."""

    compiled: Compiled
    catalogue: Catalogue
    calendar: Calendar
    mutants: tuple[Mutant, ...]

    @classmethod
    def of(cls, folder: Path, zone: ZoneInfo, only: Kind | None, calendar: Calendar | None) -> "_Bench":
        working_days = calendar or calendar_beside(folder)
        compiled = load_folder(folder, zone, working_days)
        mutants = tuple(mutant for mutant in mutants_of(compiled) if only in {None, mutant.kind})
        return cls(compiled, catalogue_beside(folder), working_days, mutants)

    def variant(self, mutant: Mutant) -> Compiled | None:
        """The ruleset with the change; None where it is none any more, which nobody could overlook."""
        document = mutant.applied(self.compiled.document)
        given = (self.compiled.template_text, self.catalogue, self.compiled.zone, self.calendar)
        try:
            return compile_ruleset(document, *given)
        except RulesetInvalid:
            return None

    def unnoticed(self, chosen: Sequence[int]) -> list[int]:
        """Those of the `chosen` changes that every test passes with."""
        return [index for index in chosen if self._passes(self.variant(self.mutants[index]))]

    def _passes(self, variant: Compiled | None) -> bool:
        return variant is not None and all(run_test(variant, example).passed for example in variant.form.tests)


def mutate(
    folder: Path,
    zone: ZoneInfo = SHANGHAI,
    processes: int = 1,
    only: Kind | None = None,
    calendar: Calendar | None = None,
) -> Mutated:
    """Tries every change (`only` those of one kind) of the ruleset in `folder`; `calendar` as in `load_folder`.

    Raises RulesetInvalid where it cannot run as it is.
    """
    bench = _Bench.of(folder, zone, only, calendar)
    return _mutated(bench, _tried(bench, folder, processes, only))


def mutate_compiled(compiled: Compiled, catalogue: Catalogue, calendar: Calendar | None = None) -> Mutated:
    """The same of a ruleset that lies in no folder; `calendar`: as it was compiled with, None: the shipped one."""
    working_days = calendar or calendar_beside(RULESETS / compiled.id)
    bench = _Bench(compiled, catalogue, working_days, tuple(mutants_of(compiled)))
    return _mutated(bench, bench.unnoticed(range(len(bench.mutants))))


def _mutated(bench: _Bench, chosen: Sequence[int]) -> Mutated:
    unnoticed = [bench.mutants[index] for index in chosen]
    survivors = [mutant for mutant in unnoticed if not _same(bench.compiled, bench.variant(mutant))]
    killed = len(bench.mutants) - len(unnoticed)
    said = tuple(_survivor(bench.compiled, mutant) for mutant in survivors)
    return Mutated(bench.compiled.id, killed, len(unnoticed) - len(survivors), said)


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tried(bench: _Bench, folder: Path, processes: int, only: Kind | None) -> list[int]:
    count = len(bench.mutants)
    if processes == 1 or count <= _FEW:
        return bench.unnoticed(range(count))
    beside = (folder, bench.compiled.zone, only, bench.calendar)
    shares = [(*beside, range(start, count, processes)) for start in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return sorted(index for found in pool.map(_work, shares) for index in found)


def _work(given: tuple[Path, ZoneInfo, Kind | None, Calendar, Sequence[int]]) -> list[int]:
    folder, zone, only, calendar, chosen = given
    return _Bench.of(folder, zone, only, calendar).unnoticed(chosen)


def _same(compiled: Compiled, variant: Compiled | None) -> bool:
    from rules.lint.same import decides_the_same  # noqa: PLC0415 - z3 takes a tenth of a second to load

    return variant is not None and decides_the_same(compiled, variant)


def _survivor(compiled: Compiled, mutant: Mutant) -> Survivor:
    document = compiled.document
    field = ".".join(map(str, mutant.path))
    return Survivor(mutant.kind, document.file, document.line_of(mutant.path), field, mutant.words)
