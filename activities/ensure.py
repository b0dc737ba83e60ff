"""`ensure(case)`: its workflow runs and knows that there is something to do. So for readers and backtests."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workflows.backtest import BacktestWorkflow
from workflows.case import CaseWorkflow
from workflows.perception import PerceptionWorkflow
from workflows.ports import (
    BACKTEST_QUEUE,
    CASE_QUEUE,
    PERCEPTION_QUEUE,
    backtest_workflow_id,
    case_workflow_id,
    perception_workflow_id,
)

TASK_TIMEOUT = timedelta(seconds=2)  # a killed worker costs the next command this much, not the server's ten
RPC_TIMEOUT = timedelta(seconds=5)
_ONE: dict[str, Any] = {  # of its id, however often it is asked for
    "task_timeout": TASK_TIMEOUT,
    "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
    "rpc_timeout": RPC_TIMEOUT,
}


async def ensure(client: Client, case_id: UUID) -> bool:
    """Start the case's workflow, or poke the one that runs. True where it was started. Raises RPCError."""
    try:
        await client.start_workflow(
            CaseWorkflow.run,
            case_id,
            id=case_workflow_id(case_id),
            task_queue=CASE_QUEUE,
            task_timeout=TASK_TIMEOUT,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            request_eager_start=True,
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        return not await _poke(client, case_id)
    return True


async def _poke(client: Client, case_id: UUID) -> bool:
    """False where the workflow ended in the meantime; whoever asks again starts it anew."""
    try:
        await client.get_workflow_handle(case_workflow_id(case_id)).signal(CaseWorkflow.poke, rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def ensure_reader(client: Client, partition: int) -> None:
    """Start the workflow that keeps a reader of the partition's inbox, where none runs. Raises RPCError."""
    await client.start_workflow(
        PerceptionWorkflow.run, partition, id=perception_workflow_id(partition), task_queue=PERCEPTION_QUEUE, **_ONE
    )


async def ensure_backtest(client: Client, backtest: UUID) -> None:
    """Start the workflow that plays a backtest, where none runs. Raises RPCError."""
    await client.start_workflow(
        BacktestWorkflow.run, backtest, id=backtest_workflow_id(backtest), task_queue=BACKTEST_QUEUE, **_ONE
    )


async def has_workflow(client: Client, case_id: UUID) -> bool:
    """Whether a workflow drives the case now."""
    try:
        described = await client.get_workflow_handle(case_workflow_id(case_id)).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return described.close_time is None
