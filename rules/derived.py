"""Numbers made of what one key said before: how fast a level rises, what is usual at this hour.

Each needs the signals in the order in which they happened. So a signal that something is derived from waits `late`
(`wait`), and is then judged with what came before it (`ripe`). What is remembered per key is bounded: at most `SLOTS`
samples over the time asked for, or one mean per hour of the day. State is JSON; times are microseconds since the epoch.
"""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from domain.signals import FieldValue
from rules.evaluate import typed
from rules.schema import DeriveForm
from rules.views import SignalView, as_micros, moment

SLOTS = 60  # of the time asked for; what is said more often shares one
FEWEST_DAYS = 3  # before anything counts as usual for its hour
State = dict[str, Any]
Sample = list[Any]  # [event time, its value, sum, count, highest] of all that fell into its slot
Usual = list[Any]  # [mean of earlier days, their number, day, sum and count of that day] of one hour


@dataclass(frozen=True, slots=True)
class Derived:
    """One number derived from the field `of`; `series` names what is remembered for it."""

    name: str
    kind: str
    of: str
    over_us: int
    per_us: int
    days: int
    zone: ZoneInfo

    @property
    def series(self) -> str:
        return f"{self.kind}/{self.of}/{self.over_us}/{self.days}"

    def follow(self, remembered: Any, at: int, value: float) -> tuple[Any, float | None]:
        """What is remembered once `value` was said, and the number it makes; None while there is too little."""
        if self.kind == "baseline":
            return self._usual(remembered or {}, at, value)
        samples = _sampled(remembered or [], at, value, self.over_us)
        return samples, self._of_samples(samples, at, value)

    def as_of(self, remembered: Any, at: int, value: float) -> float | None:
        """The number that `value` made at `at`, as far as what is remembered since still tells."""
        if not remembered:
            return None
        if self.kind == "baseline":
            local = moment(at).astimezone(self.zone)
            mean, number, last, *_ = remembered.get(str(local.hour), [0.0, 0, 0])
            return self._ratio(mean, number, value) if last == local.toordinal() else None
        return self._of_samples(remembered, at, value) if at >= remembered[-1][0] else None

    def _of_samples(self, samples: list[Sample], at: int, value: float) -> float | None:
        if self.kind == "highest":
            return float(max(sample[4] for sample in samples))
        since, first = samples[0][0], samples[0][1]
        if (at - since) * 2 < self.over_us or at == since:
            return None
        if self.kind == "average":
            return float(sum(sample[2] for sample in samples) / sum(sample[3] for sample in samples))
        return float((value - first) * self.per_us / (at - since))

    def _usual(self, hours: Mapping[str, Usual], at: int, value: float) -> tuple[dict[str, Usual], float | None]:
        local = moment(at).astimezone(self.zone)
        day, hour = local.toordinal(), str(local.hour)
        mean, number, last, total, count = hours.get(hour, [0.0, 0, day, 0.0, 0])
        if day > last:
            if day - last > self.days:
                mean, number = 0.0, 0
            elif count:
                number = min(number + 1, self.days)
                mean += (total / count - mean) / number
            last, total, count = day, 0.0, 0
        return {**hours, hour: [mean, number, last, total + value, count + 1]}, self._ratio(mean, number, value)

    def _ratio(self, mean: float, days: int, value: float) -> float | None:
        return value / mean if days >= min(FEWEST_DAYS, self.days) and mean > 0 else None


def derived_of(name: str, form: DeriveForm, zone: ZoneInfo) -> Derived:
    kind = next(kind for kind in ("rate", "average", "highest", "baseline") if getattr(form, kind))
    over = 0 if form.over is None else as_micros(form.over)
    return Derived(name, kind, form.of, over, as_micros(form.per), form.days, zone)


def wait(state: State | None, signal: SignalView, types: Mapping[str, Any], now: int) -> State:
    """The state with a signal that arrived at `now` put where it belongs among those that wait."""
    state = state or {"wait": [], "series": {}}
    kept = typed(signal.fields, types)
    one = [signal.event_time, signal.id, signal.type, signal.device_id, signal.place, kept, signal.transport, now]
    waiting = list(state["wait"])
    if not any(other[:2] == one[:2] for other in waiting):
        insort(waiting, one, key=lambda other: (other[0], other[1]))
    return {**state, "wait": waiting}


def ripe(derived: tuple[Derived, ...], state: State, before: int) -> tuple[State, list[tuple[SignalView, int]]]:
    """Takes out what happened before `before`, in order, each with what is derived and when it had arrived."""
    waiting, series = state["wait"], {each.series: state["series"].get(each.series) for each in derived}
    found = []
    while waiting and waiting[0][0] < before:
        at, number, kind, device, place, fields, transport, arrived = waiting[0]
        waiting = waiting[1:]
        said = _followed(derived, series, at, fields)
        phase = str(fields.get("phase", ""))
        found.append((SignalView(number, kind, phase, device, place, at, {**fields, **said}, transport), arrived))
    return {"wait": waiting, "series": series}, found


def _followed(
    derived: tuple[Derived, ...], series: dict[str, Any], at: int, fields: Mapping[str, FieldValue]
) -> dict[str, FieldValue]:
    """What this signal makes of the past; `series` goes on with it."""
    found: dict[str, FieldValue] = {}
    moved: dict[str, Any] = {}
    for each in derived:
        value = fields.get(each.of)
        if isinstance(value, int | float):
            moved[each.series], number = each.follow(series[each.series], at, float(value))
            if number is not None:
                found[each.name] = number
    series |= moved
    return found


def _sampled(samples: list[Sample], at: int, value: float, over: int) -> list[Sample]:
    kept = [sample for sample in samples if sample[0] >= at - over]
    if kept and at - kept[-1][0] < over // SLOTS:
        since, first, total, count, highest = kept[-1]
        return [*kept[:-1], [since, first, total + value, count + 1, max(highest, value)]]
    return [*kept, [at, value, value, 1, value]]
