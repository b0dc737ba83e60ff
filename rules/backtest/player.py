"""From signals in the order of their arrival to what a version wants of the cases, by the plain evaluator."""

from collections.abc import Iterable
from datetime import datetime

from domain.matters import Closing
from rules.compiled import Compiled
from rules.detections import Change, Detection
from rules.evaluate import verdict
from rules.perceiver import Perceiver
from rules.views import SignalView, micros
from rules.wishes import Wish, over, wanted


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
        """Lets time pass."""
        for due, found in self._perceiver.let_pass(until):
            self._conclude(found, micros(due))

    def _conclude(self, found: Iterable[Detection], at: int) -> None:
        for detection in found:
            if detection.change is not Change.ENDED:
                self._decide(detection, at)
            elif self._clears:
                self.wishes += over(self._compiled, detection, at)

    def _decide(self, detection: Detection, at: int) -> None:
        """The first rule that holds decides, as in `rules.classify`; the others are not asked."""
        for number, rule in enumerate(self._compiled.rules):
            if rule.condition is None or verdict(rule.condition, detection.facts) is True:
                if wish := wanted(self._compiled, detection, at, number):
                    self.wishes.append(wish)
                return
