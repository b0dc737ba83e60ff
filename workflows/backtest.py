"""Keeps one backtest going until it is over; how far it is lies in the store, not here."""

from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.ports import BACKTEST_QUEUE, PLAY_BACKTEST, PlayAsk

AT_MOST = timedelta(hours=2)


@workflow.defn
class BacktestWorkflow:
    """One activity plays it, again where its worker was lost. It gives up by itself, and says so in the store."""

    @workflow.run
    async def run(self, backtest: UUID) -> None:
        await workflow.execute_activity(
            PLAY_BACKTEST,
            PlayAsk(backtest=backtest),
            task_queue=BACKTEST_QUEUE,
            start_to_close_timeout=AT_MOST,
            heartbeat_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10)),
        )
