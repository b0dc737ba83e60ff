"""Folders of rulesets that became no version, as rule authors see them."""

import json
from typing import Any

import psycopg
import pytest
from databases import Database

pytestmark = pytest.mark.servers


async def test_a_folder_that_never_lies_still_is_listed_apart_from_those_that_cannot_be_read(
    as_person: Any, seeded: Database
) -> None:
    with psycopg.connect(seeded.owner_dsn) as owner:
        for name, code in (("restless", "still-changing"), ("broken", "not-plain")):
            problem = {"file": name, "line": 1, "field": "-", "reason": "…", "code": code}
            owner.execute(
                "INSERT INTO ruleset_folders (origin, name, digest, problems) VALUES ('home', %s, '', %s)",
                (name, json.dumps([problem])),
            )
    page = await (await as_person("rules.xu")).page("/console/rulesets")
    changing, broken = page.css("main section.card")
    assert ("restless" in changing.text(), "起还在变化，等它停下再收" in changing.text()) == (True, True)
    assert ("broken" in broken.text(), "restless" in broken.text()) == (True, False)
