"""`linli cases` and `linli people`, as a script calls them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from builders import INSPECTOR, NOON, PROPERTY, WANG, Story, a_case, a_matter, store_case
from commanding import Linli, at_home
from databases import Database

from domain.cases import Case
from store.pool import pool

pytestmark = pytest.mark.servers


@pytest.fixture
def linli(
    seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Linli:
    at_home(monkeypatch, seeded, tmp_path)
    monkeypatch.setenv("LINLI_TEMPORAL_ADDRESS", "127.0.0.1:9")
    return Linli(capsys, tmp_path)


def stored(database: Database, *stories: Story) -> list[Case]:
    async def store() -> list[Case]:
        async with pool(database.app_dsn) as connections, connections.connection() as connection:
            return [await store_case(connection, story) for story in stories]

    return asyncio.run(store())


@pytest.fixture
def handled(seeded: Database) -> Case:
    """A case of the lift that Wang signed and handled; it waits for an inspector."""
    story = a_case().filed("KJ-20261121-000042").assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    return (stored(seeded, story))[0]


@pytest.fixture
def assigned(seeded: Database) -> Case:
    return (stored(seeded, a_case().filed().assigned_to(PROPERTY, WANG)))[0]


def code_of(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    exit_code, said = answer
    assert said["ok"] is False
    return exit_code, said["problems"][0]["code"]


def test_a_case_is_listed_with_what_a_script_needs(linli: Linli, handled: Case) -> None:
    code, said = linli("cases", "list")
    (item,) = said["data"]["items"]
    assert (code, said["schema"], said["data"]["next"]) == (0, "linli.cases.list/1", None)
    assert item | {"received_at": None, "filed_at": None, "due_at": None} == {
        "id": str(handled.id),
        "number": "KJ-20261121-000042",
        "ruleset": "ebike-in-elevator",
        "matter": "main",
        "dedupe_key": "ebike-in-elevator/main/310110/kj/c07/n021/b03/u2/",
        "title": "双阳二村 12 号 2 单元：电瓶车进电梯",
        "stage": "inspecting",
        "ending": None,
        "category": "lift-ebike",
        "priority": "normal",
        "tier": "committee",
        "place": "/310110/kj/c07/n021/b03/u2/",
        "unit": "property-c07",
        "person": {"id": WANG.id, "name": "王建国"},
        "received_at": None,
        "filed_at": None,
        "due_at": None,
        "closed_at": None,
        "version": 5,
        "light": item["light"],
    }


def test_a_list_goes_on_where_its_page_ended(seeded: Database, linli: Linli) -> None:
    matters = [a_matter(dedupe_key=f"ebike-in-elevator/main/{n}/") for n in range(5)]
    cases = stored(seeded, *(a_case(matter, at=NOON) for matter in matters))
    seen: list[str] = []
    more: str | None = None
    for _ in range(3):
        _, said = linli("cases", "list", "--limit", "2", *(("--after", more) if more else ()))
        seen += [item["id"] for item in said["data"]["items"]]
        more = said["data"]["next"]
    assert more is None
    assert sorted(seen) == sorted(str(case.id) for case in cases)


def test_only_open_ones_of_a_stage(seeded: Database, linli: Linli, handled: Case) -> None:
    elsewhere = a_matter(dedupe_key="ebike-in-elevator/main/310110/kj/c07/n021/b03/u1/")
    closed = a_case(elsewhere).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    (ended,) = stored(
        seeded,
        closed.passed_by(INSPECTOR).closed(),
    )
    listed = {
        words: [item["id"] for item in linli("cases", "list", *words)[1]["data"]["items"]]
        for words in (("--open",), ("--stage", "closed"), ("--stage", "closed", "--open"))
    }
    assert list(listed.values()) == [[str(handled.id)], [str(ended.id)], []]


def test_a_case_is_found_by_its_number_and_tells_what_happened_and_why(linli: Linli, handled: Case) -> None:
    code, said = linli("cases", "show", "kj-20261121-000042")
    shown = said["data"]
    assert (code, shown["id"], shown["state"]["stage"]) == (0, str(handled.id), "inspecting")
    assert [(told["seq"], told["type"]) for told in shown["timeline"]] == [
        (1, "received"),
        (2, "filed"),
        (3, "dispatched"),
        (4, "signed"),
        (5, "handled"),
    ]
    assert (shown["timeline"][3]["actor_name"], shown["timeline"][3]["transport"]) == ("王建国", "mobile")
    assert shown["why"][0]["rule"] == "blocked"


def test_the_staff_is_listed_with_its_load_and_who_is_on_duty(linli: Linli, assigned: Case) -> None:
    del assigned
    _, said = linli("people", "list", "--unit", "property-c07")
    by_name = {item["name"]: item for item in said["data"]["items"]}
    assert {name: item["load"] for name, item in by_name.items() if item["load"]} == {"c07.wang": 1}
    assert [name for name, item in by_name.items() if not item["on_roster"]] == ["c07.guard", "c07.liu"]
    wang = by_name["c07.wang"]
    assert (wang["roles"], wang["unit_kind"], wang["areas"], wang["skills"]) == (
        ["handler", "inspector"],
        "property",
        ["/310110/kj/c07/n021/"],
        ["lift", "fire", "door"],
    )


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (("KJ-20261121-000042", "sign", "--as", "nobody"), (3, "no-such-person")),
        (("KJ-1", "sign", "--as", "c07.wang"), (3, "not-found")),
        (("KJ-20261121-000042", "comment", "--as", "c08.chen"), (3, "not-found")),
        (("KJ-20261121-000042", "burn", "--as", "c07.wang"), (2, "unknown-command")),
        (("KJ-20261121-000042", "comment", "--as", "c07.wang", "--with", "{"), (2, "not-json")),
        (("KJ-20261121-000042", "comment", "--as", "c07.wang"), (2, "field-missing")),
        (("KJ-20261121-000042", "sign", "--as", "c07.wang"), (1, "already-signed")),
        (
            ("KJ-20261121-000042", "inspect", "--as", "c07.wang", "--with", '{"passed": true}'),
            (1, "handler-cannot-inspect"),
        ),
    ],
)
def test_what_may_not_happen_is_said_by_its_code(
    linli: Linli, handled: Case, words: tuple[str, ...], refused: tuple[int, str]
) -> None:
    del handled
    assert code_of(linli("cases", "command", *words)) == refused


def test_what_is_no_photo_is_refused_before_anything_is_stored(linli: Linli, handled: Case, tmp_path: Path) -> None:
    del handled
    (tmp_path / "no.jpg").write_bytes(b"no photo")
    words = ("KJ-20261121-000042", "inspect", "--as", "inspect.luo", "--with", '{"passed": true}')
    answer = linli("cases", "command", *words, "--photo-after", str(tmp_path / "no.jpg"))
    assert code_of(answer) == (2, "photo-unreadable")


def test_without_temporal_a_command_says_so(linli: Linli, handled: Case) -> None:
    del handled
    words = ("KJ-20261121-000042", "inspect", "--as", "inspect.luo", "--with", '{"passed": true}')
    assert code_of(linli("cases", "command", *words)) == (3, "temporal-unavailable")


@pytest.mark.parametrize(
    ("name", "fields", "code"), [("c07.wang", "[" * 5000, "not-json"), ("a\udcff", "{}", "not-text")]
)
def test_what_is_no_text_or_no_json_is_bad_input(linli: Linli, name: str, fields: str, code: str) -> None:
    answer = linli("cases", "command", "x", "comment", "--as", name, "--with", fields)
    assert code_of(answer) == (2, code)
