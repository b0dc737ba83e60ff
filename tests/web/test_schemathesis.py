"""Whatever is sent to the API, it answers as it describes itself: never 5xx, and every body as its schema says."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from browsing import just_now
from builders import PROPERTY, WANG, a_case, a_matter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain.commands import COMMANDS

pytestmark = pytest.mark.servers
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance, status_code_conformance]
EXAMPLES = 40  # of each operation, half of them with what is wrong
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


def operations(described: Mapping[str, Any]) -> list[Any]:
    schema = schemathesis.openapi.from_dict(dict(described), config=SchemathesisConfig.from_dict({}))
    found = list(schema.get_all_operations())
    assert all(isinstance(one, Ok) for one in found)
    return [one.ok() for one in found if isinstance(one, Ok)]


def attack(operation: Any, address: str, headers: dict[str, str], cases: list[str]) -> None:
    """Send generated requests, most of them to cases that there are."""

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(MODES))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if "case_id" in (case.path_parameters or {}) and data.draw(st.integers(0, 3)):
            case.path_parameters["case_id"] = data.draw(st.sampled_from(cases))
        if "name" in (case.path_parameters or {}) and data.draw(st.integers(0, 5)):
            case.path_parameters["name"] = data.draw(st.sampled_from(sorted(COMMANDS)))
            case.headers["Idempotency-Key"] = str(uuid4())
        case.call_and_validate(base_url=address, checks=CHECKS, headers=headers)

    send()


@pytest.mark.parametrize("name", ["c07.wang", "duty.chen", "rules.xu"])
async def test_the_api_is_as_it_says(at_work: Any, address: str, tell: Any, name: str) -> None:
    received, filed, given_away = (a_case(a_matter(dedupe_key=str(n)), at=just_now()) for n in range(3))
    told = [await tell(story) for story in (received, filed.filed(), given_away.filed().assigned_to(PROPERTY, WANG))]
    browser = await at_work(name)
    headers = {"Cookie": f"linli_session={browser.cookies['linli_session']}", "X-CSRF-Token": browser.csrf}
    described = (await browser.get("/api/v1/openapi.json")).json()
    for operation in operations(described):
        await asyncio.to_thread(attack, operation, address, headers, [str(case.id) for case in told])
