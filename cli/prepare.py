"""What the database must hold before anything starts: roles, tables, the demo, categories, rulesets and calendars.

`python -m cli.prepare` prints the demo's accounts as JSON; the supervisor runs it at every start, it is idempotent.
"""

import json
import sys
from typing import Any

from pydantic_core import to_jsonable_python

import settings
from cli.state import embeds_postgres, read
from settings import Settings
from settings.model import STATE_FILE
from store import embedded
from store.migrate import upgrade
from store.seed import load_rulesets, seed_calendars, seed_catalogue, seed_demo


def prepare(given: Settings) -> list[Any]:
    """Gives the demo's accounts: name, role, password of each."""
    if embeds_postgres():
        state = read(given.home / STATE_FILE)
        superuser = embedded.dsn(embedded.SUPERUSER, given.postgres_password, given.postgres_port, "postgres")
        embedded.ensure_roles(superuser, state["owner_password"], state["app_password"])
    upgrade(given.owner_database_url)
    if not given.demo:
        seed_catalogue(given.owner_database_url)
        load_rulesets(given.owner_database_url)
        seed_calendars(given.owner_database_url)
        return []
    accounts: list[Any] = to_jsonable_python(seed_demo(given.owner_database_url, given.contact_key))
    return accounts


if __name__ == "__main__":
    # stdout is ours alone: what migrations print goes to stderr with the rest
    ours, sys.stdout = sys.stdout, sys.stderr
    ours.write(json.dumps(prepare(settings.load()), ensure_ascii=False))
