"""Histories that earlier versions wrote must replay: what runs in production is not changed under its feet.

With LINLI_RECORD=1 the test that replays a fresh history keeps it in `histories/`: one per change of a workflow.
"""

import os
from pathlib import Path

import pytest
from histories import HISTORIES, replay
from road import Road
from temporalio.client import WorkflowHistory

from activities.ensure import ensure
from domain.cases import EvidenceRef
from domain.commands import Comment, Handle, Sign
from domain.matters import Evidence
from store.ids import new_id


@pytest.mark.parametrize("recorded", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
async def test_a_recorded_history_replays(recorded: Path, tmp_path: Path) -> None:
    await replay(WorkflowHistory.from_json(recorded.stem, recorded.read_text(encoding="utf-8")), tmp_path)


def test_every_workflow_has_a_recorded_history() -> None:
    assert {path.stem.split("-")[0] for path in HISTORIES.glob("*.json")} == {"case", "perception", "backtest"}


@pytest.mark.servers
async def test_what_has_just_run_replays(road: Road, tmp_path: Path) -> None:
    case_id, handler = await road.assigned()
    photo = EvidenceRef(id=new_id(), kind=Evidence.PHOTO_AFTER)
    for command in (Comment(text="电话已通"), Sign(), Handle(outcome="solved", evidence=(photo,))):
        assert (await road.give(case_id, command, handler)).accepted
    await ensure(road.reach.client, case_id)

    history = await road.reach.client.get_workflow_handle(f"case/{case_id}").fetch_history()

    await replay(history, tmp_path)
    if os.environ.get("LINLI_RECORD"):
        (HISTORIES / "case-to-inspection.json").write_text(history.to_json(), encoding="utf-8")
