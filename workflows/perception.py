"""Keeps one reader of a partition's inbox running, wherever a worker lives."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.ports import PERCEPTION_QUEUE, READ_INBOX, ReadAsk

A_SHIFT = timedelta(minutes=10)


@workflow.defn
class PerceptionWorkflow:
    """One activity after another reads the inbox; the store's epoch keeps a lost one from writing."""

    @workflow.run
    async def run(self, partition: int) -> None:
        while True:
            await workflow.execute_activity(
                READ_INBOX,
                ReadAsk(partition=partition),
                task_queue=PERCEPTION_QUEUE,
                start_to_close_timeout=A_SHIFT + timedelta(minutes=1),
                heartbeat_timeout=timedelta(seconds=5),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=2)
                ),
            )
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(partition)
