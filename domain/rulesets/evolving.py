"""What events make of a ruleset; they are facts, nothing is refused here."""

from collections.abc import Iterable
from functools import reduce

from domain.places import AreaPath
from domain.rulesets.words import (
    Approved,
    Asked,
    Asking,
    Drafted,
    Event,
    Retired,
    RolledBack,
    Ruleset,
    Stage,
    Started,
    Version,
)


def evolved(events: Iterable[Event], since: Ruleset | None = None) -> Ruleset:
    return reduce(evolve, events, since or Ruleset())


def evolve(ruleset: Ruleset, event: Event) -> Ruleset:
    """The ruleset after `event`."""
    version = event.version
    match event:
        case Drafted(author=author):
            return _with(ruleset, Version(id=version, author=author))
        case Retired():
            return _left(ruleset, version)
        case Started(stage=stage, areas=areas):
            return _entered(ruleset, version, stage, areas)
        case RolledBack():
            gone = ruleset.at(Stage.ACTIVE)
            back = _entered(ruleset, version, Stage.ACTIVE, ())
            return back if gone is None else _without(back, gone.id)
        case _:
            return _changed(ruleset, version, asking=_asking(ruleset.versions[version].asking, event))


def _asking(before: Asking | None, event: Event) -> Asking | None:
    match event:
        case Asked(stage=stage, by=by, areas=areas, starts_at=starts_at):
            return Asking(stage=stage, by=by, areas=areas, starts_at=starts_at)
        case Approved(by=by) if before is not None:
            return before.model_copy(update={"approved_by": by})
    return None


def _with(ruleset: Ruleset, version: Version) -> Ruleset:
    return ruleset.model_copy(update={"versions": {**ruleset.versions, version.id: version}})


def _changed(ruleset: Ruleset, version: str, **given: object) -> Ruleset:
    return _with(ruleset, ruleset.versions[version].model_copy(update=given))


def _without(ruleset: Ruleset, version: str) -> Ruleset:
    """Roll-back does not go to `version`."""
    return ruleset.model_copy(update={"formerly": tuple(one for one in ruleset.formerly if one != version)})


def _left(ruleset: Ruleset, version: str) -> Ruleset:
    """The version retires; what was active is what roll-back goes to."""
    was = ruleset.versions[version].stage
    after = _changed(ruleset, version, stage=Stage.RETIRED, areas=(), asking=None)
    if was is not Stage.ACTIVE:
        return after
    after = _without(after, version)
    return after.model_copy(update={"formerly": (*after.formerly, version)})


def _entered(ruleset: Ruleset, version: str, stage: Stage, areas: tuple[AreaPath, ...]) -> Ruleset:
    there = ruleset.at(stage)
    after = _left(ruleset, there.id) if there is not None and there.id != version else ruleset
    after = _changed(after, version, stage=stage, areas=areas, asking=None)
    return _without(after, version) if stage is Stage.ACTIVE else after
