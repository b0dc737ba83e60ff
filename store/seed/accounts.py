"""The demo's people and the password they share."""

import csv
from pathlib import Path

from domain.matters import Frozen
from domain.people import Role

PASSWORD = "linli-demo"  # noqa: S105 - of the demo only, printed by `linli up`


class Account(Frozen):
    """Whom one can log in as; `role` is the first of the person's roles."""

    name: str
    display_name: str
    role: Role
    password: str = PASSWORD


class Person(Frozen):
    """One line of people.csv; several values of a column stand apart by blanks."""

    name: str
    display_name: str
    roles: tuple[Role, ...]
    unit: str
    areas: tuple[str, ...]
    skills: tuple[str, ...]
    on_roster: bool
    has_account: bool  # without one: reached by SMS, let in by a link

    @property
    def account(self) -> Account:
        return Account(name=self.name, display_name=self.display_name, role=self.roles[0])


def read_people(path: Path) -> list[Person]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [_person(line) for line in csv.DictReader(lines)]


def _person(line: dict[str, str]) -> Person:
    lists = {column: tuple(line[column].split()) for column in ("areas", "skills")}
    roles = tuple(Role(role) for role in line["roles"].split())
    answers = {"on_roster": line["on_roster"] == "yes", "has_account": line.pop("account") == "yes"}
    return Person.model_validate({**line, **lists, "roles": roles, **answers})
