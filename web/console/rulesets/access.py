"""Who reads the pages of rules, who writes, and the texts they ask about."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from starlette.requests import Request

from domain.people import Role
from store.pool import Connection
from web.problems import Problem
from web.security import needs
from web.security.needs import viewer_of
from web.services import services
from web.workbench import Busy, Replaced, TooSlow

READERS = needs(Role.RULE_AUTHOR, Role.SUPERVISOR, Role.DUTY_OFFICER)
AUTHORS = needs(Role.RULE_AUTHOR)
RESERVED = frozenset({"new", "why", "faults"})  # addresses of pages
RulesetId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
TEXTS = "SELECT definition, template FROM rulesets WHERE id = %s AND hash = %s"


def person_of(viewer: Any) -> UUID:
    return UUID(str(viewer.person.id))


async def texts_of(connection: Connection, ruleset: str, hash_: str) -> tuple[str, str]:
    """Definition and template of a version. Raises Problem where the ruleset has no such version."""
    found = await (await connection.execute(TEXTS, (ruleset, hash_))).fetchone()
    if found is None:
        raise Problem(404, "not-found")
    return found[0], found[1]


async def at_the_workbench(request: Request, task: str, **given: Any) -> Any:
    """What the workbench answers to whoever asks, within its time. Raises Problem."""
    try:
        return await services(request).workbench.ask(str(viewer_of(request).person.id), task, **given)
    except TooSlow:
        raise Problem(422, "ruleset-too-slow") from None
    except Busy:
        raise Problem(503, "workbench-busy") from None
    except Replaced:
        raise Problem(409, "workbench-replaced") from None
