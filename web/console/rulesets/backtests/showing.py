"""A result as a page draws it by itself: bars, names of places, words for what went wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from store.backtests import Backtest
from store.organisation import nearest_label
from store.pool import Connection
from web.i18n import N_

CHANGES = {"gone": N_("不再有"), "new": N_("多出"), "moved": N_("改变"), "same": N_("不变")}
STATES = {
    "waiting": N_("排队"),
    "running": N_("正在试算"),
    "done": N_("算完"),
    "failed": N_("没有完成"),
    "cancelled": N_("已取消"),
}
PROBLEMS = {
    "": N_("试算没有完成。请再试一次；还是不行，请联系系统管理员。"),
    "gave-up": N_("试算中断了几次，没有完成。请换短一些的时间或小一些的区域再试。"),
    "too-many-cases": N_("这一版几乎每条信息都要立案，算不下去。请先把条件收紧。"),
    "out-of-memory": N_("内存不够。请换短一些的时间或小一些的区域再试。"),
    "worker-died": N_("试算中断了。请换短一些的时间或小一些的区域再试。"),
    "ruleset-invalid": N_("这一版有错误，不能运行。请先在编辑页改好。"),
    "unknown-version": N_("这个版本已经不在了。请换一个版本再试。"),
}
WIDE, HIGH, GAP = 600, 120, 4  # of the picture of hours
MOST_AREAS = 30
NAMES = f"SELECT place, {nearest_label('asked.place')} FROM unnest(%s::text[]) AS asked (place)"  # noqa: S608 - a constant


@dataclass(frozen=True)
class Bar:
    """An hour of the day or an area: `before` and `after` cases, drawn as parts of the highest."""

    name: str
    before: int
    after: int
    before_size: float
    after_size: float
    left: float = 0.0


async def labels_of(connection: Connection, paths: Iterable[str]) -> dict[str, str]:
    """What people call each place, or the nearest around it."""
    found = await connection.execute(NAMES, (sorted(set(paths)),))
    return {path: label or path for path, label in await found.fetchall()}


def days(one: Backtest, zone: ZoneInfo) -> str:
    """From its first day to its last, both played."""
    last = one.until - timedelta(microseconds=1)
    return f"{one.since.astimezone(zone):%Y-%m-%d} – {last.astimezone(zone):%Y-%m-%d}"


def hour_bars(result: dict[str, Any]) -> list[Bar]:
    """The 24 hours of the day side by side."""
    highest = _highest(result["by_hour"])
    width = WIDE / len(result["by_hour"])
    return [
        Bar(
            name=str(of["hour"]),
            before=_before(of),
            after=_after(of),
            before_size=_before(of) / highest * HIGH,
            after_size=_after(of) / highest * HIGH,
            left=number * width,
        )
        for number, of in enumerate(result["by_hour"])
    ]


def area_bars(result: dict[str, Any]) -> list[Bar]:
    """The communities (where there are none, the committees) with the most cases; sizes in percent."""
    of_level = [of for of in result["by_area"] if of["level"] == "community"] or result["by_area"]
    highest = _highest(of_level)
    most = sorted(of_level, key=lambda of: (-max(_before(of), _after(of)), of["area"]))[:MOST_AREAS]
    return [
        Bar(of["area"], _before(of), _after(of), _before(of) / highest * 100, _after(of) / highest * 100) for of in most
    ]


def _before(of: dict[str, int]) -> int:
    return of["gone"] + of["moved"] + of["same"]


def _after(of: dict[str, int]) -> int:
    return of["new"] + of["moved"] + of["same"]


def _highest(counted: list[dict[str, int]]) -> int:
    return max((max(_before(of), _after(of)) for of in counted), default=0) or 1
