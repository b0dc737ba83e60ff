"""A ruleset's versions from a page or the API: new ones, and their steps; whoever asks is checked by their route."""

from typing import Any
from uuid import UUID

from domain.rulesets import Command, Refused
from store.rulesets import KeyTaken, Taken, VersionTexts, add_version, take, texts
from web.problems import Problem, status_of
from web.security import Viewer
from web.services import Services
from web.workbench import Busy, TooSlow
from web.workbench.texts import texts_given


async def take_step(served: Services, viewer: Viewer, ruleset: str, command: Command, key: UUID) -> Taken:
    """Give a command; `key` makes a repeated request the same request. Raises Problem with the refusal."""

    async def faults(version: str) -> int:
        async with served.pool.connection() as connection:
            found = await texts(connection, version)
        if found is None:
            return 0
        given = texts_given(ruleset, found.definition, found.template)
        return len(await _at_the_workbench(served, viewer, "faults", given))

    try:
        async with served.pool.connection() as connection:
            return await take(connection, ruleset, command, viewer.actor, problems=faults, key=key)
    except Refused as refused:
        status = 404 if refused.code == "version-unknown" else status_of(refused.code)
        raise Problem(status, refused.code, **refused.params) from refused
    except KeyTaken as taken:
        raise Problem(409, "idempotency-conflict") from taken


async def new_version(
    served: Services,
    viewer: Viewer,
    ruleset: str,
    definition: str,
    template: str,
    *,
    note: str = "",
    based_on: str | None = None,
    key: UUID | None = None,
) -> tuple[str, bool]:
    """A draft version of these texts: its hash, and whether it is new. Raises Problem where they cannot run."""
    given = texts_given(ruleset, definition, template)
    found = await _at_the_workbench(served, viewer, "compiled", given)
    if problems := found["problems"]:
        first = f"{problems[0]['field']}: {problems[0]['reason']}"
        raise Problem(422, "ruleset-invalid", faults=len(problems), first=first, problems=problems)
    if found["id"] != ruleset:
        raise Problem(422, "ruleset-is-another", field="definition", found=found["id"], expected=ruleset)
    new = VersionTexts(ruleset, found["hash"], found["title"], definition, template)
    try:
        async with served.pool.connection() as connection:
            return new.hash, await add_version(
                connection, new, author=viewer.person.id, note=note, based_on=based_on, key=key
            )
    except KeyTaken as taken:
        raise Problem(409, "idempotency-conflict") from taken


async def _at_the_workbench(served: Services, viewer: Viewer, task: str, given: dict[str, str]) -> Any:
    try:
        return await served.workbench.ask(str(viewer.person.id), task, texts=given, zone=served.settings.zone.key)
    except TooSlow:
        raise Problem(422, "ruleset-too-slow") from None
    except Busy:
        raise Problem(503, "workbench-busy") from None
