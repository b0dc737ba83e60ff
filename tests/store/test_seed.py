"""The demo organisation: complete, consistent, and the same after a second start."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from databases import Database

from domain.people import CASE_ROLES, Role
from rules.load import load_all
from settings.model import RULESETS
from store.seed import load_rulesets, seed_demo

pytestmark = pytest.mark.servers


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner_dsn) as connection:
        return connection.execute(query).fetchall()


def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    tables = ("areas", "units", "people", "rosters", "devices", "rulesets")
    return [rows(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def test_a_second_start_changes_nothing_and_gives_the_same_accounts(seeded: Database) -> None:
    before = everything(seeded)
    assert tuple(seed_demo(seeded.owner_dsn)) == seeded.accounts
    assert everything(seeded) == before


def test_what_an_administrator_changed_stays_after_a_start(seeded: Database) -> None:
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("UPDATE people SET active = false, skills = '{}' WHERE name = 'c07.wang'")
        connection.execute("UPDATE devices SET place = '/310110/kj/c07/n021/' WHERE device_id = '24e12407021311001'")
    before = everything(seeded)
    seed_demo(seeded.owner_dsn)
    assert everything(seeded) == before


def test_everybody_can_log_in_with_the_password_that_is_printed(seeded: Database) -> None:
    hashes = dict(rows(seeded, "SELECT name, password_hash FROM people WHERE wecom_id IS NOT NULL"))
    assert set(hashes) == {account.name for account in seeded.accounts}
    assert PasswordHasher().verify(hashes["c07.wang"], seeded.accounts[0].password)


def test_every_role_has_somebody(seeded: Database) -> None:
    held = {role for (roles,) in rows(seeded, "SELECT roles FROM people") for role in roles}
    assert held == set(Role) - {Role.RULE, Role.REPORTER}
    assert {account.role for account in seeded.accounts} >= CASE_ROLES - {Role.COMMITTEE}


def test_every_community_has_two_lift_handlers_and_one_who_is_off_the_roster_per_property(seeded: Database) -> None:
    handlers = rows(
        seeded,
        """SELECT people.unit, people.areas[1], EXISTS (SELECT FROM rosters WHERE person_id = people.id
           AND now() BETWEEN starts_at AND ends_at)
           FROM people WHERE 'lift' = ANY (skills) AND unit LIKE 'property-%'""",
    )
    assert set(Counter(area for _, area, _ in handlers).values()) == {2}
    off = Counter(unit for unit, _, on_roster in handlers if not on_roster)
    assert off == dict.fromkeys(("property-c07", "property-c08", "property-c09", "property-c10"), 1)


def test_each_unit_of_a_building_has_its_four_devices_at_places_that_exist(seeded: Database) -> None:
    devices = rows(
        seeded, "SELECT kind, device_id, place, areas.label, registered FROM devices LEFT JOIN areas ON path = place"
    )
    hanging = {"elevator-camera": 64, "smoke-sensor": 128 + 4, "door-magnet": 64, "level-meter": 4}
    assert Counter(kind for kind, *_ in devices) == hanging
    assert all(label and registered for *_, label, registered in devices)
    assert all(len(device) == 16 for kind, device, *_ in devices if kind == "smoke-sensor")
    camera = next(row for row in devices if row[1] == "cam-c07-n021-b03-u2")
    assert camera[2:4] == ("/310110/kj/c07/n021/b03/u2/lift1/", "双阳二村 12 号 2 单元电梯")


def test_in_each_committee_a_sensor_hangs_with_an_elder_who_lives_alone(seeded: Database) -> None:
    of_elders = rows(seeded, "SELECT left(place, 15), kind FROM devices WHERE 'elder_alone' = ANY (tags) ORDER BY 1")
    assert of_elders == [(f"/310110/kj/c{number}/", "smoke-sensor") for number in ("07", "08", "09", "10")]


def test_every_kind_of_unit_that_rules_name_is_there_and_has_people_or_a_telephone(seeded: Database) -> None:
    openings = [rule.opens for compiled in load_all(RULESETS) for rule in compiled.rules if rule.opens]
    named = {kind for opens in openings for kind in (opens.handler, *opens.inform)}
    units = rows(seeded, "SELECT id, kind, accounts, phone FROM units")
    assert named <= {kind for _, kind, _, _ in units}
    staffed = {unit for (unit,) in rows(seeded, "SELECT DISTINCT unit FROM people WHERE 'handler' = ANY (roles)")}
    called = {unit for unit, _, accounts, phone in units if not accounts and phone}
    assert called == {"gas", "water", "power"}
    assert {unit for unit, kind, _, _ in units if kind in named} <= staffed | called


def test_a_changed_ruleset_replaces_the_version_before_and_back(seeded: Database, tmp_path: Path) -> None:
    def active() -> dict[str, str]:
        return dict(rows(seeded, "SELECT id, hash FROM rulesets WHERE stage = 'active'"))

    shipped = active()
    folder = tmp_path / "rulesets"
    shutil.copytree(RULESETS, folder)
    template = folder / "corridor-smoke" / "template.zh.j2"
    template.write_text(template.read_text(encoding="utf-8") + "请尽快到场。\n", encoding="utf-8")
    load_rulesets(seeded.owner_dsn, folder)
    changed = active()
    assert {name for name in shipped if changed[name] != shipped[name]} == {"corridor-smoke"}
    assert rows(seeded, "SELECT id, hash FROM rulesets WHERE stage = 'retired'") == [
        ("corridor-smoke", shipped["corridor-smoke"])
    ]
    load_rulesets(seeded.owner_dsn)
    assert active() == shipped


def test_a_ruleset_that_somebody_took_a_step_of_is_theirs_and_what_is_new_in_its_folder_a_draft(
    seeded: Database, tmp_path: Path
) -> None:
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("""
            INSERT INTO ruleset_steps (ruleset, hash, step, stage, by)
            SELECT r.id, r.hash, 'asked', 'shadow', p.id FROM rulesets r, people p
            WHERE r.id = 'corridor-smoke' AND p.name = 'rules.xu'""")
    shipped = rows(seeded, "SELECT id, hash FROM rulesets WHERE stage = 'active' ORDER BY id")
    folder = tmp_path / "rulesets"
    shutil.copytree(RULESETS, folder)
    template = folder / "corridor-smoke" / "template.zh.j2"
    template.write_text(template.read_text(encoding="utf-8") + "请尽快到场。\n", encoding="utf-8")
    load_rulesets(seeded.owner_dsn, folder)
    assert rows(seeded, "SELECT id, hash FROM rulesets WHERE stage = 'active' ORDER BY id") == shipped
    assert rows(seeded, "SELECT id FROM rulesets WHERE stage = 'draft'") == [("corridor-smoke",)]


def test_a_shipped_ruleset_that_cannot_run_keeps_no_other_from_running(seeded: Database, tmp_path: Path) -> None:
    folder = tmp_path / "rulesets"
    shutil.copytree(RULESETS, folder)
    (folder / "corridor-smoke" / "ruleset.yaml").write_text("ruleset: corridor-smoke\n", encoding="utf-8")
    template = folder / "door-left-open" / "template.zh.j2"
    template.write_text(template.read_text(encoding="utf-8") + "{# #}\n", encoding="utf-8")
    before = dict(rows(seeded, "SELECT id, hash FROM rulesets WHERE stage = 'active'"))
    load_rulesets(seeded.owner_dsn, folder)
    after = dict(rows(seeded, "SELECT id, hash FROM rulesets WHERE stage = 'active'"))
    assert {name for name in before if after[name] != before[name]} == {"door-left-open"}
