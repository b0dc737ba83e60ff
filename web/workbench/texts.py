"""What is sent to the workbench of a ruleset: its texts, and what is in force around it, for it has no database."""

from functools import lru_cache

from rules.catalogue import as_csv
from web.catalogue import in_force, working_days


def texts_given(name: str, definition: str, template: str) -> dict[str, str]:
    given = {"name": name, "yaml": definition, "template": template}
    calendar = working_days()
    if calendar is not None:
        given["calendar"] = calendar.model_dump_json()
    return given | {"catalogue": _catalogue(in_force().catalogue_hash)}


@lru_cache(maxsize=2)
def _catalogue(digest: str) -> str:
    """`digest` names what is in force."""
    del digest
    return as_csv(in_force().catalogue.values())
