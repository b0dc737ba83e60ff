"""A case whose handling clock runs out (ruleset `water-leak-burst`)."""

from typing import Any

from cli.stories.cases import at_stage, finish, open_case, told, wait_for
from cli.stories.people import Person, StoryBroke
from cli.stories.pictures import lift_door
from cli.stories.world import Device, World

RULESET = "water-leak-burst"
THRESHOLDS = ("80%", "100%", "再过一档")
HANDLE_MINUTES = 45  # at the ruleset's own pace; ten minutes later the brain is told
LONGEST_SECONDS = 60 * (HANDLE_MINUTES + 10) + 60.0


def play(world: World) -> dict[str, Any]:
    """Play it once; the case with its timeline, and what lay on whose phone. Raises StoryBroke."""
    with world.person(role="duty_officer") as officer:
        meter = _meter(world, officer)
        world.tell(f"{meter.label}：水深 7.5 厘米")
        world.uplink(meter, {"water_depth": 7.5})
        case = wait_for(lambda: _given(officer, meter), "积水立案并派单", 60)
        world.tell(f"立案 {case['number']}，派给 {case['person']['name']}")
        with world.person(display_name=case["person"]["name"]) as handler:
            page = f"/m/cases/{case['id']}"
            handler.do(page, "sign")
            world.tell("签收，但一直没有去处置")
            messages = _pressed(world, officer, case["id"])
            handler.do(
                page, "handle", {"note": "水已抽干，水泵复位"}, {"photo_after": lift_door(world.random, close=True)}
            )
        finish(world, officer, case["id"])
        return told(officer, case["id"]) | {"messages": messages}


def _meter(world: World, officer: Person) -> Device:
    meters = world.device("level-meter")
    for meter in world.random.sample(meters, len(meters)):
        if open_case(officer, meter.place, RULESET) is None:
            return meter
    raise StoryBroke("每个水位计都有未结案件")


def _given(officer: Person, meter: Device) -> dict[str, Any] | None:
    case = open_case(officer, meter.place, RULESET)
    return case if case is not None and case["person"] is not None else None


def _pressed(world: World, officer: Person, case_id: str) -> list[dict[str, Any]]:
    """Once every threshold was reached and its message lies on a phone: who was told when."""
    entries = at_stage(officer, case_id, "handling")["entries"]

    def look() -> list[dict[str, Any]] | None:
        notices = [event["data"]["notice"] for event in _events(officer, case_id) if event["type"] == "pressed"]
        mine = [notice for notice in notices if notice.startswith(f"stage:{entries}:")]
        sent = [one for one in officer.ask(f"/api/v1/cases/{case_id}/messages")["items"] if one["reason"][6:] in mine]
        return sent if len(mine) == len(sent) == len(THRESHOLDS) else None

    sent = wait_for(look, "临期、超期和上报各一条消息", LONGEST_SECONDS)
    for threshold, one in zip(THRESHOLDS, sorted(sent, key=lambda one: one["created_at"]), strict=True):
        world.tell(f"时限 {threshold}：提醒 {one['to']}（{one['channel']}）")
    return sent


def _events(officer: Person, case_id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = officer.ask(f"/api/v1/cases/{case_id}")["events"]
    return events
