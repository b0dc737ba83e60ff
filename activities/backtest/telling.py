"""What a backtest says: a summary, and each case that differs, as JSON for pages and scripts."""

from collections import Counter
from typing import Any

from activities.backtest.playing import Played
from domain.places import level_of
from rules.backtest import Change, Difference, Item, RealCase, WouldBe
from rules.views import moment


def summary(played: Played) -> dict[str, Any]:
    """The figures: how many cases of each change, where and when; true alarms lost, false alarms saved."""
    found = played.difference
    counted = Counter(item.change for item in found.items)
    return {
        "signals": played.signals,
        "seconds": round(played.seconds, 2),
        **{change.value: counted[change] for change in Change},
        "true_lost": len(found.true_lost),
        "false_saved": len(found.false_saved),
        "by_area": [
            {"area": area, "level": level_of(area).name.lower(), **_counts(counts)}
            for area, counts in found.by_area.items()
        ],
        "by_hour": [{"hour": hour, **_counts(counts)} for hour, counts in enumerate(found.by_hour)],
    }


def told(item: Item, difference: Difference) -> dict[str, Any]:
    """A case that would have been; `before` is how the other version had it, `case` the real one there was."""
    shown, real = item.shown, item.real
    return {
        "change": item.change.value,
        "key": shown.key,
        "place": shown.place,
        "opened_at": moment(shown.opened_at),
        "signal": shown.signal_id,
        "now": _side(item.case),
        "before": _side(item.before),
        "moved": list(item.moved),
        "case": _real(real, difference) if real else None,
    }


def _counts(counts: dict[Change, int]) -> dict[str, int]:
    return {change.value: count for change, count in counts.items()}


def _side(case: WouldBe | None) -> dict[str, Any] | None:
    if case is None:
        return None
    return {
        "rule": case.rule,
        "handler": case.handler,
        "priority": case.priority.value,
        "tier": case.tier.value,
        "category": case.category,
        "opened_at": moment(case.opened_at),
    }


def _real(real: RealCase, difference: Difference) -> dict[str, Any]:
    lost = real.id in difference.true_lost
    return {"id": real.id, "number": real.number, "alarm": real.alarm, "lost": lost}
