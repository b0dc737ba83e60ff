"""The road of one case in time. It knows no rule of the trade: `advance` decides, under the case's row lock."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.ports import ADVANCE, AdvanceAsk, Advanced

AT_ONCE = timedelta(seconds=5)  # local activity, all attempts together; the store's own time-outs lie below
A_MOMENT = timedelta(milliseconds=50)  # the store's clock may be a little behind the worker's
STAGE = SearchAttributeKey.for_keyword("Stage")
TIER = SearchAttributeKey.for_keyword("Tier")
AREA = SearchAttributeKey.for_keyword("Area")


@workflow.defn
class CaseWorkflow:
    """Triage, dispatch, handling, inspection, closing; people's commands, news and deadlines move it on."""

    @workflow.init
    def __init__(self, case_id: UUID) -> None:
        self._id = case_id
        self._seen: Advanced | None = None
        self._told = ""
        self._news = False
        self._rang = False
        self._rings_at: datetime | None = None
        self._timer: asyncio.TimerHandle | None = None

    @workflow.run
    async def run(self, case_id: UUID) -> None:
        del case_id  # `__init__` keeps it
        seen = await self._by_itself()
        while not (seen.settled and workflow.all_handlers_finished()):
            match seen.stage:
                case "received" | "verifying":
                    await self._triage(seen)
                case "dispatching":
                    await self._dispatch(seen)
                case "assigned" | "handling":
                    await self._handling(seen)
                case "inspecting":
                    await self._inspection(seen)
                case _:
                    await self._closing(seen)
            seen = self._seen or seen
            if workflow.info().is_continue_as_new_suggested() and not seen.settled:
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._id)

    @workflow.update
    async def command(self, command_id: UUID) -> Advanced:
        """Carry out a command that people gave; its body is in the store, its answer is remembered there."""
        return await self._advance(command_id)

    @workflow.signal
    def poke(self) -> None:
        self._news = True

    async def _triage(self, seen: Advanced) -> None:
        await self._wait(seen, "received, to be verified or filed")

    async def _dispatch(self, seen: Advanced) -> None:
        await self._wait(seen, "filed, nobody to give it to yet")

    async def _handling(self, seen: Advanced) -> None:
        await self._wait(seen, "with the handler")

    async def _inspection(self, seen: Advanced) -> None:
        await self._wait(seen, "to be inspected by somebody else")

    async def _closing(self, seen: Advanced) -> None:
        await self._wait(seen, "to be closed")

    async def _wait(self, seen: Advanced, where: str) -> None:
        """Until people, news or the clock move the case on; the last two ask the system to do its part."""
        workflow.set_current_details(f"**{seen.stage}**: {where} (v{seen.version})")
        if seen.settled:
            await workflow.wait_condition(workflow.all_handlers_finished)
            return
        self._arm(seen)
        await workflow.wait_condition(
            lambda: self._news or self._rang or self._seen is None or self._seen.version != seen.version
        )
        due = self._rang and seen.next_due is not None and seen.next_due <= workflow.now() + A_MOMENT
        self._rang = False
        if self._news or due:
            await self._by_itself()

    def _arm(self, seen: Advanced) -> None:
        """One timer, to the earliest due instant so far: a later one is looked at when it rings.

        Commands mostly move the due instant away; restarting the timer for each would double their history.
        """
        if seen.next_due is None or (self._rings_at is not None and self._rings_at <= seen.next_due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = seen.next_due
        patience = max(seen.next_due - workflow.now(), A_MOMENT)
        self._timer = asyncio.get_running_loop().call_later(patience.total_seconds(), self._ring)

    def _ring(self) -> None:
        self._rings_at, self._rang = None, True

    async def _by_itself(self) -> Advanced:
        """What the system does without being asked; waits for the store as long as it takes."""
        self._news = False
        try:
            advanced = await self._advance(None)
        except ActivityError:
            advanced = await workflow.execute_activity(
                ADVANCE,
                AdvanceAsk(case_id=self._id),
                result_type=Advanced,
                start_to_close_timeout=AT_ONCE,
                retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=5)),
            )
        seen = self._remember(advanced)
        self._tell_operators(seen)
        return seen

    def _tell_operators(self, seen: Advanced) -> None:
        """Where to find the case in Temporal's own lists, as of the system's last turn.

        People's commands do not write it anew: that took a fifth of the server's time. The details are always right.
        """
        if seen.stage != self._told:
            self._told = seen.stage
            workflow.upsert_search_attributes(
                [STAGE.value_set(seen.stage), TIER.value_set(seen.tier), AREA.value_set(seen.area)]
            )

    async def _advance(self, command_id: UUID | None) -> Advanced:
        advanced: Advanced = await workflow.execute_local_activity(
            ADVANCE,
            AdvanceAsk(case_id=self._id, command_id=command_id),
            result_type=Advanced,
            schedule_to_close_timeout=AT_ONCE,
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=50), maximum_interval=timedelta(milliseconds=500)
            ),
        )
        self._remember(advanced)
        return advanced

    def _remember(self, advanced: Advanced) -> Advanced:
        """Keep the highest version seen: answers may overtake one another."""
        if self._seen is None or advanced.version >= self._seen.version:
            self._seen = advanced
        return self._seen
