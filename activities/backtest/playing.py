"""A backtest at work: two processes play the partitions of the inbox apart from each other, this one compares.

The processes are made for one backtest: what one holds, or breaks, goes with it. They run in this process's own
session, at its niceness, and end when it does.
"""

import multiprocessing
import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import NamedTuple
from zoneinfo import ZoneInfo

import psycopg

from activities.backtest.feed import Stretch, counts, signals
from domain.calendars import Calendar
from rules.backtest import Difference, Player, RealCase, Wish, cases_of, difference
from rules.backtest.cases import by_key
from rules.backtest.reach import reach, sees_beyond_partitions
from rules.catalogue import Catalogue
from rules.compiled import Compiled
from rules.load import from_texts

PROCESSES = 2
WORTH_TWO = 20_000  # signals; fewer are played before a second process has started
MEMORY = 2 * 1024**3  # bytes of address space that a process may take
MOST_WISHES = 500_000  # of one process: past that a version opens cases for everything it hears
REPORT_EVERY = 0.5  # seconds
LOOK_EVERY = 500  # signals between two looks at the clock


class Texts(NamedTuple):
    """A version as it is written."""

    ruleset: str
    definition: str
    template: str


class BacktestFailed(Exception):
    """`code` says why: too-many-cases, out-of-memory, worker-died, or what was raised in a process."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


class Cancelled(Exception):
    """Somebody does not want to know any more."""


class Beside(NamedTuple):
    """What versions are compiled with; `calendar` None: the shipped one."""

    catalogue: Catalogue
    zone: str
    calendar: Calendar | None


def versions_of(tried: Texts, against: Texts | None, beside: Beside) -> tuple[Compiled, ...]:
    """As they run; one where both are the same. Raises RulesetInvalid."""
    catalogue, zone, calendar = beside
    both = (tried, against)
    found = [from_texts(*texts, catalogue, ZoneInfo(zone), calendar) for texts in both if texts is not None]
    return tuple({compiled.hash: compiled for compiled in found}.values())


@dataclass(frozen=True)
class Ask:
    """What is to be played: `tried` beside `against` (None: beside nothing), over what arrived from `since` on."""

    dsn: str
    tried: Texts
    against: Texts | None
    beside: Beside
    since: datetime
    until: datetime
    area: str | None = None

    def versions(self) -> tuple[Compiled, ...]:
        """The version that is tried and the other; one where both are the same. Raises RulesetInvalid."""
        return versions_of(self.tried, self.against, self.beside)

    def rulesets(self) -> tuple[str, ...]:
        """Its own, and those whose open cases may cover its own. Raises RulesetInvalid."""
        read = [
            correlation.ruleset
            for compiled in self.versions()
            for rule in compiled.rules
            if rule.opens is not None
            for opening in (rule.opens, *rule.opens.children)
            for correlation in opening.correlate
        ]
        return tuple(dict.fromkeys((self.tried.ruleset, *read)))

    def stretch(self, versions: Sequence[Compiled]) -> Stretch:
        """With what the versions must have heard before."""
        warm = max(map(reach, versions))
        types = tuple(sorted({kind for compiled in versions for kind in compiled.routes}))
        return Stretch(self.since - warm, self.until, types, self.area)


@dataclass(frozen=True)
class Played:
    signals: int  # of the period itself
    difference: Difference
    seconds: float


Report = Callable[[int, int], None]  # signals done, of so many; raises Cancelled to end it


def play(ask: Ask, real: Sequence[RealCase], report: Report) -> Played:
    """Plays both versions and compares; `real` are the cases of the ruleset and of those that may cover its own.

    Raises BacktestFailed, Cancelled, RulesetInvalid, psycopg.Error.
    """
    began = monotonic()
    versions = ask.versions()
    stretch = ask.stretch(versions)
    with psycopg.connect(ask.dsn, autocommit=True) as connection:
        of_partition = counts(connection, stretch)
        counted = sum(counts(connection, stretch._replace(since=ask.since)).values())
    total = sum(of_partition.values())
    report(0, total)
    apart = total >= WORTH_TWO and not any(map(sees_beyond_partitions, versions))
    shares = list(_shares(of_partition, PROCESSES if apart else 1))
    wishes = _wishes(ask, shares, lambda done: report(done, total)) if total else [[] for _ in versions]
    mine = [case for case in real if case.key.startswith(f"{ask.tried.ruleset}/")]
    others = [case for case in real if not case.key.startswith(f"{ask.tried.ruleset}/")]
    runs = [
        cases_of(compiled, wished, by_key(mine), ask.since, ask.area, others)
        for compiled, wished in zip(versions, wishes, strict=True)
    ]
    report(total, total)
    found = difference(runs[0], runs[-1] if ask.against else [], mine, ZoneInfo(ask.beside.zone))
    return Played(counted, found, monotonic() - began)


def _shares(of_partition: dict[int, int], count: int) -> Iterator[list[int]]:
    """The partitions dealt out so that each share holds about as many signals."""
    loads = [0] * count
    shares: list[list[int]] = [[] for _ in range(count)]
    for partition, signals_in_it in sorted(of_partition.items(), key=lambda found: -found[1]):
        least = loads.index(min(loads))
        shares[least].append(partition)
        loads[least] += signals_in_it
    yield from (share for share in shares if share)


def _wishes(ask: Ask, shares: Sequence[list[int]], report: Callable[[int], None]) -> list[list[Wish]]:
    """What each version wants, of all shares, in the order of time."""
    spawn = multiprocessing.get_context("spawn")
    pipes: dict[Pipe, BaseProcess] = {}
    try:
        for share in shares:
            ours, theirs = spawn.Pipe(duplex=False)
            process: BaseProcess = spawn.Process(target=_play_share, args=(ask, share, theirs), daemon=True)
            process.start()
            theirs.close()
            pipes[ours] = process
        found = _gathered(pipes, report)
    finally:
        for started in pipes.values():
            started.terminate()
            started.join()
    by_version = zip(*found, strict=True)
    return [sorted(chain(*parts), key=lambda wish: (wish.at, wish.key)) for parts in by_version]


def _gathered(pipes: dict[Pipe, BaseProcess], report: Callable[[int], None]) -> list[list[list[Wish]]]:
    done = dict.fromkeys(pipes, 0)
    found: list[list[list[Wish]]] = []
    waiting = set(pipes)
    while waiting:
        for pipe in wait(list(waiting), timeout=REPORT_EVERY):
            assert isinstance(pipe, Pipe)  # noqa: S101 - only pipes are waited for
            try:
                said, value = pipe.recv()
            except EOFError:
                raise BacktestFailed("worker-died", f"exit code {pipes[pipe].exitcode}") from None
            match said:
                case "failed":
                    raise BacktestFailed(*value)
                case "found":
                    found.append(value)
                    waiting.discard(pipe)
                case _:
                    done[pipe] = value
        report(sum(done.values()))
    return found


def _play_share(ask: Ask, partitions: list[int], pipe: Pipe) -> None:
    """In a process of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        pipe.send(("found", _played(ask, partitions, pipe)))
    except BrokenPipeError:
        return  # nobody listens any more
    except MemoryError:
        pipe.send(("failed", ("out-of-memory", "")))
    except BacktestFailed as failed:
        pipe.send(("failed", (failed.code, str(failed))))
    except Exception as error:  # noqa: BLE001 - the other process tells it, with its kind
        pipe.send(("failed", (type(error).__name__, str(error))))


def _played(ask: Ask, partitions: list[int], pipe: Pipe) -> list[list[Wish]]:
    versions = ask.versions()
    players = [Player(compiled) for compiled in versions]
    told, number = monotonic(), 0
    with psycopg.connect(ask.dsn, autocommit=True) as connection:
        for number, (signal, at) in enumerate(signals(connection, ask.stretch(versions), partitions), 1):
            for player in players:
                player.hear(signal, at)
            if number % LOOK_EVERY == 0 and monotonic() - told > REPORT_EVERY:
                told = monotonic()
                pipe.send(("done", number))
                if any(len(player.wishes) > MOST_WISHES for player in players):
                    raise BacktestFailed("too-many-cases")
    for player in players:
        player.rest(ask.until)
    pipe.send(("done", number))
    return [player.wishes for player in players]
