"""What workflows may ask of the world; `activities/` answers. Payloads are ids and small hints."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class AdvanceAsk(_Frozen):
    """Let the case move: carry out the command, if one is named, and whatever the system does by itself."""

    case_id: UUID
    command_id: UUID | None = None


class Outcome(_Frozen):
    """What became of a command: accepted, or refused with a code and what it was about."""

    accepted: bool
    code: str = ""
    params: dict[str, JsonValue] = {}
    words: str = ""  # digest of the command that was carried out: others under the same id were not


class Advanced(_Frozen):
    """How the case stands after `advance`; a hint, of the version it names."""

    version: int
    stage: str
    tier: str = ""
    area: str = ""
    settled: bool
    next_due: datetime | None = None
    outcome: Outcome | None = None


class ReadAsk(_Frozen):
    partition: int


class PlayAsk(_Frozen):
    backtest: UUID


STORE_UNAVAILABLE = "store-unavailable"  # type of the error with which `advance` says so

ADVANCE = "advance"
READ_INBOX = "read_inbox"
PLAY_BACKTEST = "play_backtest"
CASE_QUEUE = "cases"
PERCEPTION_QUEUE = "perception"
BACKTEST_QUEUE = "backtests"


def case_workflow_id(case_id: UUID) -> str:
    return f"case/{case_id}"


def perception_workflow_id(partition: int) -> str:
    return f"perception/{partition}"


def backtest_workflow_id(backtest: UUID) -> str:
    return f"backtest/{backtest}"
