"""What fails in a loop is written down once and passed over; only the loss of a server ends a turn."""

import psycopg
import pytest
import structlog
from psycopg_pool import PoolTimeout
from structlog.testing import capture_logs
from temporalio.service import RPCError, RPCStatusCode

from activities.lasting import Failures

LOST = (
    psycopg.OperationalError("the connection is closed"),
    psycopg.errors.AdminShutdown("terminating connection"),
    PoolTimeout("no connection after 5 s"),
    RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b""),
    TimeoutError(),
)
REFUSED = (
    ValueError("a row that nobody can read"),
    psycopg.DataError("timestamp too large"),
    psycopg.errors.QueryCanceled("statement timeout"),
    RPCError("no such thing", RPCStatusCode.INVALID_ARGUMENT, b""),
)


def failures() -> Failures:
    return Failures(structlog.get_logger())


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
def test_the_loss_of_a_server_ends_the_turn_and_not_the_loop(error: Exception) -> None:
    kept = failures()
    turns = []
    for turn in range(2):
        with kept.outlived("turn"), kept.passed_over("item"):
            turns.append(turn)
            raise error
    assert turns == [0, 1]
    with pytest.raises(type(error)), kept.passed_over("item"):
        raise error


@pytest.mark.parametrize("error", REFUSED, ids=lambda error: type(error).__name__)
def test_what_fails_by_itself_is_passed_over(error: Exception) -> None:
    done = []
    kept = failures()
    for item in ("bad", "good"):
        with kept.passed_over("item", name=item):
            if item == "bad":
                raise error
            done.append(item)
    assert done == ["good"]


def test_the_same_failure_is_written_down_once_until_it_is_another_or_was_mended() -> None:
    kept = failures()
    with capture_logs() as logs:
        for said in ("a", "a", "b", "", "b"):
            with kept.passed_over("item", name="x"):
                if said:
                    raise ValueError(said)
    assert [(one["event"], one["name"]) for one in logs] == [("item", "x")] * 3
