"""A rule author halves the false alarms of the smoke sensors (ruleset `corridor-smoke`), and nobody has to be brave."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cli.installation import carry_out, installation
from cli.stories import past
from cli.stories.cases import finish, open_case, told, wait_for
from cli.stories.half_the_false_alarms import writing
from cli.stories.half_the_false_alarms.writing import RULESET
from cli.stories.people import Person, StoryBroke
from cli.stories.pictures import lift_door
from cli.stories.world import Device, World
from domain.places import Level, at_level

HOLDS_SECONDS = 30
SHORT = timedelta(seconds=10)  # far enough from the hold for a slow machine to bring both messages in time
LASTING = timedelta(seconds=32)  # later than hold and lateness a sensor need not send that it began
NOTE = f"烟感持续 {HOLDS_SECONDS} 秒才算报警"
SEEN_WITHIN_SECONDS = 60.0


def play(world: World) -> dict[str, Any]:
    """Play it once; the case of an area where nothing has changed, and what the backtest said. Raises StoryBroke."""
    _last_month(world)
    one, other, *_ = (one for one in world.accounts if one["role"] == "rule_author")  # nobody approves their own
    with (
        world.person(display_name=one["display_name"]) as author,
        world.person(display_name=other["display_name"]) as second,
        world.person(role="duty_officer") as officer,
    ):
        world.tell(f"{one['display_name']}写规则，{other['display_name']}是另一位规则编写人")
        writing.raise_hold_time(world, author, HOLDS_SECONDS)
        page, found = writing.backtested(author)
        world.tell(
            f"上月试算：案件少 {found.cases} 件，其中误报少 {found.false_saved} 件，漏掉真警 {found.true_lost} 件"
        )
        version = writing.submitted(author, NOTE)
        *trial, elsewhere = _quiet_corridors(world, officer)
        try:
            _two_people(world, author, second, version, [_community(sensor) for sensor in trial])
            case = _compared(world, officer, version, trial, elsewhere)
        finally:
            if writing.offered(author, version, "retire"):
                author.fills(writing.PAGE, writing.step(version, "retire"), {"note": "试完了，演示恢复原样"})
        world.tell("停用试点的一版，一切照旧")
        return told(officer, case) | {"version": version, "backtest": {"page": page, **found._asdict()}}


def _last_month(world: World) -> None:
    given = installation()
    here = datetime.now(given.zone).date()
    first = (date(here.year, here.month, 1) - timedelta(days=1)).replace(day=1)
    month = carry_out(past.remember_a_month(given, first))
    if month.signals:
        world.tell(f"{first:%Y-%m}：烟感说了 {month.signals} 次，立案 {month.cases} 件，{month.false_alarms} 件是误报")


def _quiet_corridors(world: World, officer: Person) -> list[Device]:
    """One sensor in each of three communities, chosen by the seed, in stairs without an open alarm."""
    sensors = [one for one in world.device("smoke-sensor") if not one.tags]
    found: dict[str, Device] = {}
    for sensor in world.random.sample(sensors, len(sensors)):
        if _community(sensor) not in found and open_case(officer, sensor.place, RULESET) is None:
            found[_community(sensor)] = sensor
        if len(found) == 3:  # noqa: PLR2004 - two on trial, one elsewhere
            return list(found.values())
    raise StoryBroke("没有三个小区的楼道是安静的")


def _community(sensor: Device) -> str:
    return at_level(sensor.place, Level.COMMUNITY) or sensor.place


def _two_people(world: World, author: Person, second: Person, version: str, areas: Sequence[str]) -> None:
    writing.ask_for_canary(author, version, areas, "先在两个小区试")
    world.tell("提交新版本，申请在两个小区小范围试点")
    if writing.offered(author, version, "approve"):
        raise StoryBroke("自己能批准自己写的")
    if not writing.offered(second, version, "approve"):
        raise StoryBroke(f"{second.name} 看不到要批准的版本")
    second.fills(writing.PAGE, writing.step(version, "approve"), {"note": "看过试算，同意先试"})
    world.tell("自己不能批准自己写的；另一个人看过试算，批准")


def _compared(world: World, officer: Person, version: str, trial: Sequence[Device], elsewhere: Device) -> str:
    """The same ten seconds of smoke in both places; then some that lasts. The case of the place without trial."""
    short, lasting = trial
    _smokes(world, elsewhere, SHORT)
    case = wait_for(lambda: _held(officer, elsewhere), "没有试点的小区立案", SEEN_WITHIN_SECONDS)
    world.tell(f"{elsewhere.label}：冒烟 10 秒，不在试点范围，照旧立案 {case['number']}")
    before = _heard(officer, short)
    _smokes(world, short, SHORT)
    wait_for(lambda: _heard(officer, short) == before + 2 or None, "试点小区的信息被读到", SEEN_WITHIN_SECONDS)
    if open_case(officer, short.place, RULESET) is not None:
        raise StoryBroke("试点的小区还是立了案")
    world.tell(f"{short.label}：同样冒烟 10 秒，在试点，不立案")
    _smokes(world, lasting, LASTING)
    serious = wait_for(lambda: _held(officer, lasting), "试点小区的长报警立案", SEEN_WITHIN_SECONDS)
    if f"#version-{version[:12]}" not in officer.see(f"/console/cases/{serious['id']}"):
        raise StoryBroke("立案的不是试点的一版")
    world.tell(f"{lasting.label}：冒烟半分多钟，试点的一版立案 {serious['number']}")
    _answered(world, officer, serious, "true", "电瓶车充电器冒烟，已断电，无人受伤")
    _answered(world, officer, case, "false", "炒菜油烟，开窗散了")
    return str(case["id"])


def _smokes(world: World, sensor: Device, lasts: timedelta) -> None:
    """It began a while ago; what the sensor could not send then, it sends now."""
    over = datetime.now(UTC)
    world.uplink(sensor, {"smokeAlarm": True}, at=over - lasts)
    world.uplink(sensor, {"smokeAlarm": False}, at=over)


def _held(officer: Person, sensor: Device) -> dict[str, Any] | None:
    case = open_case(officer, sensor.place, RULESET)
    return case if case is not None and case["person"] is not None else None


def _heard(officer: Person, sensor: Device) -> int:
    """How many of its uplinks perception has read lately: only those can be asked about."""
    return officer.see(f"/console/rulesets/why?device={sensor.id}").count("?signal=")


def _answered(world: World, officer: Person, case: dict[str, Any], outcome: str, note: str) -> None:
    page = f"/m/cases/{case['id']}"
    with world.person(display_name=case["person"]["name"]) as handler:
        handler.do(page, "sign")
        handler.do(
            page, "handle", {"outcome": outcome, "note": note}, {"photo_after": lift_door(world.random, close=False)}
        )
    finish(world, officer, case["id"])
