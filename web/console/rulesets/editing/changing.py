"""From a part of the form to the working copy's texts."""

from datetime import datetime
from typing import Any

from starlette.requests import Request

from store.working_copies import WorkingCopy
from web.console.rulesets.access import at_the_workbench
from web.i18n import N_
from web.problems import Problem

MOST = 20_000  # characters of a template
OURS = ("v:", "c:", "t:")
REASONS = {"number": N_("要填数字"), "gone": N_("这一处已经改过，请看最新的内容")}


async def changed(request: Request, copy: WorkingCopy, given: Any) -> tuple[str, str]:
    """Definition and template after what the form sent. Raises Problem naming the form's field."""
    fields = [(name, str(value)) for name, value in given.multi_items() if name.startswith(OURS)]
    do = str(given.get("do") or "")
    made = await at_the_workbench(request, "changed", definition=copy.definition, fields=fields, do=do)
    if "wrong" in made:
        raise Problem(
            422, "rule-field-wrong", name=made["wrong"], reason=REASONS[made["reason"]], part=given.get("part")
        )
    template = given.get("template")
    return made["text"], copy.template if template is None else str(template)[:MOST].replace("\r\n", "\n")


def moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
