"""Smoke at an elder's who lives alone (ruleset `corridor-smoke`): act first, record after; a burnt pot."""

from typing import Any

from cli.stories.cases import finish, open_case, state_of, told, wait_for
from cli.stories.people import Person, Resident, StoryBroke
from cli.stories.pictures import lift_door
from cli.stories.world import Device, World

RULESET = "corridor-smoke"
SEEN_WITHIN_SECONDS = 60.0
CALLED_WITHIN_SECONDS = 240.0  # a minute for the card, a minute for the SMS, then the telephone


def play(world: World) -> dict[str, Any]:
    """Play it once; the case with its timeline, and what was sent to whom. Raises StoryBroke."""
    with world.person(role="duty_officer") as officer, world.person(role="dispatcher") as dispatcher:
        flat, corridor = _sensors(world, officer)
        world.tell(f"02:10，{flat.label}报警，家中老人独居")
        world.uplink(flat, {"smokeAlarm": True})
        case = wait_for(lambda: _with_somebody(officer, flat), "烟感立案并派单", SEEN_WITHIN_SECONDS)
        world.tell(f"紧急，立案 {case['number']}，派给 {case['person']['name']}，同时告知居委")
        world.uplink(corridor, {"smokeAlarm": True})
        wait_for(lambda: _at_fire_station(officer, case["id"]), "第二个烟感使案件升级", SEEN_WITHIN_SECONDS)
        world.tell(f"{corridor.label}也报警：疑似火情，改派微型消防站")
        link = _given_to_the_guard(world, dispatcher, case, flat.place)
        with world.resident() as phone:
            phone.enters(link)
            world.tell("保安点开短信里的链接，不用登录，马上上楼敲门")
            called = _secretary_is_called(world, officer, case["id"])
            _recorded(world, phone, case["id"])
        finish(world, officer, case["id"], {"ending": "untrue"})
        return told(officer, case["id"]) | {"called": called}


def _sensors(world: World, officer: Person) -> tuple[Device, Device]:
    """An elder's flat without an open alarm, chosen by the seed, and the corridor sensor of the same stairs."""
    flats = world.device("smoke-sensor", tag="elder_alone")
    for flat in world.random.sample(flats, len(flats)):
        stairs = _stairs(flat)
        corridor = [one for one in world.device("smoke-sensor", within=stairs) if one.id != flat.id]
        if corridor and open_case(officer, stairs, RULESET) is None:
            return flat, corridor[0]
    raise StoryBroke("每户独居老人家都有未结报警")


def _stairs(flat: Device) -> str:
    return "/".join(flat.place.split("/")[:7]) + "/"


def _with_somebody(officer: Person, flat: Device) -> dict[str, Any] | None:
    case = open_case(officer, _stairs(flat), RULESET)
    return case if case is not None and case["person"] is not None else None


def _at_fire_station(officer: Person, case_id: str) -> bool | None:
    return state_of(officer, case_id)["unit"] == "fire-station" or None


def _given_to_the_guard(world: World, dispatcher: Person, case: dict[str, Any], place: str) -> str:
    """The guard stands downstairs: the link on his phone."""
    unit = f"property-{place.split('/')[3]}"
    page = f"/console/cases/{case['id']}"
    guard = dispatcher.choice(page, "reassign", "person", "保安")
    dispatcher.do(page, "reassign", {"unit": unit, "person": guard, "reason": "保安就在楼下，先上门"})
    world.tell("派遣员把案件给楼下的保安，他没有账号")
    return wait_for(lambda: _link(world, case["number"]), "发给保安的短信链接", SEEN_WITHIN_SECONDS)


def _recorded(world: World, phone: Resident, case_id: str) -> None:
    """He acted first; now he records."""
    page = f"/m/cases/{case_id}"
    call = {"kind": "call-emergency", "whom": "119", "reached": "true", "note": "已报警，确认无明火后取消"}
    phone.do(page, "log_contact", call)
    note = "敲门见到老人，锅烧干了，已关火开窗，人没事"
    photo = {"photo_after": lift_door(world.random, close=False)}
    phone.do(page, "handle", {"outcome": "false", "note": note}, photo)
    world.tell(f"先处置后补记：{note}（误报）")


def _link(world: World, number: str) -> str | None:
    """The one-time link that was sent to a phone for the case of this number."""
    texts = (one for one in world.phones() if one["channel"] == "sms" and number in one["text"])
    return next((one["url"] for one in texts if "/l/" in one["url"]), None)


def _secretary_is_called(world: World, officer: Person, case_id: str) -> dict[str, Any]:
    """The committee's secretary has not read the card: SMS, then the telephone."""

    def look() -> dict[str, Any] | None:
        sent = officer.ask(f"/api/v1/cases/{case_id}/messages")["items"]
        secretary = next((one["to"] for one in reversed(sent) if one["reason"] == "inform"), None)
        calls = (one for one in sent if one["channel"] == "voice" and one["to"] == secretary)
        return next((one for one in calls if one["sent_at"]), None)

    call = wait_for(look, "给居委书记打的电话", CALLED_WITHIN_SECONDS)
    world.tell(f"{call['to']}没有读卡片和短信，系统打了电话")
    return call
