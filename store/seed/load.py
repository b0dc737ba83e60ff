"""Puts the demo organisation into the database; a second start finds all of it there and changes nothing."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
from argon2 import PasswordHasher

from store.seed.accounts import PASSWORD, Account, Person, read_people
from store.seed.places import Area, Device, read_areas, read_devices
from store.seed.rulesets import load_rulesets

DEMO = Path(__file__).parent / "demo"
NAMESPACE = UUID("6f0f2d0e-58c4-5a7e-9a39-0d7b7f1f6a11")  # of the ids of the demo's people and rosters
ON_DUTY_FOR = timedelta(days=730)

Connection = psycopg.Connection[tuple[Any, ...]]


def seed_demo(owner_dsn: str) -> list[Account]:
    """The demo's accounts, after places, units, people, rosters, devices and rulesets are there. Idempotent."""
    people = read_people(DEMO / "people.csv")
    areas = read_areas(DEMO / "places.yaml")
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('linli.seed', 0))")
        _areas(connection, areas)
        _units(connection)
        _people(connection, people)
        _devices(connection, read_devices(DEMO / "devices.yaml", areas))
    load_rulesets(owner_dsn)
    return [person.account for person in people]


def person_id(name: str) -> UUID:
    """The id under which the demo's person of that login name is stored."""
    return uuid5(NAMESPACE, name)


def _insert(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"{statement} ON CONFLICT DO NOTHING", rows)


def _areas(connection: Connection, areas: list[Area]) -> None:
    rows = ((area.path, int(area.level), area.label, area.lat, area.lon) for area in areas)
    _insert(connection, "INSERT INTO areas (path, level, label, lat, lon) VALUES (%s, %s, %s, %s, %s)", rows)


def _units(connection: Connection) -> None:
    with (DEMO / "units.csv").open(encoding="utf-8", newline="") as lines:
        rows = [tuple(line.values()) for line in csv.DictReader(lines)]
    _insert(connection, "INSERT INTO units (id, kind, label, area, phone) VALUES (%s, %s, %s, %s, %s)", rows)


def _people(connection: Connection, people: list[Person]) -> None:
    known = {name for (name,) in connection.execute("SELECT name FROM people")}
    new = [person for person in people if person.name not in known]
    if not new:
        return
    password = PasswordHasher().hash(PASSWORD)  # one for all: it takes long on purpose
    rows = [
        (person_id(p.name), p.name, p.display_name, password, list(p.roles), list(p.areas), p.unit, list(p.skills))
        for p in new
    ]
    statement = """
        INSERT INTO people (id, name, display_name, password_hash, roles, areas, unit, skills)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
    _insert(connection, statement, rows)
    since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    shifts = [
        (uuid5(person_id(p.name), "roster"), person_id(p.name), since, since + ON_DUTY_FOR) for p in new if p.on_roster
    ]
    _insert(connection, "INSERT INTO rosters (id, person_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)", shifts)


def _devices(connection: Connection, devices: list[Device]) -> None:
    statement = """
        INSERT INTO devices (adapter, device_id, kind, label, place, registered) VALUES (%s, %s, %s, %s, %s, true)"""
    _insert(connection, statement, ((d.adapter, d.id, d.kind, d.label, d.place) for d in devices))
