"""What may not happen once a case waits, is returned, linked or over: the code, and what its sentence needs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from builders import (
    ACCEPTOR,
    COMMITTEE,
    DISPATCHER,
    DUTY_OFFICER,
    GAS,
    GRID_WORKER,
    INSPECTOR,
    NOON,
    PROPERTY,
    REPORTER,
    SUPERVISOR,
    WANG,
    ZHAO,
    Story,
    a_case,
    a_matter,
    a_photo,
    a_policy,
    a_residents_matter,
)

from domain.cases import RequestKind
from domain.commands import Ask, Close, Decline, Dispatch, Handle, Link, ReturnIt, Settle, Sign, WaitFor
from domain.lifecycle import Main, Refused
from domain.matters import Evidence
from domain.people import the_reporter

STRANGER = the_reporter("01900000-0000-7000-8000-0000000000ff")


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def signed() -> Story:
    return assigned().signed_by(WANG)


def by_phone() -> Story:
    return a_case().filed().assigned_to(GAS, by_phone=True)


def returnable() -> Story:
    return a_case(a_matter(a_policy(return_within=timedelta(hours=2)))).filed().assigned_to(PROPERTY, WANG)


def of_a_resident() -> Story:
    return a_case(a_residents_matter())


def closing() -> Story:
    story = of_a_resident().filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    return story.passed_by(INSPECTOR)


def closed() -> Story:
    return closing().closed(DUTY_OFFICER, "门已修好")


def linked() -> Story:
    return assigned().linked_to(a_case().case)


def settled_with(*photos: str) -> Story:
    found = a_case(a_matter(a_policy(filing="desk")))
    return found.by(COMMITTEE, Settle(number="KJ-1", evidence=tuple(a_photo(Evidence(kind)) for kind in photos)))


def linked_to_itself() -> Story:
    story = assigned()
    return story.linked_to(story.case)


def extended(times: int) -> Story:
    story = signed()
    for _ in range(times):
        story.asked_for("extension", hours=1).ruled_on()
    return story


def suspended_until_yesterday() -> Story:
    return signed().asked_for("suspension", days=1).after(days=2)


def third_return() -> Story:
    story = returnable()
    for _ in range(2):
        story.returned_by(WANG).ruled_on_return(granted=False)
    return story.returned_by(WANG)


NOTE = {"field": "note", "needs": ("note",)}
NO_UNIT: dict[str, Any] = {"unit_known": False}
REFUSALS: list[tuple[str, dict[str, Any], Callable[[], object]]] = [
    ("evidence-missing", {"field": "photo_before", "needs": ("photo_before", "photo_after")}, settled_with),
    ("evidence-missing", {"field": "photo_after", "needs": ("photo_after",)}, lambda: settled_with("photo_before")),
    ("wrong-stage", {"command": "settle", "stage": "received"}, lambda: a_case().settled_by(GRID_WORKER)),
    ("not-permitted", {"command": "settle"}, lambda: of_a_resident().settled_by(WANG)),
    ("duty-officer-declines", {}, lambda: of_a_resident().by(ACCEPTOR, Decline(reason="没有这回事"))),
    ("no-such-case", {"field": "to"}, lambda: assigned().by(ACCEPTOR, Link(to=UUID(int=1)))),
    ("linked-to-itself", {"field": "to"}, linked_to_itself),
    ("already-linked", {}, lambda: linked().linked_to(a_case().case)),
    (
        "main-is-linked",
        {"field": "to", "number": "KJ-2"},
        lambda: assigned().by(
            ACCEPTOR, Link(to=UUID(int=2)), main=Main(id=UUID(int=2), name="KJ-2", linked_to=UUID(int=3))
        ),
    ),
    ("no-such-unit", {"field": "unit"}, lambda: a_case().filed().by(DISPATCHER, Dispatch(unit="nobody"), **NO_UNIT)),
    ("spoken-to-missing", {"field": "spoken_to"}, lambda: by_phone().by(DISPATCHER, Sign())),
    (
        "spoken-to-missing",
        {"field": "spoken_to"},
        lambda: by_phone().signed_by(DISPATCHER, "李师傅").by(DISPATCHER, Handle(outcome="solved", note="已修")),
    ),
    (
        "evidence-missing",
        NOTE,
        lambda: by_phone().signed_by(DISPATCHER, "李").by(DISPATCHER, Handle(outcome="solved", spoken_to="李")),
    ),
    ("not-returnable", {}, lambda: assigned().returned_by(WANG)),
    (
        "return-window-over",
        {"until": NOON + timedelta(hours=2, minutes=2)},
        lambda: returnable().after(hours=3).returned_by(WANG),
    ),
    ("ground-missing", {"field": "ground"}, lambda: returnable().returned_by(WANG, ground="")),
    ("returned-to-itself", {"field": "owner"}, lambda: returnable().returned_by(WANG, owner=PROPERTY)),
    ("no-such-unit", {"field": "owner"}, lambda: returnable().by(WANG, ReturnIt(owner="nobody"), **NO_UNIT)),
    ("return-awaits-ruling", {}, lambda: returnable().returned_by(WANG).returned_by(ZHAO)),
    ("nothing-returned", {}, lambda: returnable().ruled_on_return()),
    ("evidence-missing", NOTE, lambda: returnable().returned_by(WANG).ruled_on_return(granted=False, note="")),
    ("not-permitted", {"command": "rule_on_return"}, lambda: third_return().ruled_on_return(DISPATCHER)),
    (
        "not-permitted",
        {"command": "rule_on_return"},
        lambda: returnable().returned_by(WANG).ruled_on_return(SUPERVISOR),
    ),
    ("field-missing", {"field": "hours"}, lambda: signed().asked_for("extension")),
    ("field-missing", {"field": "until"}, lambda: signed().asked_for("deferral")),
    ("pause-too-long", {"field": "until", "days": 30}, lambda: signed().asked_for("deferral", days=31)),
    ("pause-too-long", {"field": "until", "days": 365}, lambda: signed().asked_for("suspension", days=400)),
    ("pause-too-long", {"field": "until", "days": 30}, lambda: signed().asked_for("deferral", days=-1)),
    ("pause-too-long", {"field": "until", "days": 30}, lambda: signed().waiting_for("other", days=31)),
    ("extensions-used-up", {"most": 2}, lambda: extended(2).asked_for("extension", hours=1)),
    ("too-late-to-extend", {}, lambda: signed().after(hours=5).asked_for("extension", hours=1)),
    ("already-paused", {}, lambda: signed().waiting_for("other").asked_for("extension", hours=1)),
    ("request-awaits-ruling", {}, lambda: signed().asked_for("void").asked_for("void", by=ZHAO)),
    (
        "suspended-before",
        {},
        lambda: signed().asked_for("suspension", days=9).ruled_on().resumed().asked_for("suspension", days=9),
    ),
    ("nothing-requested", {}, lambda: signed().ruled_on()),
    ("evidence-missing", NOTE, lambda: signed().asked_for("void").ruled_on(granted=False, note="")),
    ("pause-is-past", {}, lambda: suspended_until_yesterday().ruled_on()),
    ("already-paused", {}, lambda: signed().asked_for("deferral", days=9).waiting_for("other").ruled_on()),
    ("already-paused", {}, lambda: signed().waiting_for("other").waiting_for("other")),
    ("no-reporter", {"field": "whom"}, lambda: signed().waiting_for("reporter")),
    ("not-paused", {}, lambda: signed().resumed()),
    ("not-permitted", {"command": "resume"}, lambda: of_a_resident().waiting_for("other", ACCEPTOR).resumed(REPORTER)),
    ("reply-missing", {"field": "reply"}, lambda: closing().by(DUTY_OFFICER, Close())),
    ("already-rated", {}, lambda: closed().rated(5).rated(1)),
    ("not-permitted", {"command": "rate"}, lambda: closed().rated(1, by=STRANGER)),
    ("not-permitted", {"command": "reopen"}, lambda: closed().reopened_by(WANG)),
    ("newer-case-open", {"number": "KJ-3"}, lambda: closed().reopened_by(DUTY_OFFICER, newer="KJ-3")),
    ("wrong-stage", {"command": "reopen", "stage": "closing"}, lambda: closing().reopened_by(REPORTER)),
    ("wrong-stage", {"command": "rate", "stage": "closing"}, lambda: closing().rated(5)),
    ("already-closed", {"command": "request"}, lambda: closed().asked_for("void")),
    ("already-supervised", {}, lambda: signed().supervised().supervised(DUTY_OFFICER)),
    ("top-tier", {}, lambda: signed().raised().raised().raised()),
    ("bottom-tier", {}, lambda: signed().sent_down()),
]


@pytest.mark.parametrize(
    ("code", "params", "attempt"), REFUSALS, ids=[f"{i}-{code}" for i, (code, _, _) in enumerate(REFUSALS)]
)
def test_a_refusal_names_what_its_sentence_needs(
    code: str, params: dict[str, Any], attempt: Callable[[], object]
) -> None:
    with pytest.raises(Refused) as refused:
        attempt()
    assert (refused.value.code, refused.value.params) == (code, params)


def test_a_reporter_reopens_within_the_categorys_days_and_the_desk_at_any_time() -> None:
    story = closed()
    assert story.case.closed_at is not None
    last = story.case.closed_at + timedelta(days=7)
    story.after(days=8)
    with pytest.raises(Refused) as refused:
        story.reopened_by(REPORTER)
    assert (refused.value.code, refused.value.params) == ("reopen-window-over", {"until": last})
    assert story.reopened_by(DUTY_OFFICER).case.reopened == 1


def test_nobody_rules_on_what_they_asked_for_themselves() -> None:
    both = DUTY_OFFICER.model_copy(update={"roles": DUTY_OFFICER.roles | DISPATCHER.roles})
    story = signed().by(both, Ask(kind=RequestKind.VOID, reason="重复立案"))
    with pytest.raises(Refused, match="own-request"):
        story.ruled_on(both)
    assert story.ruled_on(SUPERVISOR).case.settled


def test_a_wait_has_its_end_ahead_of_it() -> None:
    story = signed()
    with pytest.raises(Refused, match="pause-too-long"):
        story.by(WANG, WaitFor(whom="other", until=story.now, reason="等配件"))
