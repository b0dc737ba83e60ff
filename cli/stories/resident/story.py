"""From a resident's report to their rating (ruleset `citizen-report`)."""

from typing import Any

from cli.stories.cases import at_stage, finish, open_cases, state_of, told, wait_for, whose_to_do
from cli.stories.people import Person, StoryBroke
from cli.stories.pictures import lift_door
from cli.stories.world import World

RULESET = "citizen-report"
EARLIER = ("二楼夜里打牌吵到一点，睡不着觉", "又是二楼，半夜打麻将声音很响，老人没法睡")
THIRD = "楼上每天夜里打麻将到凌晨，跟物业说过两次了还是吵，孩子要高考睡不着"
GROUND = "夜间社会生活噪声由公安机关处理，物业没有执法权（权责清单）"
OWNER = "police"
AGAIN = "昨天夜里十二点又打到一点多，没有好"
SEEN_WITHIN_SECONDS = 60.0


def play(world: World) -> dict[str, Any]:
    """Play it once; the case with its timeline. Raises StoryBroke."""
    with world.person(role="duty_officer") as officer, world.resident() as resident:
        place = _quiet_building(world, officer)
        earlier = _earlier_reports(world, officer, place)
        follow = resident.report(place, THIRD, phone="13800005678")
        world.tell("第三位居民扫楼门口的码反映，马上拿到查看进度的链接")
        case_id = wait_for(lambda: _the_third(officer, place, earlier), "第三件诉求", SEEN_WITHIN_SECONDS)
        _link_and_verify(world, officer, case_id, earlier)
        _return(world, officer, case_id)
        _solve(
            world,
            officer,
            case_id,
            "已上门警告并登记，承诺十点后不再打牌",
            "民警已上门劝阻，对方保证晚上十点后不再打牌。",
        )
        resident.says(follow, "reopen", {"reason": AGAIN})
        world.tell(f"居民：问题没解决，{AGAIN}")
        _same_unit(officer, case_id)
        _solve(
            world, officer, case_id, "依法处罚并调解，双方签了约定", "民警已依法处理并组织调解，双方签了夜间安静约定。"
        )
        resident.says(follow, "rate", {"stars": "5", "solved": "true", "text": "这几天安静了，谢谢"})
        world.tell("居民评价：很满意")
        return told(officer, case_id) | {"follow": follow}


def _quiet_building(world: World, officer: Person) -> str:
    """One about which nobody complains now, chosen by the seed."""
    places = sorted({device.place for device in world.device("door-magnet")})
    buildings = sorted({"/".join(place.split("/")[:6]) + "/" for place in places})
    for building in world.random.sample(buildings, len(buildings)):
        if not open_cases(officer, building, RULESET):
            return building
    raise StoryBroke("每栋楼都有未结诉求")


def _earlier_reports(world: World, officer: Person, place: str) -> list[str]:
    for text in EARLIER:
        with world.resident() as neighbour:
            neighbour.report(place, text)
    world.tell("同一栋楼，两位居民先后反映夜里打牌吵")

    def look() -> list[str] | None:
        found = [case["id"] for case in open_cases(officer, place, RULESET)]
        return found if len(found) == len(EARLIER) else None

    return wait_for(look, "前两件诉求", SEEN_WITHIN_SECONDS)


def _the_third(officer: Person, place: str, earlier: list[str]) -> str | None:
    found = [case for case in open_cases(officer, place, RULESET) if case["id"] not in earlier]
    return found[0]["id"] if found and found[0]["stage"] == "verifying" else None


def _link_and_verify(world: World, officer: Person, case_id: str, earlier: list[str]) -> None:
    with world.person(role="acceptor") as acceptor:
        for other in earlier:
            acceptor.do(f"/console/cases/{other}", "link", {"to": case_id})
            at_stage(officer, other, "closed")
        world.tell("受理员把前两件并到第三件，一起办、一起答复")
        called = {"kind": "first-contact", "whom": "诉求人", "reached": "true", "note": "先行联系：每晚十一点到一点"}
        acceptor.do(f"/console/cases/{case_id}", "log_contact", called)
    with whose_to_do(world, case_id, "grid_worker") as worker:
        worker.do(f"/m/cases/{case_id}", "verify", {"true": "true", "note": "夜里现场听到，属实"})
        world.tell("网格员夜里到场核实：属实，自动立案派单")


def _return(world: World, officer: Person, case_id: str) -> None:
    state = at_stage(officer, case_id, "assigned")
    if state["unit"] == OWNER:
        world.tell("这里的同类诉求裁定过，直接派给派出所")
        return
    holder = state["person"]["name"]
    page = f"/m/cases/{case_id}"
    with world.person(display_name=holder) as handler:
        refused = handler.tries(page, "return", {"owner": OWNER, "ground": ""})
        if refused is None:
            raise StoryBroke("没有依据的退单没有被挡回")
        world.tell(f"{holder}退单，没写依据：{refused}")
        handler.do(page, "return", {"owner": OWNER, "ground": GROUND})
        world.tell(f"再退单，写明依据：{GROUND}")
    with world.person(role="dispatcher") as dispatcher:
        dispatcher.do(f"/console/cases/{case_id}", "rule_on_return", {"granted": "true", "note": "依据成立"})
    _same_unit(officer, case_id)
    world.tell("派遣员裁定成立，改由派出所处置；以后同类直接派给派出所")


def _same_unit(officer: Person, case_id: str) -> None:
    """Whoever has it now is the owner that the ruling named."""
    unit = at_stage(officer, case_id, "assigned")["unit"]
    if unit != OWNER:
        raise StoryBroke(f"案件在 {unit}，不在 {OWNER}")


def _solve(world: World, officer: Person, case_id: str, note: str, reply: str) -> None:
    holder = state_of(officer, case_id)["person"]["name"]
    page = f"/m/cases/{case_id}"
    with world.person(display_name=holder) as handler:
        handler.do(page, "sign")
        photo = {"photo_after": lift_door(world.random, close=True)}
        handler.do(page, "handle", {"outcome": "solved", "note": note, "reply": note}, photo)
        world.tell(f"{holder}提交处置结果：{note}")
    finish(world, officer, case_id, {"ending": "solved", "reply": reply})
    world.tell(f"值班长改好答复并发出：{reply}")
