"""Puts the demo organisation into the database; a second start finds all of it there and changes nothing."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
from argon2 import PasswordHasher

from store.contacts import Contacts
from store.seed.accounts import PASSWORD, Account, Person, read_people
from store.seed.calendars import seed_calendars
from store.seed.catalogue import seed_catalogue
from store.seed.outlines import outlined
from store.seed.places import Area, Device, read_areas, read_devices, read_single_devices
from store.seed.rulesets import load_rulesets

DEMO = Path(__file__).parent / "demo"
NAMESPACE = UUID("6f0f2d0e-58c4-5a7e-9a39-0d7b7f1f6a11")  # of the ids of the demo's people and rosters
NO_PASSWORD = "!"  # noqa: S105 - no hash: nobody can log in with any
FICTIONAL = 13800000001  # the first person's phone
ON_DUTY_FOR = timedelta(days=730)

Connection = psycopg.Connection[tuple[Any, ...]]


def seed_demo(owner_dsn: str, contact_key: str = "") -> list[Account]:
    """The demo's accounts, after its organisation, categories, rulesets and calendars are there. Idempotent.

    `contact_key` seals the phones; without it nobody has one.
    """
    people = read_people(DEMO / "people.csv")
    areas = read_areas(DEMO / "places.yaml")
    devices = read_devices(DEMO / "devices.yaml", areas)
    spots, single = read_single_devices(DEMO / "single_devices.csv", areas)
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('linli.seed', 0))")
        _areas(connection, areas + spots)
        _units(connection)
        _people(connection, people)
        _contacts(connection, people, contact_key)
        _devices(connection, devices + single)
    seed_catalogue(owner_dsn)
    load_rulesets(owner_dsn)
    seed_calendars(owner_dsn)
    return [person.account for person in people if person.has_account]


def person_id(name: str) -> UUID:
    """The id under which the demo's person of that login name is stored."""
    return uuid5(NAMESPACE, name)


def _insert(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"{statement} ON CONFLICT DO NOTHING", rows)


def _areas(connection: Connection, areas: list[Area]) -> None:
    rows = ((area.path, int(area.level), area.label, area.lat, area.lon) for area in areas)
    _insert(connection, "INSERT INTO areas (path, level, label, lat, lon) VALUES (%s, %s, %s, %s, %s)", rows)
    if connection.execute("SELECT FROM areas WHERE outline IS NOT NULL LIMIT 1").fetchone() is None:
        with connection.cursor() as cursor:
            drawn = ((outline, path) for path, outline in outlined(areas).items())
            cursor.executemany("UPDATE areas SET outline = %s::json WHERE path = %s", drawn)


def _units(connection: Connection) -> None:
    with (DEMO / "units.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(*list(line.values())[:-1], line["accounts"] == "yes") for line in csv.DictReader(lines)]
    statement = "INSERT INTO units (id, kind, label, area, phone, accounts) VALUES (%s, %s, %s, %s, %s, %s)"
    _insert(connection, statement, rows)


def _people(connection: Connection, people: list[Person]) -> None:
    known = {name for (name,) in connection.execute("SELECT name FROM people")}
    new = [person for person in people if person.name not in known]
    if not new:
        return
    password = PasswordHasher().hash(PASSWORD)  # one for all: it takes long on purpose
    hashes = {True: password, False: NO_PASSWORD}
    rows = [
        (
            person_id(p.name),
            p.name,
            p.display_name,
            hashes[p.has_account],
            list(p.roles),
            list(p.areas),
            p.unit,
            list(p.skills),
        )
        for p in new
    ]
    statement = """
        INSERT INTO people (id, name, display_name, password_hash, roles, areas, unit, skills)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
    _insert(connection, statement, rows)
    yesterday = datetime.now(UTC) - timedelta(days=1)  # a clock that is set back a little finds them on duty, too
    since = yesterday.replace(hour=0, minute=0, second=0, microsecond=0)
    shifts = [
        (uuid5(person_id(p.name), "roster"), person_id(p.name), since, since + ON_DUTY_FOR) for p in new if p.on_roster
    ]
    _insert(connection, "INSERT INTO rosters (id, person_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)", shifts)


def _contacts(connection: Connection, people: list[Person], contact_key: str) -> None:
    """In government WeChat everyone is known by their login name; the phones are nobody's."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE people SET wecom_id = name WHERE name = %s AND wecom_id IS NULL",
            [(p.name,) for p in people if p.has_account],
        )
        if contact_key:
            contacts = Contacts(contact_key)
            phones = [(contacts.seal(f"{FICTIONAL + place}"), p.name) for place, p in enumerate(people)]
            cursor.executemany("UPDATE people SET phone = %s WHERE name = %s AND phone IS NULL", phones)


def _devices(connection: Connection, devices: list[Device]) -> None:
    statement = """
        INSERT INTO devices (adapter, device_id, kind, label, place, tags, registered)
        VALUES (%s, %s, %s, %s, %s, %s, true)"""
    _insert(connection, statement, ((d.adapter, d.id, d.kind, d.label, d.place, list(d.tags)) for d in devices))
