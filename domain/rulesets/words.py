"""What people may ask for a version of a ruleset, what then happened, and how it stands.

A version is a draft until two people want it in force: one asks for a stage, another, who did not write it, approves.
At most one version is in each of shadow, canary and active; who comes in takes the place of who was there.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.matters import Frozen
from domain.places import AreaPath

Note = Annotated[str, Field(max_length=500)]
Areas = Annotated[tuple[AreaPath, ...], Field(max_length=200)]


class Stage(StrEnum):
    """Where a version stands; the labels are in the glossary."""

    DRAFT = "draft"
    SHADOW = "shadow"  # decides, and opens no case
    CANARY = "canary"  # decides in its areas
    ACTIVE = "active"
    RETIRED = "retired"


IN_FORCE = (Stage.SHADOW, Stage.CANARY, Stage.ACTIVE)


class Ask(Frozen):
    """Let the version enter `stage`, at `starts_at` or as soon as it is approved."""

    name: Literal["ask"] = "ask"
    version: str
    stage: Stage
    areas: Areas = ()
    starts_at: AwareDatetime | None = None
    note: Note = ""


class Approve(Frozen):
    name: Literal["approve"] = "approve"
    version: str
    note: Note = ""


class Refuse(Frozen):
    """Another person says no; also to what was approved and has not started."""

    name: Literal["refuse"] = "refuse"
    version: str
    note: Note = ""


class Withdraw(Frozen):
    """The asker thinks better of it; also of what was approved and has not started."""

    name: Literal["withdraw"] = "withdraw"
    version: str
    note: Note = ""


class Retire(Frozen):
    name: Literal["retire"] = "retire"
    version: str
    note: Note = ""


class RollBack(Frozen):
    """Back to the version that was active before. `active`: which one was seen to be active, where that is known."""

    name: Literal["roll_back"] = "roll_back"
    active: str | None = None
    note: Note = ""


class Start(Frozen):
    """What the system does by itself: what was approved begins when its time has come."""

    name: Literal["start"] = "start"
    version: str
    note: Note = ""


Command = Ask | Approve | Refuse | Withdraw | Retire | RollBack | Start


class Drafted(Frozen):
    """A version came to be; `author` None: it lay in a folder."""

    step: Literal["drafted"] = "drafted"
    version: str
    author: str | None = None


class Asked(Frozen):
    step: Literal["asked"] = "asked"
    version: str
    stage: Stage
    by: str
    areas: Areas = ()
    starts_at: AwareDatetime | None = None


class Approved(Frozen):
    step: Literal["approved"] = "approved"
    version: str
    by: str


class Declined(Frozen):
    """Refused by another person, or by the system where it could not start."""

    step: Literal["refused"] = "refused"
    version: str


class Withdrawn(Frozen):
    step: Literal["withdrawn"] = "withdrawn"
    version: str


class Started(Frozen):
    """The version entered `stage`; whoever was there retires."""

    step: Literal["started"] = "started"
    version: str
    stage: Stage
    areas: Areas = ()


class Retired(Frozen):
    step: Literal["retired"] = "retired"
    version: str


class RolledBack(Frozen):
    """`version` is active again, in place of the one that was."""

    step: Literal["rolled_back"] = "rolled_back"
    version: str


Event = Annotated[
    Drafted | Asked | Approved | Declined | Withdrawn | Started | Retired | RolledBack, Field(discriminator="step")
]


class Asking(Frozen):
    """What was asked for a version, and who approved it; then it waits for `starts_at`."""

    stage: Stage
    by: str
    areas: tuple[AreaPath, ...] = ()
    starts_at: AwareDatetime | None = None
    approved_by: str | None = None


class Version(Frozen):
    """`id` is the hash of its texts; `author` None: it lay in a folder."""

    id: str
    author: str | None = None
    stage: Stage = Stage.DRAFT
    areas: tuple[AreaPath, ...] = ()
    asking: Asking | None = None


class Ruleset(Frozen):
    """All versions of one ruleset. `formerly`: which were active, without the one that is; the latest last."""

    versions: Mapping[str, Version] = {}
    formerly: tuple[str, ...] = ()

    def at(self, stage: Stage) -> Version | None:
        """The version in a stage that only one may be in."""
        return next((version for version in self.versions.values() if version.stage is stage), None)
