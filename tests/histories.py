"""Histories of workflows, recorded and replayed."""

from pathlib import Path

from road import KEY, sandboxed
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from settings import Settings
from temporal.client import data_converter
from workflows.backtest import BacktestWorkflow
from workflows.case import CaseWorkflow
from workflows.perception import PerceptionWorkflow

HISTORIES = Path(__file__).parent / "workflows" / "histories"


async def replay(history: WorkflowHistory, home: Path) -> None:
    converter = data_converter(Settings(home=home, payload_key=KEY))
    workflows = [CaseWorkflow, PerceptionWorkflow, BacktestWorkflow]
    await Replayer(workflows=workflows, data_converter=converter, workflow_runner=sandboxed()).replay_workflow(history)
