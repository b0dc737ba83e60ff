"""What may not happen, by the code that scripts rely on."""

from collections.abc import Callable
from uuid import UUID

import pytest
from builders import (
    DISPATCHER,
    DUTY_OFFICER,
    ELSEWHERE,
    GRID_WORKER,
    INSPECTOR,
    LEI,
    LI,
    NOON,
    PROPERTY,
    UNIT_2,
    WANG,
    ZHAO,
    Story,
    a_case,
    a_matter,
    a_photo,
    a_policy,
)

from domain.commands import (
    Arrive,
    Close,
    Comment,
    Dispatch,
    File,
    Handle,
    HandTo,
    Inspect,
    Receive,
    SendBack,
    Sign,
    Verify,
)
from domain.lifecycle import Refused
from domain.matters import Evidence
from domain.people import BY_RULE
from domain.places import Point

PHOTO = a_photo()
NOBODY = UUID(int=7)


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def signed() -> Story:
    return assigned().signed_by(WANG)


def handled() -> Story:
    return signed().handled_by(WANG)


def closing() -> Story:
    return handled().passed_by(INSPECTOR)


def where_arrival_counts() -> Story:
    return a_case(a_matter(a_policy(place_check=True))).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)


REFUSALS: list[tuple[str, Callable[[], object]]] = [
    ("not-yet-received", lambda: Story(NOON).by(BY_RULE, File(number="KJ-1"))),
    ("already-received", lambda: a_case().by(BY_RULE, Receive(matter=a_matter(), seen_at=NOON))),
    ("number-missing", lambda: a_case().by(BY_RULE, File())),
    ("evidence-missing", lambda: a_case().verification_asked().by(GRID_WORKER, Verify(true=True))),
    ("not-permitted", lambda: assigned().signed_by(LI)),
    ("not-permitted", lambda: assigned().signed_by(LEI)),
    ("not-permitted", lambda: handled().passed_by(ELSEWHERE)),
    ("not-permitted", lambda: handled().passed_by(LI)),
    ("not-permitted", lambda: closing().closed(by=INSPECTOR)),
    ("not-permitted", lambda: assigned().by(LEI, HandTo(person=UUID(LI.id)), LI)),
    ("not-permitted", lambda: assigned().by(ELSEWHERE, Comment(text="路过"))),
    ("handler-cannot-inspect", lambda: handled().passed_by(WANG)),
    ("handler-cannot-inspect", lambda: handled().failed_by(INSPECTOR).handled_by(WANG).failed_by(WANG)),
    ("already-signed", lambda: signed().signed_by(WANG)),
    ("already-signed", lambda: signed().signed_by(ZHAO)),
    ("wrong-stage", lambda: handled().by(WANG, Handle(outcome="solved", evidence=(PHOTO,)))),
    ("wrong-stage", lambda: signed().by(DUTY_OFFICER, Close())),
    ("wrong-stage", lambda: assigned().by(DISPATCHER, Dispatch(unit=PROPERTY))),
    ("sign-first", lambda: assigned().handled_by(WANG)),
    ("not-arrived", lambda: where_arrival_counts().handled_by(WANG)),
    ("already-arrived", lambda: signed().arrived(WANG).arrived(WANG)),
    ("unknown-outcome", lambda: signed().by(WANG, Handle(outcome="false", evidence=(PHOTO,)))),
    ("evidence-missing", lambda: signed().by(WANG, Handle(outcome="solved", note="已处理"))),
    ("evidence-missing", lambda: handled().by(INSPECTOR, Inspect(passed=False))),
    ("other-place", lambda: signed().by(WANG, Arrive(place="/310110/kj/c07/n021/b03/u1/"))),
    ("other-place", lambda: signed().by(WANG, Arrive(place="/310110/kj/c07/"))),
    ("other-place", lambda: signed().by(WANG, Arrive(place="/310110/kj/c07/n021/"))),
    ("place-unproven", lambda: signed().by(WANG, Arrive())),
    ("place-unproven", lambda: signed().by(WANG, Arrive(lat=31.27, lon=121.52))),
    ("too-far", lambda: signed().by(WANG, Arrive(lat=31.27, lon=121.52), place_at=Point(lat=31.28, lon=121.52))),
    ("no-such-person", lambda: assigned().by(ZHAO, HandTo(person=NOBODY))),
    ("not-of-that-unit", lambda: assigned().by(ZHAO, HandTo(person=UUID(LEI.id)), LEI)),
    ("not-of-that-unit", lambda: a_case().filed().assigned_to(PROPERTY, LEI)),
    ("already-closed", lambda: closing().closed().by(DUTY_OFFICER, SendBack(reason="再看看"))),
    ("already-closed", lambda: closing().closed().signed_by(WANG)),
]


@pytest.mark.parametrize(("code", "attempt"), REFUSALS, ids=[f"{i}-{code}" for i, (code, _) in enumerate(REFUSALS)])
def test_what_may_not_happen_is_refused_by_its_code(code: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        attempt()
    assert refused.value.code == code


def test_a_missing_photo_is_named() -> None:
    with pytest.raises(Refused) as refused:
        signed().by(WANG, Handle(outcome="solved", note="已处理"))
    assert refused.value.params == {"field": "photo_after", "needs": (Evidence.PHOTO_AFTER.value,)}


def test_a_refused_command_changes_nothing() -> None:
    story = assigned()
    before = story.case
    with pytest.raises(Refused):
        story.by(LI, Sign())
    assert story.case is before


@pytest.mark.parametrize("code_at", [UNIT_2, f"{UNIT_2}lift1/", "/310110/kj/c07/n021/b03/"])
def test_the_code_on_the_wall_counts_at_the_door_of_the_building_and_inside(code_at: str) -> None:
    assert signed().by(WANG, Arrive(place=code_at)).case.arrived


def test_a_position_near_the_place_counts_and_a_far_one_needs_a_reason() -> None:
    at = Point(lat=31.27, lon=121.52)
    assert signed().by(WANG, Arrive(lat=31.2708, lon=121.52), place_at=at).case.arrived
    assert signed().by(WANG, Arrive(lat=31.28, lon=121.52, reason="定位漂移"), place_at=at).case.arrived


def test_a_reason_counts_where_there_is_neither_code_nor_position() -> None:
    assert signed().by(WANG, Arrive(reason="二维码被撕")).case.arrived
