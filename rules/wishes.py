"""What a version wants of the cases: one wish for each decision that opens something, one for each key that is over."""

from typing import NamedTuple

from domain.places import UNPLACED
from rules.classify import cleared_keys, dedupe_key
from rules.compiled import Compiled, Opening
from rules.detections import Detection
from rules.views import micros


class Wish(NamedTuple):
    """A rule wants a case at `key`; or, `rule` None, what the case of the key was about is over.

    `at` is when that is known, `received_at` when the signal that decided came in: a case is as old as that. Both in
    microseconds. `rule` is its number among the version's rules.
    """

    at: int
    key: str
    rule: int | None
    place: str
    device_id: str
    signal_id: str
    received_at: int

    def opening(self, compiled: Compiled) -> Opening | None:
        return None if self.rule is None else compiled.rules[self.rule].opens

    def of_child(self, compiled: Compiled, child: Opening) -> "Wish":
        """The same of a further case that comes with it."""
        return self._replace(key=dedupe_key(compiled, child, self.place, self.device_id))


def wanted(compiled: Compiled, detection: Detection, at: int, rule: int) -> Wish | None:
    """What the rule of that number wants for a detection concluded `at` (microseconds); None: no case."""
    opening = compiled.rules[rule].opens
    if opening is None:
        return None
    return _wish(detection, at, dedupe_key(compiled, opening, detection.place, detection.device_id), rule)


def over(compiled: Compiled, detection: Detection, at: int) -> list[Wish]:
    """The keys for which a detection that ended says so."""
    return [_wish(detection, at, key, None) for key in cleared_keys(compiled, detection)]


def _wish(detection: Detection, at: int, key: str, rule: int | None) -> Wish:
    return Wish(
        at=at,
        key=key,
        rule=rule,
        place=detection.place or UNPLACED,
        device_id=detection.device_id,
        signal_id=detection.signal_id,
        received_at=micros(detection.received_at),
    )
