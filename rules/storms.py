"""A storm: more cases of one ruleset than anybody can work; the rest goes into one summary case."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.matters import STORM, Matter, Why
from domain.places import UNPLACED, Level, at_level
from rules.compiled import Guard

AN_HOUR = timedelta(hours=1)


def beyond(opened: Sequence[datetime], wanted: Sequence[datetime], per_hour: int) -> list[bool]:
    """Of each case that is wanted, by its time of arrival: whether some hour would hold more than `per_hour` with it.

    `opened` are the arrivals of those that are there; some may be later, by another reader. One that is beyond opens
    none, and does not count.
    """
    counted = sorted(opened)
    found = []
    for at in wanted:
        full = _most_in_an_hour(counted, at) >= per_hour
        found.append(full)
        if not full:
            insort(counted, at)
    return found


def _most_in_an_hour(counted: Sequence[datetime], at: datetime) -> int:
    """The most of `counted` (ascending) in any hour that `at` lies in."""
    later = counted[bisect_right(counted, at) : bisect_left(counted, at + AN_HOUR)]
    return max(bisect_right(counted, end) - bisect_right(counted, end - AN_HOUR) for end in (at, *later))


def summary_key(guard: Guard, place: str) -> str:
    """One open summary case per ruleset and sub-district: those who work apart see their own."""
    return f"{guard.ruleset}/{STORM}/{_area(place).strip('/')}/"


def summary_of(guard: Guard, matters: Sequence[Matter]) -> Matter:
    """The summary case of `matters`, which share their summary key: as urgent as the most urgent of them."""
    most = max(matters, key=lambda matter: (matter.priority.rank, matter.tier.rank))
    return Matter(
        ruleset=guard.ruleset,
        matter=STORM,
        dedupe_key=summary_key(guard, most.place),
        title=f"{guard.title}：一小时内超过 {guard.per_hour} 件，已合并",
        text="超出的不再单独立案，都列在本案的“合并与抑制”里。请核实是真有事，还是设备或规则出了问题，并通知规则负责人。",
        category=guard.category,
        priority=most.priority,
        tier=most.tier,
        place=_area(most.place),
        lead=guard.lead,
        handler=guard.lead,
        policy=guard.policy,
        why=Why(ruleset=guard.ruleset, hash=most.why.hash, rule=STORM, facts={"per_hour": guard.per_hour}),
    )


def _area(place: str) -> str:
    return place if place == UNPLACED else at_level(place, Level.SUB_DISTRICT) or place
