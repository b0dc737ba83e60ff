"""What a ruleset's own test says: signals in the order of time, and the cases that are opened and closed meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid5

from domain.matters import Policy
from domain.places import Level, at_level, contains
from rules.casebook import RealCase
from rules.compiled import Compiled
from rules.schema import ExampleForm, FeedItem, RepeatForm
from rules.views import SignalView, micros, view_row
from rules.wishes import Wish

PLACE = "/310110/kj/c07/n021/b03/u2/lift1/"
_FED = UUID("6f1c3c1e-6a7e-5b0e-9d55-0f6d1f0a7c11")


@dataclass(frozen=True)
class Closing:
    """At a moment (microseconds) every case of a ruleset (`of`), or of one matter of it, is closed in a place."""

    at: int
    of: str
    place: str | None

    def ends(self, key: str, place: str) -> bool:
        return key.startswith(f"{self.of}/") and (self.place is None or contains(self.place, place))


@dataclass(frozen=True)
class Meanwhile:
    """What people do while a test runs: cases of other rulesets, and when cases are closed."""

    others: tuple[RealCase, ...]
    closings: tuple[Closing, ...]

    def ends(self, wish: Wish, policy: Policy) -> int | None:
        """When the case of a wish is closed: as the test says, else never, however long it takes."""
        del policy
        return next((each.at for each in self.closings if each.at > wish.at and each.ends(wish.key, wish.place)), None)


def feed_of(compiled: Compiled, example: ExampleForm) -> list[tuple[SignalView | None, datetime]]:
    """What a test says, each with the moment it comes; None: time only passes."""
    return [(_view(compiled, number, item, now), now) for number, (item, now) in enumerate(_steps(compiled, example))]


def meanwhile_of(compiled: Compiled, example: ExampleForm) -> Meanwhile:
    """What a test says of cases."""
    steps = _steps(compiled, example)
    closings = tuple(Closing(micros(now), item.closed, item.place) for item, now in steps if item.closed)
    opened = tuple(_opened(item, now, steps) for item, now in steps if item.opened)
    return Meanwhile(opened, closings)


def _opened(item: FeedItem, now: datetime, steps: Sequence[tuple[FeedItem, datetime]]) -> RealCase:
    """A case of another ruleset; `device` stands at the end of its key as it would where it is about a device."""
    of, place = item.opened or "", item.place or PLACE
    head = of if "/" in of else f"{of}/main"
    key = f"{head}/{place.strip('/')}/device:{item.device}"
    closed = (
        at
        for other, at in steps
        if other.closed and at > now and Closing(0, other.closed, other.place).ends(key, place)
    )
    return RealCase(uuid5(_FED, key), None, key, place, now, next(closed, None), alarm=None)


def _steps(compiled: Compiled, example: ExampleForm) -> list[tuple[FeedItem, datetime]]:
    """Everything that a test lists with the moment it comes, in the order of time."""
    hour, minute = map(int, example.start.split(":"))
    start = datetime.combine(date.fromisoformat(example.date), time(hour, minute), tzinfo=compiled.zone)
    parts = (example.feed,) if isinstance(example.feed, RepeatForm) else example.feed
    found: list[tuple[FeedItem, datetime]] = []
    for part in parts:
        if isinstance(part, RepeatForm):
            for number in range(part.repeat):
                begins = start + part.at + number * part.every
                items = (_elsewhere(item, number) for item in part.of) if part.apart else part.of
                found += [(item, begins + item.at) for item in items]
        else:
            found.append((part, start + part.at))
    return sorted(found, key=lambda given: given[1])


def _elsewhere(item: FeedItem, number: int) -> FeedItem:
    """The same by another device, in the area of another committee."""
    place = item.place or PLACE
    area = at_level(place, Level.COMMITTEE)
    if area is not None:
        place = f"{area[:-1]}-{number}/{place.removeprefix(area)}"
    return item.model_copy(update={"device": f"{item.device}-{number}", "place": place})


def _view(compiled: Compiled, number: int, item: FeedItem, now: datetime) -> SignalView | None:
    for name, fields in (item.model_extra or {}).items():
        return view_row(
            id=str(uuid5(_FED, str(number))),
            type=compiled.signals[name].type,
            phase=str(fields.get("phase", "none")),
            device_id=item.device,
            place=item.place or PLACE,
            event_time=now,
            fields=fields,
            transport="test",
        )
    return None
