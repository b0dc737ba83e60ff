"""Giving a command: from a person's form into the store, to the case's workflow, and back with the answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic_core import to_jsonable_python
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, TimeoutError  # noqa: A004 - Temporal's own
from temporalio.service import RPCError, RPCStatusCode

from activities.advance import words_of
from activities.advance.choosing import look_up
from activities.ensure import RPC_TIMEOUT, TASK_TIMEOUT
from domain.cases import Case
from domain.commands import Command, File, Settle
from domain.lifecycle import Refused, decide
from domain.matters import Frozen
from domain.people import Actor
from settings import Settings
from store.pool import Connection, Pool, pool
from temporal.client import connect
from workflows.case import CaseWorkflow
from workflows.ports import CASE_QUEUE, STORE_UNAVAILABLE, Advanced, Outcome, case_workflow_id

HEALTH_TIMEOUT = timedelta(seconds=1)
KEEP = """
    INSERT INTO commands (id, case_id, actor, name, body, transport) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, body = excluded.body
    WHERE commands.outcome IS NULL AND (commands.case_id, commands.actor) = (excluded.case_id, excluded.actor)"""
KEPT = "SELECT case_id, actor, body::text, outcome::text FROM commands WHERE id = %s"
STATE = "SELECT state::text, clock_timestamp() FROM cases WHERE id = %s"


class TemporalUnavailable(Exception):
    """Nothing can carry out a command now; intake and reading go on."""


class StoreUnavailable(Exception):
    """The workflow could not reach the store; the command may be given again."""


class StillWorking(Exception):
    """The command is on its way; asking again with the same id gives its answer."""


class Given(Frozen):
    """A command as a person gives it. Its id was minted when the form was rendered."""

    command_id: UUID
    case_id: UUID
    actor: Actor
    command: Command
    transport: str


@dataclass(frozen=True)
class Reach:
    """What giving a command takes: the store as the system sees it, and Temporal."""

    pool: Pool
    client: Client


@asynccontextmanager
async def reach(settings: Settings) -> AsyncIterator[Reach]:
    async with pool(settings.database_url, most=8) as connections:
        yield Reach(connections, await connect(settings, lazy=True))


async def give(reached: Reach, given: Given) -> Outcome:
    """The answer to a command: accepted once and for ever, or refused with a code.

    Raises TemporalUnavailable, StoreUnavailable or StillWorking where there is no answer yet.
    """
    answered = await _keep_and_foresee(reached.pool, given)
    if answered is not None:
        return answered
    try:
        advanced = await _update(reached.client, given)
    except WorkflowUpdateFailedError as failed:
        cause = failed.cause.cause if isinstance(failed.cause, ActivityError) else failed.cause
        if isinstance(cause, TimeoutError) or getattr(cause, "type", "") == STORE_UNAVAILABLE:
            raise StoreUnavailable from failed
        raise
    except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError) as lost:
        return await _find_out(reached, given, lost)
    return _to_these_words(given, advanced.outcome or Outcome(accepted=False, code="unknown-command"))


def _to_these_words(given: Given, outcome: Outcome) -> Outcome:
    """The outcome, if it answers this command: of several under one id, one is carried out."""
    if outcome.accepted and outcome.words != words_of(given.command):
        return Outcome(accepted=False, code="idempotency-conflict")
    return outcome


async def _keep_and_foresee(connections: Pool, given: Given) -> Outcome | None:
    """Keep the command's body; answer at once what was answered before or what the case as it stands refuses."""
    body = given.command.model_dump_json()
    row = (given.command_id, given.case_id, given.actor.id, given.command.name, body, given.transport)
    async with connections.connection() as connection, connection.pipeline() as pipeline:
        await connection.execute(KEEP, row)
        kept = await connection.execute(KEPT, (given.command_id,))
        state = await connection.execute(STATE, (given.case_id,))
        await pipeline.sync()
        kept_row, case_row = await kept.fetchone(), await state.fetchone()
        if kept_row is None or kept_row[:2] != (given.case_id, given.actor.id) or kept_row[2] != body:
            return Outcome(accepted=False, code="idempotency-conflict")
        if kept_row[3] is not None:
            return Outcome.model_validate_json(kept_row[3])
        if case_row is None or case_row[0] is None:
            return None
        return await _foresee(connection, given, *case_row)


async def _foresee(connection: Connection, given: Given, state: str, now: datetime) -> Outcome | None:
    case = Case.model_validate_json(state)
    meant = await look_up(connection, case, given.command, given.actor)
    command = given.command
    if isinstance(command, File | Settle):
        command = command.model_copy(update={"number": "given-when-filed"})
    try:
        decide(case, command, meant.context(given.actor, now))
    except Refused as refused:
        return Outcome(accepted=False, code=refused.code, params=to_jsonable_python(refused.params))
    return None


async def _update(client: Client, given: Given) -> Advanced:
    handle = client.get_workflow_handle_for(CaseWorkflow.run, case_workflow_id(given.case_id))
    update_id = str(given.command_id)
    try:
        return await handle.execute_update(
            CaseWorkflow.command, given.command_id, id=update_id, rpc_timeout=RPC_TIMEOUT
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    start = WithStartWorkflowOperation(
        CaseWorkflow.run,
        given.case_id,
        id=case_workflow_id(given.case_id),
        task_queue=CASE_QUEUE,
        task_timeout=TASK_TIMEOUT,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    return await client.execute_update_with_start_workflow(
        CaseWorkflow.command, given.command_id, start_workflow_operation=start, id=update_id, rpc_timeout=RPC_TIMEOUT
    )


async def _find_out(reached: Reach, given: Given, lost: Exception) -> Outcome:
    """The answer got lost on the way: what the store remembers counts."""
    async with reached.pool.connection() as connection:
        row = await (await connection.execute(KEPT, (given.command_id,))).fetchone()
    if row is not None and row[3] is not None:
        return _to_these_words(given, Outcome.model_validate_json(row[3]))
    try:
        healthy = await reached.client.service_client.check_health(timeout=HEALTH_TIMEOUT)
    except (RPCError, RuntimeError):
        healthy = False
    if not healthy:
        raise TemporalUnavailable from lost
    raise StillWorking from lost
