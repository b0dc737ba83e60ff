"""How things stood for what a signal speaks of, read from the stored state of perception: what was on, since when."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from domain.signals import FieldValue
from rules import history
from rules.compiled import Compiled, Listened, Perceived
from rules.evaluate import typed
from rules.history import Occurrence, State
from rules.keys import END, ENDED, SINCE
from rules.perceive import held_row, order_row
from rules.places import group_of
from rules.silences import LAST, silence_row
from rules.states import States
from rules.views import SignalView, moment

Stored = Mapping[str, State]


def rows_asked(rulesets: Iterable[Compiled], signal: SignalView) -> tuple[str, ...]:
    """The keys of the stored state that explaining the signal reads."""
    keys: list[str] = []
    for compiled in rulesets:
        for listened in compiled.routes.get(signal.type, ()):
            group = group_of(listened.key, signal.place, signal.device_id)
            keys += [held_row(compiled, listened, group), order_row(compiled, listened, group)]
            keys += [silence_row(compiled, silence, group) for silence in listened.silences]
            for by in compiled.groupings:
                keys.append(history.around_row(compiled, by, group_of(by, signal.place, signal.device_id)))
            for latest in compiled.latest:
                area = group_of(latest.by, signal.place, signal.device_id)
                keys.append(history.ambient_row(compiled, latest, area))
    return tuple(dict.fromkeys(keys))


def derived_from(
    compiled: Compiled, listened: Listened, signal: SignalView, stored: Stored | None
) -> dict[str, FieldValue]:
    """What the past made of the signal, as far as it is still known."""
    if stored is None or not listened.derived:
        return {}
    row = stored.get(order_row(compiled, listened, group_of(listened.key, signal.place, signal.device_id)))
    series = row["series"] if row else {}
    found: dict[str, FieldValue] = {}
    for each in listened.derived:
        value = signal.fields.get(each.of)
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = each.as_of(series.get(each.series), signal.event_time, float(value))
            if number is not None:
                found[each.name] = round(number, 3)
    return found


def facts_around(
    compiled: Compiled, listened: Listened, perceived: Perceived, signal: SignalView, stored: Stored
) -> dict[str, FieldValue]:
    """What classification reads of a detection that this signal began: the counts of that moment."""
    said = typed({**signal.fields, **derived_from(compiled, listened, signal, stored)}, listened.types)
    detail = {"f": said, "p": signal.place, "d": signal.device_id, "x": signal.transport, "r": 0, "l": False}
    group = group_of(listened.key, signal.place, signal.device_id)
    at, number = signal.event_time, signal.id
    occurrence = Occurrence(at, number, number, perceived.name, group, listened.name, at, detail)
    return history.facts_of(compiled, States((key, state, None) for key, state in stored.items()), occurrence)


def standing(compiled: Compiled, listened: Listened, perceived: Perceived, signal: SignalView, stored: Stored) -> str:
    """What was going on already, as a sentence; empty where nothing was."""
    group = group_of(listened.key, signal.place, signal.device_id)
    if perceived in listened.silences:
        return _silence(compiled, stored.get(silence_row(compiled, perceived, group)))
    row = stored.get(held_row(compiled, listened, group))
    if row is None or perceived.once:
        return ""
    at = signal.event_time
    for one in reversed(row["told"].get(perceived.name, ())):
        if one[SINCE] < at and not one[ENDED]:
            return f"自 {_clock(compiled, one[SINCE])} 起一直在持续，已判定过，不再重复"
        if one[SINCE] < at <= one[END]:
            return f"属于 {_clock(compiled, one[SINCE])} 至 {_clock(compiled, one[END])} 的那一次，已判定过"
    on = row["on"].get(perceived.name)
    if on is not None and on[0] <= at and perceived.for_us:
        return f"自 {_clock(compiled, on[0])} 起成立，至此持续了 {length(at - on[0])}"
    return ""


def _silence(compiled: Compiled, row: State | None) -> str:
    if row is None:
        return ""
    if row["since"] is not None:
        return f"自 {_clock(compiled, row['since'])} 起静默"
    return f"最近一次上报是 {_clock(compiled, row['said'][-1][LAST])}"


def _clock(compiled: Compiled, at: int) -> str:
    return f"{moment(at).astimezone(compiled.zone):%m月%d日 %H:%M:%S}"


def length(us: int) -> str:
    """`60 秒`, `26 小时`, `7 天`: in the largest unit that says it in full."""
    seconds = timedelta(microseconds=us) // timedelta(seconds=1)
    for size, unit in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} 秒"
