"""From an elevator camera's message to a closed case (ruleset `ebike-in-elevator`)."""

import time
from typing import Any
from urllib.parse import quote

from cli.stories.cases import open_case, told, wait_for
from cli.stories.people import Person, StoryBroke
from cli.stories.pictures import lift_door
from cli.stories.world import Device, World

RULESET = "ebike-in-elevator"
TOPIC = "frigate/events"
HELD_SECONDS = 61  # the ruleset asks for 60
SEEN_WITHIN_SECONDS = 120.0


def play(world: World) -> dict[str, Any]:
    """Play it once; the case with its timeline as the pages tell it. Raises StoryBroke."""
    with world.person(role="duty_officer") as officer:
        camera = _camera(world, officer)
        world.tell(f"{camera.label}：一辆电瓶车进出电梯，自行离开，只计数")
        _ride(world, camera)
        world.tell(f"{camera.label}：另一辆电瓶车挡住电梯门 {HELD_SECONDS} 秒")
        _hold(world, camera)
        case = _wait_for_case(officer, camera)
        world.tell(f"立案 {case['number']}，派给 {case['person']['name']}")
        _handle_and_inspect(world, case)
        return told(officer, case["id"])


def _camera(world: World, officer: Person) -> Device:
    """One whose unit has no open case of this kind, chosen by the seed."""
    cameras = [device for device in world.devices if device.kind == "elevator-camera"]
    for camera in world.random.sample(cameras, len(cameras)):
        if _open_case(officer, camera) is None:
            return camera
    raise StoryBroke("每部电梯都有未结案件")


def _event(world: World, camera: Device, at: float, kind: str, *, bike: str, doorway: bool) -> None:
    after = {
        "id": bike,
        "camera": camera.id,
        "frame_time": at,
        "label": "ebike",
        "score": round(world.random.uniform(0.86, 0.97), 2),
        "current_zones": ["cabin", "doorway"] if doorway else ["cabin"],
        "entered_zones": ["cabin"],
        "start_time": at,
        "end_time": at if kind == "end" else None,
    }
    world.publish(TOPIC, {"type": kind, "before": after, "after": after})


def _bike(world: World, at: float) -> str:
    return f"{at:.6f}-{''.join(world.random.choices('abcdefghijklmnopqrstuvwxyz', k=6))}"


def _ride(world: World, camera: Device) -> None:
    now = time.time()
    bike = _bike(world, now - 5)
    _event(world, camera, now - 5, "new", bike=bike, doorway=False)
    _event(world, camera, now, "end", bike=bike, doorway=False)


def _hold(world: World, camera: Device) -> None:
    began = time.time()
    bike = _bike(world, began)
    for second in (0, 20, 40, HELD_SECONDS):
        time.sleep(max(0.0, began + second - time.time()))
        _event(world, camera, began + second, "update" if second else "new", bike=bike, doorway=True)


def _open_case(officer: Person, camera: Device) -> dict[str, Any] | None:
    unit = camera.place.rsplit("/", 2)[0] + "/"
    return open_case(officer, unit, f"{RULESET}/main")


def _wait_for_case(officer: Person, camera: Device) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        case = _open_case(officer, camera)
        return case if case is not None and case["person"] is not None else None

    return wait_for(look, f"{camera.label}立案并派单", SEEN_WITHIN_SECONDS)


def _handle_and_inspect(world: World, case: dict[str, Any]) -> None:
    phone, desk = f"/m/cases/{case['id']}", f"/console/cases/{case['id']}"
    with world.person(display_name=case["person"]["name"]) as handler:
        if case["id"] not in handler.see("/m"):
            raise StoryBroke(f"{handler.name} 的待办里没有这件案件")
        handler.do(phone, "sign")
        world.tell("签收")
        handler.do(f"/m/at?place={quote(case['place'])}", "arrive")
        world.tell("到场，扫了现场二维码")
        _handle(world, handler, phone, "已劝离，车主把车推出电梯", close=True)
        with _inspector(world, case) as inspector:
            inspector.do(desk, "inspect", {"passed": "false", "note": "照片里看不到电梯门，请补拍"})
            world.tell("核查不通过，返工")
            _handle(world, handler, phone, "补拍电梯门口", close=False)
            inspector.do(desk, "inspect", {"passed": "true"})
            world.tell("核查通过，按规则结案")


def _handle(world: World, handler: Person, page: str, note: str, *, close: bool) -> None:
    handler.do(page, "handle", {"note": note}, {"photo_after": lift_door(world.random, close=close)})
    world.tell(f"提交处置结果：{note}")


def _inspector(world: World, case: dict[str, Any]) -> Person:
    """Somebody in whose queue the case stands; whoever handled it does not see it there."""
    inspectors = [account for account in world.accounts if account["role"] == "inspector"]
    for account in world.random.sample(inspectors, len(inspectors)):
        person = world.person(display_name=account["display_name"])
        with person:
            if case["id"] in person.see("/console/inspect"):
                return world.person(display_name=account["display_name"])
    raise StoryBroke("没有人的核查队列里有这件案件")
