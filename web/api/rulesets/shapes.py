"""What the API says of rulesets."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.people import Actor
from domain.places import AreaPath
from domain.rulesets import Asking, Ruleset, Stage, offered
from store.rulesets import Folder, StepRow, Summary, VersionRow

TEXT = 256 * 1024


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewVersion(Given):
    definition: Annotated[str, Field(max_length=TEXT)]
    template: Annotated[str, Field(max_length=TEXT)]
    note: Annotated[str, Field(max_length=500)] = ""
    based_on: Annotated[str | None, Field(max_length=64)] = None


class AskGiven(Given):
    """`stage`: shadow, canary (with `areas`) or active; `starts_at`: when, if not as soon as it is approved."""

    stage: Stage | None = None
    areas: Annotated[tuple[AreaPath, ...], Field(max_length=200)] = ()
    starts_at: AwareDatetime | None = None
    note: Annotated[str, Field(max_length=500)] = ""


class RollBackGiven(Given):
    """`active`: the version that was seen to be active."""

    active: str | None = None
    note: Annotated[str, Field(max_length=500)] = ""


class Made(BaseModel):
    ruleset: str
    hash: str
    stage: Stage


class Stands(BaseModel):
    """How a version stands, what was asked for it, and what the asker may do next."""

    ruleset: str
    hash: str
    stage: Stage
    areas: list[str]
    asking: Asking | None
    offered: list[str]


class Version(Stands):
    title: str
    since: datetime
    starts_at: datetime | None
    created_at: datetime
    note: str
    based_on: str | None
    author: UUID | None
    author_name: str | None
    crashes: int
    quarantined_at: datetime | None
    runs: bool


class Step(BaseModel):
    hash: str
    step: str
    stage: str
    by: UUID | None
    by_name: str | None
    at: datetime
    note: str
    areas: list[str]
    starts_at: datetime | None


class Found(BaseModel):
    """A ruleset: its versions, the latest first, and every step, in order."""

    id: str
    versions: list[Version]
    steps: list[Step]


class Texts(Stands):
    definition: str
    template: str


def stands(ruleset_id: str, ruleset: Ruleset, hash_: str, actor: Actor) -> Stands:
    version = ruleset.versions[hash_]
    return Stands(
        ruleset=ruleset_id,
        hash=hash_,
        stage=version.stage,
        areas=list(version.areas),
        asking=version.asking,
        offered=list(offered(ruleset, hash_, actor)),
    )


def version(row: VersionRow, ruleset: Ruleset, actor: Actor) -> Version:
    kept = {name: getattr(row, name) for name in Version.model_fields if hasattr(row, name)}
    return Version(**kept | stands(row.ruleset, ruleset, row.hash, actor).model_dump(), runs=row.faults is None)


def step(row: StepRow) -> Step:
    return Step(**{name: getattr(row, name) for name in Step.model_fields})


def item(row: Summary) -> dict[str, Any]:
    """A ruleset in the list; the false alarm rate is between 0 and 1, null while no case has been judged."""
    return {
        "id": row.id,
        "title": row.title,
        "active": row.active,
        "canary": row.canary,
        "canary_areas": row.canary_areas,
        "shadow": row.shadow,
        "drafts": row.drafts,
        "asked": row.asked,
        "starts_at": row.starts_at,
        "author": row.author,
        "changed_at": row.changed_at,
        "faulty": row.faulty,
        "quarantined": row.quarantined,
        "health": {
            "hits": row.health.hits,
            "cases": row.health.cases,
            "true": row.health.true_ones,
            "false": row.health.false_ones,
            "false_alarm_rate": row.health.false_alarm_rate,
        },
    }


def folder(row: Folder) -> dict[str, Any]:
    """A folder, with the version that it became or what is wrong with it."""
    problems = [asdict(problem) for problem in row.problems]
    return {"origin": row.origin, "name": row.name, "hash": row.hash, "problems": problems, "seen_at": row.seen_at}
