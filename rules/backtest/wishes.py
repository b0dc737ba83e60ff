"""From signals in the order of their arrival to what a version wants of the cases, by the plain evaluator."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from domain.matters import Closing
from domain.places import UNPLACED
from rules.classify import cleared_keys, dedupe_key
from rules.compiled import Compiled, Opening
from rules.detections import Change, Detection
from rules.evaluate import verdict
from rules.perceiver import Perceiver
from rules.views import SignalView, micros


class Wish(NamedTuple):
    """A rule wants a case at `key`; or, `rule` None, what the case of the key was about is over.

    `at` is when that is known, `received_at` when the signal that decided came in: a case is as old as that. Both in
    microseconds. `rule` is its number among the version's rules; `child` which of its further cases (0: the main one).
    """

    at: int
    key: str
    rule: int | None
    child: int
    place: str
    device_id: str
    signal_id: str
    received_at: int

    def opening(self, compiled: Compiled) -> Opening | None:
        opens = None if self.rule is None else compiled.rules[self.rule].opens
        return opens.children[self.child - 1] if opens is not None and self.child else opens


class Player:
    """One version at work on the signals of one partition. `wishes` gathers what it wants, in the order of time."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._perceiver = Perceiver([compiled])
        opened = [opening for rule in compiled.rules if rule.opens for opening in (rule.opens, *rule.opens.children)]
        self._clears = any(opening.policy.closing is Closing.WHEN_CLEARED for opening in opened)
        self.wishes: list[Wish] = []

    def hear(self, signal: SignalView, at: datetime) -> None:
        """Takes in a signal that arrived at `at`."""
        self.rest(at)
        if found := self._perceiver.see(signal, at):
            self._conclude(found, micros(at))

    def rest(self, until: datetime) -> None:
        """Lets time pass: everything that falls due by then is judged at its own moment."""
        while (due := self._perceiver.next_due()) is not None and due <= until:
            self._conclude(self._perceiver.tick(due), micros(due))

    def _conclude(self, found: Iterable[Detection], at: int) -> None:
        for detection in found:
            if detection.change is not Change.ENDED:
                self._decide(detection, at)
            elif self._clears:
                self.wishes += [_wish(detection, at, key) for key in cleared_keys(self._compiled, detection)]

    def _decide(self, detection: Detection, at: int) -> None:
        """The first rule that holds decides, as in `rules.classify`; the others are not asked."""
        for number, rule in enumerate(self._compiled.rules):
            if rule.condition is None or verdict(rule.condition, detection.facts) is True:
                for child, opening in enumerate((rule.opens, *rule.opens.children) if rule.opens else ()):
                    key = dedupe_key(self._compiled, opening, detection)
                    self.wishes.append(_wish(detection, at, key, number, child))
                return


def _wish(detection: Detection, at: int, key: str, rule: int | None = None, child: int = 0) -> Wish:
    return Wish(
        at=at,
        key=key,
        rule=rule,
        child=child,
        place=detection.place or UNPLACED,
        device_id=detection.device_id,
        signal_id=detection.signal_id,
        received_at=micros(detection.received_at),
    )
