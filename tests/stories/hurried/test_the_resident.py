"""A resident is kept awake: reports, is heard, is not content, is heard again, and says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import Screen
from cast import PATIENCE, Cast, is_what_the_store_holds, the_cast
from installation import Installation

from cli.stories.resident.story import AGAIN, EARLIER, GROUND, OWNER, THIRD

pytestmark = pytest.mark.servers
UNHEARD = """
    SELECT b.path FROM (
        SELECT DISTINCT array_to_string((string_to_array(place, '/'))[1:6], '/') || '/' AS path
        FROM devices WHERE kind = 'door-magnet') b
    WHERE NOT EXISTS (SELECT FROM precedents p WHERE starts_with(b.path, p.area))
      AND NOT EXISTS (SELECT FROM cases c WHERE starts_with(c.place, b.path))
    ORDER BY 1 LIMIT 1"""

Told = Callable[[str], dict[str, Any]]


def assigned_to(installation: Installation, case_id: str) -> list[str]:
    """The units that had the case, one after the other."""
    found = installation.sql(
        """SELECT data ->> 'unit' FROM case_events
           WHERE case_id = %s AND type IN ('dispatched', 'reassigned') ORDER BY version""",
        case_id,
    )
    return [unit for (unit,) in found]


def rests_on_a_ruling(installation: Installation, case_id: str) -> None:
    """The return was ruled on with its ground, and the next such matter goes to the owner at once."""
    ((owner, ground, area),) = installation.sql(
        "SELECT owner, ground, area FROM precedents WHERE case_id = %s", case_id
    )
    assert (owner, ground) == (OWNER, GROUND)
    assert installation.sql("SELECT starts_with(place, %s), unit FROM cases WHERE id = %s", area, case_id) == [
        (True, OWNER)
    ]


def is_rated(installation: Installation, case_id: str) -> None:
    ((reopened, stars, solved),) = installation.sql(
        """SELECT state -> 'reopened', state -> 'rating' -> 'stars', state -> 'rating' -> 'solved'
           FROM cases WHERE id = %s AND closed_at IS NOT NULL""",
        case_id,
    )
    assert (reopened, stars, solved) == (1, 5, True)
    assert installation.sql("SELECT count(*) FROM outbox WHERE case_id = %s AND reason = 'reply'", case_id) == [(2,)]


@pytest.mark.browser
def test_by_clicks_from_the_report_to_the_rating(hurried: Installation, tmp_path: Path) -> None:
    ((place,),) = hurried.sql(UNHEARD)
    with the_cast(hurried, tmp_path) as cast:
        acceptor, dispatcher = cast.desk("accept.wu"), cast.desk("dispatch.lin")
        acceptor.watch("/console/intake?list=intake-verifying")
        resident = cast.phone()
        earlier = [reports(hurried, resident, place, text) for text in EARLIER]
        case_id = reports(hurried, resident, place, THIRD, picture="resident-report")
        follow = resident.page.url
        acceptor.page.wait_for_selector(f"[data-row='{case_id}'], .pill button:visible", timeout=PATIENCE)
        assert acceptor.never_left
        hears(acceptor, case_id, earlier)
        verifies(cast, hurried, case_id)
        resident.page.reload()
        resident.page.wait_for_selector(".progress-steps [aria-current=step]")

        dispatcher.watch("/console/dispatch?list=returned")
        holder = hurried.until(lambda: hurried.holder(case_id))
        returns(cast.phone(holder), case_id)
        grants(dispatcher, case_id)
        police = hurried.until(lambda: (name := hurried.holder(case_id)) != holder and name)
        officer, solver = cast.desk("duty.chen"), cast.phone(police)
        solves(cast, hurried, officer, solver, case_id, "已上门劝阻，承诺十点后不再打牌。")
        resident.page.goto(follow)
        resident.page.wait_for_selector(".given-reply:has-text('承诺十点后')")
        resident.keep("resident-follow")
        says_it_is_not_solved(resident)

        officer.page.wait_for_selector("#case .stage:has-text('待签收')", timeout=PATIENCE)
        assert officer.never_left
        assert hurried.holder(case_id) == police
        solves(cast, hurried, officer, solver, case_id, "已依法处理，双方签了夜间安静约定。")
        resident.page.goto(follow)
        rates(resident)
        officer.page.wait_for_selector(".timeline :text('评价')", timeout=PATIENCE)
        assert officer.never_left
    assert assigned_to(hurried, case_id)[-1] == OWNER
    rests_on_a_ruling(hurried, case_id)
    is_rated(hurried, case_id)


def test_returned_by_ruling_reopened_to_the_same_unit_and_rated(hurried: Installation, told: Told) -> None:
    case = told("resident")

    kinds = is_what_the_store_holds(hurried, case)
    for kind in ("returned", "return_ruled", "reopened", "rated"):
        assert kinds.count(kind) == 1, kinds
    assert kinds.count("closed") == 2
    assert assigned_to(hurried, case["id"])[-1] == OWNER
    rests_on_a_ruling(hurried, case["id"])
    is_rated(hurried, case["id"])
    hurried.linli("doctor", "--invariants")


def reports(installation: Installation, resident: Screen, place: str, text: str, picture: str = "") -> str:
    """By the code at the door; the case that comes of it within a second or two."""
    known = {id_ for (id_,) in installation.sql("SELECT id::text FROM cases WHERE place = %s", place)}
    resident.page.goto(f"/report?place={place}")
    resident.page.fill("#report textarea[name=text]", text)
    resident.page.fill("#report input[name=phone]", "13800005678")
    if picture:
        resident.keep(picture, whole=False)
    resident.page.click("#report button.main[type=submit]:visible >> nth=-1")
    resident.page.wait_for_url("**/f/*")

    def new() -> str | None:
        found = installation.sql("SELECT id::text FROM cases WHERE place = %s AND stage = 'verifying'", place)
        return next((id_ for (id_,) in found if id_ not in known), None)

    return str(installation.until(new))


def hears(acceptor: Screen, case_id: str, earlier: list[str]) -> None:
    """The two before it become part of the third; somebody calls the resident."""
    page = acceptor.page
    for other in earlier:
        page.goto(f"/console/intake?list=intake-verifying&case={other}")
        if other == earlier[0]:
            acceptor.keep("desk-intake", whole=False)
        page.click("#do-link summary")
        page.check(f"#form-link input[name=to][value='{case_id}']")
        page.click("#form-link button[type=submit]")
        page.wait_for_selector(".done")
    page.goto(f"/console/cases/{case_id}#do-log_contact")
    page.select_option("#form-log_contact select[name=kind]", "first-contact")
    page.fill("#form-log_contact input[name=whom]", "诉求人")
    page.check("#form-log_contact input[name=reached][value=true]")
    page.fill("#form-log_contact textarea[name=note]", "先行联系：每晚十一点到一点")
    page.click("#form-log_contact button[type=submit]")
    page.wait_for_selector("#case .done")


def verifies(cast: Cast, installation: Installation, case_id: str) -> None:
    """A grid worker of the place finds the task and hears it with their own ears."""
    ((worker,),) = installation.sql(
        """SELECT p.name FROM people p, cases c WHERE c.id = %s AND 'grid_worker' = ANY (p.roles)
           AND EXISTS (SELECT FROM unnest(p.areas) area WHERE starts_with(c.place, area)) ORDER BY p.name LIMIT 1""",
        case_id,
    )
    page = cast.phone(worker).page
    page.goto("/m")
    page.click(f"a[href='/m/cases/{case_id}']")
    page.check("#form-verify input[name=true][value=true]")
    page.fill("#form-verify textarea[name=note]", "夜里现场听到，属实")
    page.click("#form-verify button[type=submit]")
    page.wait_for_selector("#form-verify", state="detached")


def returns(holder: Screen, case_id: str) -> None:
    """Without a ground it is refused; with one it waits for a ruling."""
    page = holder.page
    page.goto(f"/m/cases/{case_id}#do-return")
    page.select_option("#form-return select[name=owner]", OWNER)
    page.fill("#form-return input[name=ground]", " ")
    page.click("#form-return button[type=submit]")
    page.wait_for_selector("#form-return .refusal:has-text('依据')")
    (said,) = holder.complaints
    assert "422" in said
    holder.complaints.clear()
    page.fill("#form-return input[name=ground]", GROUND)
    page.click("#form-return button[type=submit]")
    page.wait_for_selector("#form-return", state="detached")


def grants(dispatcher: Screen, case_id: str) -> None:
    """The return is on the dispatcher's page by itself."""
    page = dispatcher.page
    row = page.locator(f"[data-row='{case_id}']")
    page.wait_for_selector(f"[data-row='{case_id}'], .pill button:visible", timeout=PATIENCE)
    if not row.count():
        page.click(".pill button")
    row.click()
    page.wait_for_selector(f"#duty-open[data-open='{case_id}']")
    dispatcher.keep("desk-dispatch", whole=False)
    page.check("#form-rule_on_return input[name=granted][value=true]")
    page.fill("#form-rule_on_return textarea[name=note]", "依据成立")
    page.click("#form-rule_on_return button[type=submit]")
    page.wait_for_selector("#form-rule_on_return", state="detached")
    assert dispatcher.never_left


def solves(cast: Cast, installation: Installation, officer: Screen, police: Screen, case_id: str, reply: str) -> None:
    """Signed and solved on the phone; the duty officer, whose page follows, releases the reply."""
    officer.watch(f"/console/cases/{case_id}")
    police.page.goto(f"/m/cases/{case_id}")
    police.page.click("#form-sign button[type=submit]")
    police.page.wait_for_selector("#form-handle")
    officer.page.wait_for_selector("#case .stage:has-text('处置中')", timeout=PATIENCE)
    cast.handles(police, case_id, "民警已上门", outcome="solved", reply=reply)
    installation.until(lambda: installation.stage(case_id) in ("inspecting", "closing"))
    cast.passes(case_id)
    cast.closes(officer, reply=reply)
    assert officer.never_left


def says_it_is_not_solved(resident: Screen) -> None:
    page = resident.page
    page.click("#do-reopen summary")
    page.fill("#do-reopen textarea[name=reason]", AGAIN)
    page.click("#do-reopen button[type=submit]")
    page.wait_for_selector(".done:has-text('马上重新办')")


def rates(resident: Screen) -> None:
    page = resident.page
    page.check(".stars input[value='5']")
    page.check("input[name=solved][value=true]")
    page.fill("form[action$='/rate'] textarea[name=text]", "这几天安静了，谢谢")
    page.click("form[action$='/rate'] button[type=submit]")
    page.wait_for_selector(".done:has-text('谢谢您的评价')")
