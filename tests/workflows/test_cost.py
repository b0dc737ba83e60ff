"""What a case costs Temporal, counted in the events of its history."""

import pytest
from road import Road
from temporalio.api.enums.v1 import EventType

from domain.commands import Sign

pytestmark = pytest.mark.servers
A_TASK = ["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]
FILED = [
    "WORKFLOW_EXECUTION_STARTED",
    *A_TASK,
    "MARKER_RECORDED",  # `advance`, once: filed and given to somebody
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    "TIMER_STARTED",
]
COMMAND = [*A_TASK, "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "MARKER_RECORDED", "WORKFLOW_EXECUTION_UPDATE_COMPLETED"]


async def test_filing_takes_one_task_of_the_workflow_and_so_does_a_command(road: Road) -> None:
    case_id, handler = await road.assigned()
    assert (await road.give(case_id, Sign(), handler)).accepted

    history = await road.reach.client.get_workflow_handle(f"case/{case_id}").fetch_history()

    events = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]
    assert events == [*FILED, *COMMAND]
