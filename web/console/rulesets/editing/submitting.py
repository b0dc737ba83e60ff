"""A working copy becomes a version: a draft that others can read, and that two people may bring into force."""

from starlette.requests import Request

from store.working_copies import WorkingCopy, drop
from web.console.rulesets.access import person_of
from web.problems import Problem
from web.security import Viewer
from web.services import services
from web.stages import new_version


async def submit(request: Request, viewer: Viewer, copy: WorkingCopy, note: str) -> str:
    """The hash of the version. Raises Problem where it cannot run: what lint and tests find may still be mended."""
    held, texts = services(request), (copy.definition, copy.template)
    made, added = await new_version(held, viewer, copy.ruleset, *texts, note=note, based_on=copy.based_on)
    if not added:
        raise Problem(409, "version-there-already")
    await drop(held.pool, person_of(viewer), copy.ruleset)
    return made
