"""Which working days a ruleset is tried with on the command line: those in force here, where a store answers."""

import asyncio
from typing import Any

import psycopg

import settings
from cli.output import people
from domain.calendars import Calendar
from store.calendars import working_days

PATIENCE = 2  # seconds; a check of a file does not wait longer for a database


def in_force_here() -> Calendar | None:
    """None: no store answers, and those beside a ruleset count, or the shipped ones. Says which."""
    found = _asked(settings.load().database_url)
    if found is None:
        people.print("工作日历：规则集旁边的，没有就用自带的（这里没有启动，不知道在用哪一份）", style="dim")
    else:
        people.print(f"工作日历：在用的 {found.name} {found.version}", style="dim", markup=False)
    return found


def told(calendar: Calendar | None) -> dict[str, Any]:
    """As it stands in an answer."""
    return {"in_force": calendar is not None, "version": calendar.version if calendar else None}


def _asked(database_url: str) -> Calendar | None:
    if not database_url:
        return None

    async def ask() -> Calendar | None:
        async with await psycopg.AsyncConnection.connect(database_url, connect_timeout=PATIENCE) as connection:
            return await working_days(connection)

    try:
        return asyncio.run(ask())
    except psycopg.Error:
        return None
