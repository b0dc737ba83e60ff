"""The case worker: workflows of cases, `advance`, the relay and the reconciler in one process."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.advance import CaseUnknown, House, advance
from activities.reconcile import reconcile_for_ever
from activities.relay import AT_ONCE, Relay
from activities.rulesets import look_after_rulesets
from settings import Settings
from store.failpoints import reached
from store.pool import Pool, pool
from temporal.client import ensure_search_attributes
from temporal.worker.lifetime import connected, until_told
from workflows.case import CaseWorkflow
from workflows.ports import ADVANCE, CASE_QUEUE, STORE_UNAVAILABLE, AdvanceAsk, Advanced

TASKS_AT_ONCE = 2 * AT_ONCE  # the other half is people's, while the relay starts cases


class CaseActivities:
    """What case workflows ask."""

    def __init__(self, connections: Pool, house: House, advanced: Callable[[UUID], None] = lambda _: None) -> None:
        """`advanced` is told of each case that has had its turn."""
        self._pool = connections
        self._house = house
        self._advanced = advanced

    @activity.defn(name=ADVANCE)
    async def advance(self, ask: AdvanceAsk) -> Advanced:
        try:
            advanced = await advance(self._pool, self._house, ask.case_id, ask.command_id)
        except CaseUnknown:
            return Advanced(version=0, stage="unknown", settled=True)
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise ApplicationError(str(error), type=STORE_UNAVAILABLE) from error
        reached("after-advance")
        self._advanced(ask.case_id)
        return advanced


async def run_case_worker(settings: Settings) -> None:
    """Until SIGTERM; waits for both servers rather than failing."""
    async with pool(settings.database_url) as connections:
        client = await connected(settings)
        await ensure_search_attributes(client)
        house = House(settings.sub_district_code, settings.zone, settings.clock_rate)
        relay = Relay(connections, client)
        worker = Worker(
            client,
            task_queue=CASE_QUEUE,
            workflows=[CaseWorkflow],
            activities=[CaseActivities(connections, house, relay.advanced).advance],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_cached_workflows=5000,
            max_concurrent_workflow_tasks=TASKS_AT_ONCE,
            max_concurrent_local_activities=200,
            max_concurrent_workflow_task_polls=10,
            max_concurrent_activities=10,
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        )
        beside = [relay.run(), reconcile_for_ever(connections, client), look_after_rulesets(connections, settings)]
        await until_told(settings, "case-worker", worker, beside)
