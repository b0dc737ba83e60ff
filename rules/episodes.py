"""From what a key said, in event order, to the episodes of a detection: when each began and ended."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from rules.compiled import ENTERS, EXITS, REFUSES, Perceived

Entry = list[Any]  # [event time, signal id, bits of all detections, detail or None]: JSON, as it is stored
Raised = list[Any]  # [event time, signal id, detail] of the signal that raised what is on
BITS = 3


class Episode(NamedTuple):
    """One time that a condition held. `end` None: it still does.

    `unsure_until` is the end of a silence before it: until that silence is judged, this may be the episode before,
    going on.
    """

    raised: Raised
    end: int | None
    end_id: str
    by_silence: bool
    unsure_until: int | None

    def holds(self, at: int, signal_id: str) -> bool:
        """Whether the signal (`at`, `signal_id`) fell into it."""
        begun = (self.raised[0], self.raised[1]) <= (at, signal_id)
        return begun and (self.end is None or (at, signal_id) < (self.end, self.end_id))


def fold(
    perceived: Perceived, index: int, on: Raised | None, last: int, entries: Iterable[Entry]
) -> tuple[list[Episode], Raised | None]:
    """The episodes that `entries` make, closed ones and the open one, and what is on at the end.

    `on` and `last` (time of the last signal) are how things stood before. Microseconds.
    """
    found: list[Episode] = []
    shift, silent, hold = index * BITS, perceived.silent_us, perceived.for_us
    unsure: int | None = None
    for entry in entries:
        at, signal_id, packed, detail = entry
        bits = packed >> shift
        if on is not None and silent is not None and at - last > silent:
            end = last + silent
            if on[0] + hold <= end:
                found.append(Episode(on, end, "", by_silence=True, unsure_until=unsure))
                unsure = end
            on = None
        if bits & EXITS:
            if on is not None and on[0] + hold <= at:
                found.append(Episode(on, at, signal_id, by_silence=False, unsure_until=unsure))
            on, unsure = None, None
        elif bits & REFUSES and on is not None and on[0] + hold > at:
            on = None
        if bits & ENTERS and on is None:
            on = [at, signal_id, detail]
        last = at
    if on is not None:
        found.append(Episode(on, None, "", by_silence=False, unsure_until=unsure))
    return found, on


def changes_nothing(perceived: Perceived, bits: int, on: Raised | None, at: int, last: int) -> bool:
    """Whether a signal that came in order leaves the detection as it is."""
    if on is None:
        return not bits & ENTERS
    if bits & EXITS or (bits & REFUSES and on[0] + perceived.for_us > at):
        return False
    return perceived.silent_us is None or at - last <= perceived.silent_us
