"""What every story does with cases: wait for one, look at it, and tell it at the end."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from cli.stories.people import Person, StoryBroke
from cli.stories.world import World

POLL_SECONDS = 0.5
Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str, seconds: float) -> Found:
    """The first thing that `look` finds; raises StoryBroke naming `what` did not come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(POLL_SECONDS)
    raise StoryBroke(f"{seconds:.0f} 秒内没有等到：{what}")


def open_cases(watcher: Person, area: str, ruleset: str) -> list[dict[str, Any]]:
    """The ruleset's open cases in the area, newest first."""
    found = watcher.ask(f"/api/v1/cases?area={area}")
    mine = (item for item in found["items"] if item["dedupe_key"].startswith(f"{ruleset}/"))
    return [item for item in mine if item["stage"] != "closed"]


def open_case(watcher: Person, area: str, ruleset: str) -> dict[str, Any] | None:
    """The newest one."""
    return next(iter(open_cases(watcher, area, ruleset)), None)


def state_of(watcher: Person, case_id: str) -> dict[str, Any]:
    state: dict[str, Any] = watcher.ask(f"/api/v1/cases/{case_id}")["state"]
    return state


def at_stage(watcher: Person, case_id: str, stage: str, seconds: float = 30) -> dict[str, Any]:
    """The case's state once it is there."""

    def look() -> dict[str, Any] | None:
        state = state_of(watcher, case_id)
        return state if state["stage"] == stage else None

    return wait_for(look, f"案件到“{stage}”", seconds)


def told(watcher: Person, case_id: str) -> dict[str, Any]:
    """The case with its timeline, as the API tells it."""
    case = watcher.ask(f"/api/v1/cases/{case_id}")
    keys = ("seq", "type", "at", "actor", "transport")
    return {
        "id": case_id,
        "number": case["state"]["number"],
        "title": case["state"]["title"],
        "stage": case["state"]["stage"],
        "timeline": [{key: event[key] for key in keys} for event in case["events"]],
    }


def whose_to_do(world: World, case_id: str, role: str, page: str = "/m") -> Person:
    """Somebody of that role before whom the case lies; raises StoryBroke where it is nobody's."""
    for account in (one for one in world.accounts if one["role"] == role):
        with world.person(display_name=account["display_name"]) as person:
            if case_id in person.see(page):
                return world.person(display_name=account["display_name"])
    raise StoryBroke(f"没有一位 {role} 的待办里有这件案件")


def finish(world: World, officer: Person, case_id: str, closing: dict[str, str] | None = None) -> None:
    """Inspected where it is, closed by rule or by the duty officer (with `closing`)."""
    if state_of(officer, case_id)["stage"] == "inspecting":
        with whose_to_do(world, case_id, "inspector", "/console/inspect") as inspector:
            inspector.do(f"/console/cases/{case_id}", "inspect", {"passed": "true"})
        world.tell("核查通过")
    if state_of(officer, case_id)["stage"] == "closing":
        officer.do(f"/console/cases/{case_id}", "close", closing or {"ending": "solved"})
        world.tell("值班长结案")
    at_stage(officer, case_id, "closed")
