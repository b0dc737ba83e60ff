"""Whether a version of a ruleset may take a step, and what happens then."""

from datetime import timedelta

from pydantic import AwareDatetime

from domain.lifecycle.refusal import Refused, require
from domain.matters import Frozen
from domain.people import Actor, Role
from domain.rulesets.words import (
    IN_FORCE,
    Approve,
    Approved,
    Ask,
    Asked,
    Asking,
    Command,
    Declined,
    Event,
    Refuse,
    Retire,
    Retired,
    RollBack,
    RolledBack,
    Ruleset,
    Stage,
    Start,
    Started,
    Version,
    Withdraw,
    Withdrawn,
)

LATEST_START = timedelta(days=366)  # from when it is asked


class Context(Frozen):
    """Who acts and when. `problems`: how many faults lint and the version's own tests find in it."""

    actor: Actor
    now: AwareDatetime
    problems: int = 0


def decide(ruleset: Ruleset, command: Command, context: Context) -> tuple[Event, ...]:
    """What happens to `ruleset` when `context.actor` gives `command`.

    Raises Refused with a stable code and parameters when it may not.
    """
    role = Role.RULE if isinstance(command, Start) else Role.RULE_AUTHOR
    require(role in context.actor.roles, "not-permitted", command=command.name)
    if isinstance(command, RollBack):
        return (_roll_back(ruleset, command),)
    version = ruleset.versions.get(command.version)
    if version is None:
        raise Refused("version-unknown", version=command.version)
    match command:
        case Ask():
            return (_ask(version, command, context),)
        case Approve():
            return _approve(version, context)
        case Start():
            return (_start(version, context),)
        case Refuse() | Withdraw():
            return (_take_back(version, command, context),)
        case Retire():
            require(version.stage is not Stage.RETIRED, "retired-already")
            return (Retired(version=version.id),)


def offered(ruleset: Ruleset, version_id: str, actor: Actor) -> tuple[str, ...]:
    """The names of the commands that `actor` may give for a version, soundness and the details aside."""
    version = ruleset.versions.get(version_id)
    if version is None or Role.RULE_AUTHOR not in actor.roles:
        return ()
    asking, active = version.asking, version.stage is Stage.ACTIVE
    own = asking is not None and asking.by == actor.id
    may = {
        "ask": asking is None and not active,
        "approve": asking is not None and not asking.approved_by and not own and version.author != actor.id,
        "refuse": asking is not None and not own,
        "withdraw": own,
        "retire": version.stage is not Stage.RETIRED,
        "roll_back": active and bool(ruleset.formerly),
    }
    return tuple(name for name, allowed in may.items() if allowed)


def _ask(version: Version, wanted: Ask, context: Context) -> Asked:
    require(wanted.stage in IN_FORCE, "stage-not-asked", field="stage")
    if version.asking is not None:
        raise Refused("asked-already", to=version.asking.stage.value)
    require(version.stage is not Stage.ACTIVE, "active-already")
    require((version.stage, version.areas) != (wanted.stage, wanted.areas), "there-already", to=wanted.stage.value)
    require(bool(wanted.areas) or wanted.stage is not Stage.CANARY, "areas-missing", field="areas")
    require(not wanted.areas or wanted.stage is Stage.CANARY, "areas-not-asked", field="areas")
    require(wanted.starts_at is None or wanted.starts_at > context.now, "start-is-past", field="starts_at")
    too_far = wanted.starts_at is not None and wanted.starts_at > context.now + LATEST_START
    require(not too_far, "start-too-far", field="starts_at")
    _sound(context)
    return Asked(
        version=version.id,
        stage=wanted.stage,
        by=context.actor.id,
        areas=wanted.areas,
        starts_at=wanted.starts_at,
    )


def _approve(version: Version, context: Context) -> tuple[Event, ...]:
    asking = _asking(version)
    require(asking.approved_by is None, "approved-already", until=asking.starts_at)
    require(context.actor.id != version.author, "own-version")
    require(context.actor.id != asking.by, "own-asking")
    _sound(context)
    approved = Approved(version=version.id, by=context.actor.id)
    if asking.starts_at is not None and asking.starts_at > context.now:
        return (approved,)
    return approved, Started(version=version.id, stage=asking.stage, areas=asking.areas)


def _start(version: Version, context: Context) -> Event:
    """What has become faulty since it was approved, as the catalogue changed, does not start."""
    asking = _asking(version)
    require(asking.approved_by is not None, "not-approved")
    require(asking.starts_at is None or asking.starts_at <= context.now, "too-early", until=asking.starts_at)
    if context.problems:
        return Declined(version=version.id)
    return Started(version=version.id, stage=asking.stage, areas=asking.areas)


def _take_back(version: Version, command: Refuse | Withdraw, context: Context) -> Event:
    own = _asking(version).by == context.actor.id
    if isinstance(command, Withdraw):
        require(own, "not-the-asker")
        return Withdrawn(version=version.id)
    require(not own, "own-asking")
    return Declined(version=version.id)


def _roll_back(ruleset: Ruleset, command: RollBack) -> RolledBack:
    active = ruleset.at(Stage.ACTIVE)
    require(command.active is None or (active is not None and active.id == command.active), "active-is-another")
    require(bool(ruleset.formerly), "nothing-before")
    return RolledBack(version=ruleset.formerly[-1])


def _asking(version: Version) -> Asking:
    if version.asking is None:
        raise Refused("nothing-asked")
    return version.asking


def _sound(context: Context) -> None:
    require(not context.problems, "not-sound", faults=context.problems)
